/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct arena;
struct seccomp_plan;
struct sock_filter;

/*
 * What a filter decides, between the config (seccomp_rules.c) and the program (seccomp_program.c).
 *
 * Which action a call gets, of the entries that name it:
 *
 *   - The first one without conditions, whatever others say.
 *   - Otherwise the narrowest one whose conditions all hold.  Conditions go by the argument, and
 *     are compared one after the other, up to the first that differ: narrower is the one that looks
 *     at a later argument; of the same, the one with the narrower comparison, which is EQ,
 *     MASKED_EQ, LT and LE, GT and GE, NE, of two of a kind the one that lets through less.  If
 *     none of them differ, the entry with more conditions is narrower; of two that are alike in all
 *     that, the earlier one.
 *   - Otherwise the default action.
 *
 * A call of 32 bits is compared with the lower halves of the values; of MASKED_EQ's two values the
 * second is masked, too.
 *
 * With EQ alone all this is libseccomp's as well, but that it drops an entry behind one that has
 * its first conditions, and refuses it in front.  Where comparisons of one argument lie in each
 * other (EQ 3 in NE 5) it goes by the values, that is by chance, and it (2.5.4) makes wrong
 * programs of entries for one call that compare several arguments otherwise than by EQ and
 * MASKED_EQ.  Neither sees that the upper half of the first argument of ipc(2) is a version: who
 * forbids shmget(2) where there is ipc(2), has to forbid ipc.
 */

enum { SECCOMP_ARGUMENTS = 6 };

/* A comparison with one argument: of MASKED_EQ, VALUE is the mask, and RESULT has its bits only. */
struct seccomp_condition {
    uint64_t value, result;
    uint8_t argument;
    uint8_t op; /* enum oci_scmp_op */
};

struct seccomp_rule {
    const struct seccomp_condition *conditions; /* each of another argument, rising */
    uint32_t count;
    uint32_t action; /* as the kernel has it, SECCOMP_RET_... */
    uint32_t order;  /* rises with the config */
    uint32_t entry;  /* in linux.seccomp.syscalls */
};

/* What is asked of calls whose arguments matter. */
struct seccomp_leaf {
    struct seccomp_leaf *next;
    const struct seccomp_rule **rules; /* in the order in which they are asked */
    uint32_t count;
    bool is_wide;   /* arguments have 64 bits */
    uint32_t place; /* for the program: where it stands; 0 before it does */
};

/* The numbers from FIRST to the next interval's. */
struct seccomp_interval {
    uint32_t first;
    uint32_t action; /* always, or if no rule of the leaf holds */
    struct seccomp_leaf *leaf;
};

/* All numbers of one architecture.  The first interval begins at 0; behind the last one stands
 * another that begins at 0, which is their end. */
struct seccomp_division {
    uint32_t architecture; /* AUDIT_ARCH_... */
    struct seccomp_interval *intervals;
    uint32_t count;
};

/* Writes the program; the first division is found fastest, and an architecture that none is for
 * kills the thread.  ERROR_CONFIG if it is longer than the kernel takes. */
fallible seccomp_assemble(const struct seccomp_division *divisions, uint32_t count,
                          struct arena *arena, struct seccomp_plan *plan);
