/* SPDX-License-Identifier: Apache-2.0 */
/* Looks into the threads of other processes; serves restore.  The kernel shows seccomp filters to
 * nobody but a tracer. */

#include "os/ptrace.h"

#include <errno.h>
#include <linux/filter.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "os/clock.h"

/* From linux/ptrace.h, which cannot be included beside sys/ptrace.h. */
struct filter_metadata {
    uint64_t number, flags;
};

enum { SECOND = 1000000000, HOLD_SECONDS = 10 };

/* A stop is told to the tracer as it is to a parent; it comes at once, or something is wrong. */
static fallible await_stop(pid_t thread)
{
    uint64_t deadline = clock_now() + (uint64_t) HOLD_SECONDS * SECOND;
    int status;

    for (;;) {
        pid_t got = waitpid(thread, &status, WNOHANG | __WALL);
        if (got < 0 && errno != EINTR)
            return error_system("wait for thread %d", thread);
        if (got > 0 && WIFSTOPPED(status))
            return OK;
        if (got > 0)
            return error_new(ERROR_STATE, "thread %d has ended", thread);
        if (clock_now() >= deadline)
            return error_new(ERROR_TIMEOUT, "thread %d does not stop", thread);
        poll(NULL, 0, 1);
    }
}

fallible ptrace_hold(pid_t thread)
{
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL))
        return error_call(error_system("trace thread %d", thread), CALL_PTRACE, NULL);
    struct error *error = ptrace(PTRACE_INTERRUPT, thread, NULL, NULL)
                              ? error_system("interrupt thread %d", thread)
                              : await_stop(thread);
    if (error)
        error_forget(ptrace_let_go(thread));
    return error;
}

fallible ptrace_let_go(pid_t thread)
{
    if (ptrace(PTRACE_DETACH, thread, NULL, NULL))
        return error_system("let go of thread %d", thread);
    return OK;
}

static fallible explain(pid_t thread)
{
    if (errno == EACCES)
        return error_hint(
            error_errno(ERROR_UNSUPPORTED, "read the seccomp filters of thread %d", thread),
            "the kernel shows them to root alone, and not to who has one itself");
    if (errno == EIO)
        return error_errno(ERROR_UNSUPPORTED,
                           "read the seccomp filters of thread %d: the kernel "
                           "lacks CONFIG_CHECKPOINT_RESTORE",
                           thread);
    return error_system("read the seccomp filters of thread %d", thread);
}

fallible ptrace_read_filter(pid_t thread, uint32_t number, struct sock_filter *program,
                            uint32_t *length)
{
    *length = 0;
    long got = ptrace(PTRACE_SECCOMP_GET_FILTER, thread, (void *) (uintptr_t) number, NULL);
    if (got > PTRACE_PROGRAM_MOST)
        return error_new(ERROR_PROTOCOL, "a seccomp filter is too long");
    if (got >= 0)
        got = ptrace(PTRACE_SECCOMP_GET_FILTER, thread, (void *) (uintptr_t) number, program);
    /* Of one without a filter it says that the argument is wrong. */
    if (got < 0 && errno != ENOENT && errno != EINVAL)
        return explain(thread);
    *length = got < 0 ? 0 : (uint32_t) got;
    return OK;
}

fallible ptrace_read_filter_flags(pid_t thread, uint32_t number, uint32_t *flags)
{
    struct filter_metadata found = { .number = number };

    if (ptrace(PTRACE_SECCOMP_GET_METADATA, thread, (void *) sizeof(found), &found) < 0)
        return explain(thread);
    *flags = (uint32_t) found.flags;
    return OK;
}
