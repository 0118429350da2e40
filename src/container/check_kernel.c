/* SPDX-License-Identifier: Apache-2.0 */
/* check: the kernel, and the namespaces that it makes.  Each kind is made as a start makes it. */

#include <linux/capability.h>
#include <sched.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "container/check_probes.h"
#include "launch/survey.h"
#include "os/keeper.h"
#include "os/kernel.h"
#include "os/namespace_kinds.h"
#include "os/pidfd.h"
#include "os/sealed_self.h"
#include "os/self.h"

fallible check_version(struct probe *probe)
{
    char name[KERNEL_NAME_SIZE];

    try(kernel_check_version(name));
    text_format(probe->found, TRIAL_FOUND_SIZE, "%s", name);
    return OK;
}

fallible check_calls(struct probe *probe)
{
    char names[TRIAL_FOUND_SIZE];

    (void) probe;
    if (!kernel_list_missing(names, sizeof(names)))
        return OK;
    return error_new(ERROR_UNSUPPORTED, "the kernel lacks, or a filter refuses, %s", names);
}

fallible check_pidfd(struct probe *probe)
{
    (void) probe;
    return pidfd_demand();
}

fallible check_init(struct probe *probe)
{
    auto_close int init = -1;

    (void) probe;
    return sealed_self_open(false, &init);
}

/* CLONE_NEWUSER where we may make no other namespace without, else 0. */
static uint64_t flag_of_user(void)
{
    return self_has_capability(CAP_SYS_ADMIN) ? 0 : CLONE_NEWUSER;
}

/* Of time it is made for the children of who asks, as by the bridge. */
static fallible unshare_time(uint64_t user)
{
    if (unshare((int) user | CLONE_NEWTIME))
        return namespace_kinds_refused("unshare", CALL_UNSHARE, user | CLONE_NEWTIME);
    return OK;
}

fallible check_namespace(struct probe *probe)
{
    uint64_t flag = probe->check->flag, user = flag_of_user();
    struct keeper keeper = { -1, -1, -1 };

    if (flag == CLONE_NEWTIME)
        return unshare_time(user);
    try(survey_bear(flag | user, &keeper));
    keeper_end(&keeper);
    return OK;
}
