/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct arena;
struct oci_f_seccomp;
struct oci_seccomp;
struct sock_filter;

/*
 * linux.seccomp (config-linux.md#seccomp): a program that the kernel asks about every system call
 * of the process (seccomp(2)).  The host compiles it while it plans, so that a wrong rule is an
 * error before anything is made; init only loads it.
 *
 * Where it is loaded: a process that may gain privileges (no process.noNewPrivileges) needs
 * CAP_SYS_ADMIN for it, so the filter comes before init gives up its own; then it has to let
 * through what init still does to become the user.  Otherwise it comes as late as can be, and has
 * to let through only
 *
 *     sendto execve                         always
 *     close recvmsg                         for a container that waits for `start`
 *     prlimit64                             for process.rlimits
 *     clone pipe2 fcntl poll read write close kill wait4 and what the hooks themselves call
 *                                           for startContainer hooks, which run under it
 *     exit_group                            to end, should one of the others fail
 */
struct seccomp_plan {
    const struct sock_filter *program; /* NULL: no filter */
    uint32_t length;                   /* instructions */
    uint32_t flags;                    /* of seccomp(2) */
    bool has_listener;
};

/* Checks linux.seccomp (NULL: none) and compiles it into the arena.  The program has exactly the
 * actions of the profile; a call by an architecture that is not in it kills the thread.
 *
 * Unknown names of system calls warn and are left out, or are ERROR_CONFIG if IS_STRICT.
 * Architectures of the other byte order warn and are left out; so is, without a word, a rule with
 * the default action.
 * Several conditions on one argument of a rule each make a rule of their own, as other runtimes
 * have it; which of several entries for one call is heard, says security/seccomp_filter.h.
 * Anything else that is wrong is ERROR_CONFIG; what libseccomp or the running kernel lacks is
 * ERROR_UNSUPPORTED. */
fallible seccomp_plan(const struct oci_seccomp *seccomp, bool is_strict, struct arena *arena,
                      struct seccomp_plan *plan);

/* The members of features' linux.seccomp. */
fallible seccomp_describe(struct arena *arena, struct oci_f_seccomp *features);

/* The version of the libseccomp that is built in, "2.5.4" (in the arena), or NULL: without one
 * (--without-seccomp, seccomp_none.c), or when the arena is full. */
const char *seccomp_library_version(struct arena *arena);

/* Inside: loads the filter.  A listener is given to the host over CHANNEL
 * (channel_hear_descriptor()), from a thread that is not filtered, and is closed here; then waits
 * for channel_release() without a system call. */
fallible seccomp_apply(const struct seccomp_plan *plan, int channel);

/* From the host: connects to linux.seccomp.listenerPath (AF_UNIX, SOCK_STREAM; from the bundle, if
 * it is relative).  An agent that neither accepts nor reads is waited for ten seconds, or until
 * the deadline (os/deadline.h). */
fallible seccomp_connect(int bundle, const char *path, int *agent);

/* From the host: sends the container process state and, with its first byte, the listener. */
fallible seccomp_send_listener(int agent, int listener, const char *state, size_t length);

/* From the host: reads back from /proc/PID/status (proc(5)) that the process, a descendant of ours,
 * is under a filter more than we are (before Linux 5.9: under any); ERROR_READ_BACK.  GROUPS: how
 * many supplementary groups it or we have at most, which may fill that file. */
fallible seccomp_verify(int proc, int pid, uint32_t groups, struct arena *arena);
