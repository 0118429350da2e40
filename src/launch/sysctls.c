/* SPDX-License-Identifier: Apache-2.0 */
/* linux.sysctl, written by somebody who comes from outside: the kernel shows each process the
 * settings of its own namespaces, so he joins them.  Serves restore and check. */

#include <sched.h>

#include "launch/host.h"
#include "os/dumpable.h"

/* Those that have settings. */
static const uint64_t kinds = CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;

fallible sysctls_write_inside(const struct launch *launch)
{
    const struct plan *plan = launch->plan;
    uint64_t joined = plan->namespaces.own & kinds;

    try(dumpable_hide());
    if (setns(launch->host->pidfd, (int) joined))
        return error_system("join the namespaces of the container");
    if (joined & CLONE_NEWUSER)
        try(user_ns_become(&plan->user_ns, false));
    return sysctl_apply(&plan->sysctl, false);
}
