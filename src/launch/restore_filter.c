/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.seccomp of a container that criu has restored (R21).  The programs stand in the images, and
 * say whatever these say: so they are read back from every thread, and the first of them has to be
 * the very one that is compiled from the config.  What the container has loaded on top of it can
 * only forbid more (seccomp(2)).
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "launch/host.h"
#include "launch/reasons.h"
#include "launch/restore.h"
#include "os/ptrace.h"

static fallible compare(const struct seccomp_plan *plan, pid_t thread, struct sock_filter *program)
{
    uint32_t length, flags = 0;

    try(ptrace_read_filter(thread, 0, program, &length));
    if (!length)
        return restore_refuse("linux.seccomp", thread, "is not filtered");
    if (length != plan->length || memcmp(program, plan->program, length * sizeof(*program)) != 0)
        return error_hint(restore_refuse("linux.seccomp", thread, "has another seccomp filter"),
                          "it has to be what this version of tare makes of this config: another's "
                          "cannot be told from a forged one; restore it by whoever wrote it down, "
                          "or start it anew");
    try(ptrace_read_filter_flags(thread, 0, &flags));
    return plan->flags & SECCOMP_FILTER_FLAG_LOG & ~flags
               ? restore_refuse("linux.seccomp", thread, "does not log")
               : OK;
}

fallible restore_check_filter(const struct restored *restored, pid_t thread)
{
    const struct plan *plan = restored->launch->plan;

    if (!has_filter(plan))
        return OK;
    try(ptrace_hold(thread));
    struct error *error = compare(&plan->seccomp, thread, restored->program);
    struct error *other = ptrace_let_go(thread);
    if (!error)
        return other;
    error_forget(other);
    return error;
}
