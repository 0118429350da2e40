/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clone3(2) with and without a memory of its own for the child.
 *
 * A child on our stack returns from the system call first, and what it calls then takes the places
 * below.  So nothing that we still need may be there: not the return address of libc's syscall().
 */
#include "os/clone.h"

#include <linux/sched.h>
#include <stdint.h>

#include "os/syscalls.h"

/* What looks after the stack (-fsanitize=address) is told of none but vfork(2) itself. */
#if defined __x86_64__ && !defined __SANITIZE_ADDRESS__
static const uint64_t sharing = CLONE_VM | CLONE_VFORK;

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
static const uint64_t sharing = 0;

static inline long call_clone3(const struct clone_args *arguments)
{
    long result = syscall(SYS_clone3, arguments, sizeof(*arguments));

    return result < 0 ? -errno : result;
}
#endif

pid_t clone_bear(const struct clone_args *arguments, bool shares,
                 void (*live)(void *) __attribute__((noreturn)), void *context)
{
    struct clone_args asked = *arguments;

    asked.flags |= shares ? sharing : 0;
    long result = call_clone3(&asked);
    if (result == 0)
        live(context);
    if (result > 0)
        return (pid_t) result;
    errno = (int) -result;
    return -1;
}
