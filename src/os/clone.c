/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clone3(2) with and without a memory of its own for the child.
 *
 * A child on our stack returns from the system call first, and what it calls then takes the places
 * below.  So nothing that we still need may be there: not the return address of libc's syscall(),
 * and nothing of a caller that a compiler has made one function of with what the child does.
 */
#include "os/clone.h"

#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>

#include "os/syscalls.h"

/* What looks after the stack (-fsanitize=address) is told of none but vfork(2) itself. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#if defined __x86_64__ && !defined __SANITIZE_ADDRESS__
const bool clone_can_share = true;

static inline long call_clone3(const struct clone_args *arguments)
{
    long result = SYS_clone3;

    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(arguments), "S"(sizeof(*arguments))
                     : "rcx", "r11", "memory");
    return result;
}
#else
const bool clone_can_share = false;

static inline long call_clone3(const struct clone_args *arguments)
{
    long result = syscall(SYS_clone3, arguments, sizeof(*arguments));

    return result < 0 ? -errno : result;
}
#endif

/* For a child that a cgroup then refused the kernel has written one, and taken it back
 * (copy_process() of kernel/fork.c). */
static void forget_pidfd(int *pidfd)
{
    if (pidfd)
        *pidfd = -1;
}

__attribute__((noinline)) pid_t clone_bear(const struct clone_args *arguments, bool shares,
                                           void (*live)(void *) __attribute__((noreturn)),
                                           void *context)
{
    void (*volatile lives)(void *) = live;
    struct clone_args asked = *arguments;

    asked.flags |= shares && clone_can_share ? CLONE_VM | CLONE_VFORK : 0;
    long result = call_clone3(&asked);
    if (result == 0)
        lives(context);
    if (result > 0)
        return (pid_t) result;
    forget_pidfd((int *) (uintptr_t) asked.pidfd);
    errno = (int) -result;
    return -1;
}

/* The order of the last arguments differs between architectures; here they are the same NULL. */
pid_t clone_fork(uint64_t namespaces, int *pidfd)
{
    const unsigned long flags = namespaces | CLONE_PIDFD | SIGCHLD;
    pid_t pid = (pid_t) syscall(SYS_clone, flags, NULL, pidfd, NULL, NULL);

    if (pid < 0)
        forget_pidfd(pidfd);
    return pid;
}
