/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "security/seccomp_filter.h"
#include "security/syscall_table.h"

struct arena;

enum { SECCOMP_X32_BIT = 0x40000000 }; /* in the numbers of x32's calls */

/* One rule that asks something of a call. */
struct seccomp_claim {
    struct seccomp_claim *next;
    const struct seccomp_rule *rule;
    const char *name; /* by which the config has it */
    uint32_t number;
};

/* The calls of one architecture, by numbers as in syscall_table.h.  About 4 KiB. */
struct seccomp_calls {
    uint32_t token; /* libseccomp's name for the architecture: AUDIT_ARCH_..., but for x32 */
    enum syscall_abi abi;
    uint32_t base; /* is added to a number */
    bool is_wide;  /* arguments have 64 bits */
    uint32_t default_action;
    int16_t multiplexers[2]; /* socketcall(2) and ipc(2); -1: there is none */
    uint32_t end;            /* numbers from here on are not named */
    struct seccomp_claim *claims;
    uint32_t claim_count;
    uint32_t actions[SYSCALL_NUMBERS]; /* of the first rule without conditions */
};

/* Makes the calls of an architecture of which nothing is said yet. */
void seccomp_calls_begin(struct seccomp_calls *calls, uint32_t token, enum syscall_abi abi,
                         uint32_t default_action);

/* The number of the table for one of the kernel's, or SYSCALL_NUMBERS if it is too high. */
uint32_t seccomp_calls_number(const struct seccomp_calls *calls, uint32_t number);

/* Gives the call a rule, which stays the caller's, and whose action is not the default one. */
fallible seccomp_calls_add(struct seccomp_calls *calls, uint32_t number, const char *name,
                           const struct seccomp_rule *rule, struct arena *arena);

/* The same for a call that socketcall(2) or ipc(2) may stand for (see struct syscall_row), if the
 * architecture has these: the call by which it does, and which takes the place of the first
 * argument.  What else the rule asks for is asked of the arguments as they stand there. */
fallible seccomp_calls_add_multiplexed(struct seccomp_calls *calls, const struct syscall_row *row,
                                       const struct seccomp_rule *rule, struct arena *arena);

/* Adds an interval unless it is like the last one, which then goes on. */
void seccomp_division_add(struct seccomp_division *division, struct seccomp_interval interval);

/* Adds the intervals of all numbers from the base on, at most END + 1.  The LEAVES are all that
 * were made so far, to be shared.  Two rules that ask the same and have different actions are
 * ERROR_CONFIG. */
fallible seccomp_calls_divide(const struct seccomp_calls *calls, struct seccomp_leaf **leaves,
                              struct arena *arena, struct seccomp_division *division);
