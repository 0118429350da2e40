/* SPDX-License-Identifier: Apache-2.0 */
/* Who init is in its user namespace.  A child that is born into a new one has all capabilities
 * there, but is nobody: its ids are not mapped, or not to root; an exec would take the capabilities
 * away.  Part of both programs: birth needs it before the init program runs, the bridge behind. */

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "namespace/user_ns.h"

enum { CAPABILITIES = 64 };

/* 0, or where the namespace has no such id that of the process. */
static fallible set_id(long call, const char *what, uint32_t fallback)
{
    if (!syscall(call, 0, 0, 0))
        return OK;
    if (errno != EINVAL)
        return error_system("become %s 0 of the user namespace", what);
    if (syscall(call, fallback, fallback, fallback))
        return error_system("become %s %u of the user namespace", what, fallback);
    return OK;
}

/* The groups of the caller have no business here; where the namespace refuses setgroups(2), what
 * is left of them is judged when init becomes the user of the process. */
static fallible drop_groups(void)
{
    if (syscall(SYS_setgroups, 0, NULL) && errno != EPERM)
        return error_system("drop the supplementary groups");
    return OK;
}

static fallible raise_capabilities(bool survives_exec)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { 0 };

    if (syscall(SYS_capget, &header, data))
        return error_system("read the capabilities");
    for (int i = 0; i < 2; i++) {
        data[i].effective = data[i].permitted;
        if (survives_exec)
            data[i].inheritable = data[i].permitted;
    }
    if (syscall(SYS_capset, &header, data))
        return error_system("raise the capabilities");
    for (int i = 0; survives_exec && i < CAPABILITIES; i++)
        if (data[i / 32].permitted >> i % 32 & 1 &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0))
            return error_system("raise the ambient capability %d", i);
    return OK;
}

fallible user_ns_become(const struct user_ns_plan *plan, bool survives_exec)
{
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
        return error_system("keep the capabilities while the user changes");
    try(drop_groups());
    try(set_id(SYS_setresgid, "gid", plan->gid));
    try(set_id(SYS_setresuid, "uid", plan->uid));
    if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0))
        return error_system("stop keeping capabilities when the user changes");
    return raise_capabilities(survives_exec);
}

/* What is not inheritable cannot be ambient: the kernel lowers both. */
fallible user_ns_settle(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { 0 };

    if (syscall(SYS_capget, &header, data))
        return error_system("read the capabilities");
    data[0].inheritable = data[1].inheritable = 0;
    if (syscall(SYS_capset, &header, data))
        return error_system("lower the inheritable capabilities");
    return OK;
}
