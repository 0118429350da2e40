/* SPDX-License-Identifier: Apache-2.0 */
/* linux.sysctl, written by somebody who comes from outside: the kernel shows each process the
 * settings of its own namespaces, so he joins them.  Serves restore and check. */

#include <sched.h>

#include "launch/host.h"
#include "os/dumpable.h"

/* Those that have settings. */
static const uint64_t kinds = CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;

fallible launch_join(const struct launch *launch, uint64_t wanted)
{
    const struct plan *plan = launch->plan;
    uint64_t joined = plan->namespaces.own & wanted;

    try(dumpable_hide());
    if (setns(launch->host->pidfd, (int) joined))
        return error_system("join the namespaces of the container");
    return joined & CLONE_NEWUSER ? user_ns_become(&plan->user_ns, false) : OK;
}

fallible sysctls_write_inside(const struct launch *launch)
{
    try(launch_join(launch, kinds));
    return sysctl_apply(&launch->plan->sysctl, false);
}
