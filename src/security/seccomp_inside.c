/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp, init's half.  Behind the load each system call is the profile's to allow, or the
 * agent's to answer, who needs the listener first.  So a thread that is not filtered gives it to
 * the host and closes it: while we held it, a call would wait for ever for an agent that has gone.
 * The thread is gone as well when the program begins. */

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/channel.h"
#include "security/seccomp.h"

enum { POLL_NANOSECONDS = 20000, EXIT_UNANSWERED = 96, STACK_SIZE = 65536 };

#if defined __x86_64__
#define relax() __builtin_ia32_pause()
#else
#define relax() __asm__ volatile("" ::: "memory")
#endif

/* What the two threads share. */
struct messenger {
    int channel;
    int number; /* of the listener */
    bool is_done;
};

/* The lowest free number is the next descriptor's. */
static fallible foresee_number(int *number)
{
    auto_close int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

    if (fd < 0)
        return error_system("find a number for the listener");
    *number = fd;
    return OK;
}

/* Until init has loaded the filter.  errno is init's as well, so that until then only what ends all
 * of it may fail: poll(2) takes a number that is not open yet, and then does not wait. */
static fallible await_listener(int number)
{
    const struct timespec moment = { .tv_nsec = POLL_NANOSECONDS };
    struct pollfd listener = { .fd = number };

    for (;;) {
        int found = poll(&listener, 1, 0);
        if (found < 0 && errno != EINTR)
            return error_system("wait for the listener");
        if (found >= 0 && !(listener.revents & POLLNVAL))
            return OK;
        nanosleep(&moment, NULL);
    }
}

/* Whatever goes wrong here ends all of init, which could not do so itself. */
static int hand_over(void *argument)
{
    struct messenger *messenger = argument;

    struct error *error = await_listener(messenger->number);
    if (!error)
        error = channel_send_descriptor(messenger->channel, messenger->number);
    close(messenger->number);
    if (error)
        error_forget(channel_send_error(messenger->channel, error));
    if (error || !channel_await_release(messenger->channel))
        syscall(SYS_exit_group, EXIT_UNANSWERED);
    __atomic_store_n(&messenger->is_done, true, __ATOMIC_RELEASE);
    return 0;
}

static fallible send_messenger(struct messenger *messenger, int channel)
{
    static char stack[STACK_SIZE] __attribute__((aligned(16)));
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

    messenger->channel = channel;
    try(foresee_number(&messenger->number));
    if (clone(hand_over, stack + sizeof(stack), flags, messenger) < 0)
        return error_hint(error_system("start a thread that hands the listener over"),
                          "it takes a second process for a moment, by linux.resources.pids too");
    return OK;
}

static fallible explain(void)
{
    struct error *error = error_system("seccomp");

    if (error->number == EACCES)
        return error_hint(error, "without process.noNewPrivileges it needs CAP_SYS_ADMIN");
    if (error->number == EBUSY)
        return error_hint(error, "tare itself is under a filter with a listener, and the kernel "
                                 "allows only one");
    return error;
}

static fallible load(const struct seccomp_plan *plan, long *result)
{
    const struct sock_fprog program = { (unsigned short) plan->length,
                                        (struct sock_filter *) plan->program };

    *result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, plan->flags, &program);
    return *result < 0 ? explain() : OK;
}

fallible seccomp_apply(const struct seccomp_plan *plan, int channel)
{
    static struct messenger messenger;
    long result = 0;

    if (!plan->has_listener) {
        try(load(plan, &result));
        if (result > 0)
            return error_new(ERROR_READ_BACK, "seccomp: thread %ld has no such filter", result);
        return OK;
    }
    try(send_messenger(&messenger, channel));
    try(load(plan, &result));
    if (result != messenger.number)
        return error_new(ERROR_READ_BACK, "the listener is %ld, not %d", result, messenger.number);
    while (!__atomic_load_n(&messenger.is_done, __ATOMIC_ACQUIRE))
        relax();
    return OK;
}
