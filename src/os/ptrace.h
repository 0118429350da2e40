/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct sock_filter;

/*
 * A thread of another process that is held to be looked at (ptrace(2)).  It must not be able to
 * run: who holds it must be waited for.  Needs CAP_SYS_PTRACE over it.  Host only.
 */
fallible ptrace_hold(pid_t thread);
fallible ptrace_let_go(pid_t thread);

/* The thread's seccomp filter of that number, as it was loaded; 0 is the first.  PROGRAM has room
 * for ROOM instructions; LENGTH is 0 when there is no such filter.  The kernel tells it to who has
 * CAP_SYS_ADMIN and is not filtered, if it was built for criu: else ERROR_UNSUPPORTED. */
enum { PTRACE_PROGRAM_MOST = 4096 };
fallible ptrace_read_filter(pid_t thread, uint32_t number, struct sock_filter *program,
                            uint32_t *length);

/* The flags of seccomp(2) with which it was loaded, as far as the kernel tells them. */
fallible ptrace_read_filter_flags(pid_t thread, uint32_t number, uint32_t *flags);
