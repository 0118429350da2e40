/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct clone_args;

/*
 * Bears a child by clone3(2), which lives by LIVE(CONTEXT); that does not return.  Returns the
 * child's pid, or -1 with errno, and the pidfd that was asked for is -1 then.
 *
 * Who SHARES has nothing copied: as with vfork(2) the child is in our memory, on our stack, and we
 * stand still until it executes a program or ends.  What it writes there we find changed, errno
 * included; it waits for nothing that we would have to do.  Where the code does not provide for
 * that machine (clone_can_share), it is a copy all the same.  Host only.
 */
extern const bool clone_can_share;
pid_t clone_bear(const struct clone_args *arguments, bool shares,
                 void (*live)(void *) __attribute__((noreturn)), void *context);

/* As fork(2), in these new namespaces (CLONE_NEW*): the child's pid and, O_CLOEXEC, its pidfd; 0 in
 * the child; or -1 with errno, and the pidfd is -1 then. */
pid_t clone_fork(uint64_t namespaces, int *pidfd);
