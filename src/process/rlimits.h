/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct oci_process;

/* process.rlimits (config.md#posix-process). */
struct rlimit_plan {
    int resource; /* RLIMIT_* */
    uint64_t soft, hard;
    bool is_raised; /* the hard limit is above the one that we have */
    const char *name;
};
struct rlimits_plan {
    struct rlimit_plan *v;
    uint32_t n;
    uint32_t raised; /* how many are */
};

/* Unknown or repeated types, and soft above hard, are ERROR_CONFIG. */
fallible rlimits_plan(const struct oci_process *process, struct arena *arena,
                      struct rlimits_plan *plan);

/* From the host: raises the hard limits of the process that are to be raised (CAP_SYS_RESOURCE;
 * prlimit(2)), and lowers no soft limit that it need not. */
fallible rlimits_raise(const struct rlimits_plan *plan, pid_t pid);

/* Inside: sets all of them for the caller, and reads them back. */
fallible rlimits_set(const struct rlimits_plan *plan);

/* A program that does not fit into RLIMIT_AS or RLIMIT_DATA is ended by the kernel with SIGSEGV,
 * when execve(2) can no longer fail.  ERROR_CONFIG with "process.rlimits[0].soft" if a process that
 * STATUS (128+N) says has ended so had a limit below what programs need, else OK. */
fallible rlimits_explain_end(const struct oci_process *process, int status);
