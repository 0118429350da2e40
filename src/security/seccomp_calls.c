/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp: what the rules say of each call of an architecture, as intervals of numbers.  Most
 * rules have no condition, and most neighbours the same action, so that few intervals come out. */

#include "security/seccomp_calls.h"

#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/text.h"
#include "libocispec/seccomp.h"

enum { ARM_PRIVATE = 0xf0000, CONVENTION_N32 = 0x20000000 };

void seccomp_calls_begin(struct seccomp_calls *calls, uint32_t token, enum syscall_abi abi,
                         uint32_t default_action)
{
    static const uint32_t bases[SYSCALL_ABIS] = {
        [SYSCALL_X32] = SECCOMP_X32_BIT,
        [SYSCALL_MIPS] = 4000,
        [SYSCALL_MIPS64] = 5000,
        [SYSCALL_MIPS64N32] = 6000,
    };

    *calls = (struct seccomp_calls){
        .token = token,
        .abi = abi,
        .base = bases[abi],
        .is_wide = token & __AUDIT_ARCH_64BIT && !(token & CONVENTION_N32),
        .default_action = default_action,
        .multiplexers = { syscall_find("socketcall")->numbers[abi],
                          syscall_find("ipc")->numbers[abi] },
    };
    for (uint32_t i = 0; i < SYSCALL_NUMBERS; i++)
        calls->actions[i] = default_action;
}

uint32_t seccomp_calls_number(const struct seccomp_calls *calls, uint32_t number)
{
    uint32_t own = number - calls->base;

    if (calls->abi == SYSCALL_ARM && own >= ARM_PRIVATE)
        own = own - ARM_PRIVATE + SYSCALL_PRIVATE;
    else if (own >= SYSCALL_PRIVATE)
        return SYSCALL_NUMBERS;
    return own < SYSCALL_NUMBERS ? own : SYSCALL_NUMBERS;
}

/* The kernel's number. */
static uint32_t widen(const struct seccomp_calls *calls, uint32_t number)
{
    bool is_private = calls->abi == SYSCALL_ARM && number >= SYSCALL_PRIVATE;

    return calls->base + number + (is_private ? ARM_PRIVATE - SYSCALL_PRIVATE : 0);
}

/* Adding rules --------------------------------------------------------------------------------- */

static bool is_cut(const struct seccomp_condition *condition)
{
    return (condition->value | condition->result) >> 32;
}

/* For calls of 32 bits: a mask without lower half asks nothing. */
static fallible narrow(const struct seccomp_rule **rule, struct arena *arena)
{
    const struct seccomp_rule *wide = *rule;
    struct seccomp_condition *conditions;
    struct seccomp_rule *made;
    uint32_t cut = 0;

    for (uint32_t i = 0; i < wide->count; i++)
        cut += is_cut(&wide->conditions[i]);
    if (!cut)
        return OK;
    try_new(made, arena, 1);
    try_new(conditions, arena, wide->count);
    *made = *wide;
    made->conditions = conditions;
    made->count = 0;
    for (uint32_t i = 0; i < wide->count; i++) {
        struct seccomp_condition condition = wide->conditions[i];
        condition.value = (uint32_t) condition.value;
        condition.result = (uint32_t) condition.result;
        if (condition.value || condition.op != OCI_SCMP_OP_MASKED_EQ)
            conditions[made->count++] = condition;
    }
    *rule = made;
    return OK;
}

fallible seccomp_calls_add(struct seccomp_calls *calls, uint32_t number, const char *name,
                           const struct seccomp_rule *rule, struct arena *arena)
{
    struct seccomp_claim *claim;

    if (!calls->is_wide)
        try(narrow(&rule, arena));
    if (calls->end <= number)
        calls->end = number + 1;
    if (!rule->count) {
        if (calls->actions[number] == calls->default_action)
            calls->actions[number] = rule->action;
        return OK;
    }
    try_new(claim, arena, 1);
    *claim = (struct seccomp_claim){ calls->claims, rule, name, number };
    calls->claims = claim;
    calls->claim_count++;
    return OK;
}

fallible seccomp_calls_add_multiplexed(struct seccomp_calls *calls, const struct syscall_row *row,
                                       const struct seccomp_rule *rule, struct arena *arena)
{
    int16_t call = calls->multiplexers[row->multiplexed >= SYSCALL_IPC];
    struct seccomp_condition *conditions;
    struct seccomp_rule *made;
    uint32_t count = 1;

    if (call < 0)
        return OK;
    try_new(made, arena, 1);
    try_new(conditions, arena, rule->count + 1);
    conditions[0] = (struct seccomp_condition){
        .value = row->multiplexed % SYSCALL_IPC,
        .op = OCI_SCMP_OP_EQ,
    };
    for (uint32_t i = 0; i < rule->count; i++)
        if (rule->conditions[i].argument)
            conditions[count++] = rule->conditions[i];
    *made = *rule;
    made->conditions = conditions;
    made->count = count;
    return seccomp_calls_add(calls, (uint32_t) call, syscall_names + row->name, made, arena);
}

/* The order of rules --------------------------------------------------------------------------- */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int rank(uint8_t op)
{
    static const uint8_t ranks[] = {
        [OCI_SCMP_OP_EQ] = 0, [OCI_SCMP_OP_MASKED_EQ] = 1, [OCI_SCMP_OP_LT] = 2,
        [OCI_SCMP_OP_LE] = 2, [OCI_SCMP_OP_GT] = 3,        [OCI_SCMP_OP_GE] = 3,
        [OCI_SCMP_OP_NE] = 4,
    };
    return ranks[op];
}

static bool is_strict(uint8_t op)
{
    return op == OCI_SCMP_OP_LT || op == OCI_SCMP_OP_GT;
}

/* The narrower one is less. */
static int compare_conditions(const struct seccomp_condition *a, const struct seccomp_condition *b)
{
    int by_value = compare_numbers(b->value, a->value);

    if (a->argument != b->argument)
        return b->argument - a->argument;
    if (rank(a->op) != rank(b->op))
        return rank(a->op) - rank(b->op);
    if (by_value)
        return rank(a->op) == rank(OCI_SCMP_OP_LT) ? -by_value : by_value;
    if (a->op != b->op)
        return is_strict(b->op) - is_strict(a->op);
    return compare_numbers(b->result, a->result);
}

/* What all conditions of both say counts more than how many there are. */
static int compare_rules(const struct seccomp_rule *a, const struct seccomp_rule *b)
{
    int result = 0;

    for (uint32_t i = 0; !result && i < a->count && i < b->count; i++)
        result = compare_conditions(&a->conditions[i], &b->conditions[i]);
    return result ? result : compare_numbers(b->count, a->count);
}

/* By the number, and of one call in the order in which they are asked. */
static int compare_claims(const void *a, const void *b)
{
    const struct seccomp_claim *first = *(const struct seccomp_claim *const *) a;
    const struct seccomp_claim *second = *(const struct seccomp_claim *const *) b;
    int result = compare_numbers(first->number, second->number);

    if (!result)
        result = compare_rules(first->rule, second->rule);
    return result ? result : compare_numbers(first->rule->order, second->rule->order);
}

/* Leaves --------------------------------------------------------------------------------------- */

static fallible refuse_contradiction(const struct seccomp_claim *later)
{
    char field[ERROR_FIELD_SIZE];

    text_format(field, sizeof(field), "linux.seccomp.syscalls[%u]", later->rule->entry);
    return error_config(field, "an earlier entry gives %s another action on the same condition",
                        later->name);
}

/* Behind the last one stands NULL. */
static fallible sort_claims(const struct seccomp_calls *calls, struct arena *arena,
                            const struct seccomp_claim ***sorted)
{
    uint32_t count = 0;

    try_new(*sorted, arena, calls->claim_count + 1);
    for (const struct seccomp_claim *claim = calls->claims; claim; claim = claim->next)
        (*sorted)[count++] = claim;
    qsort(*sorted, count, sizeof(**sorted), compare_claims);
    return OK;
}

/* Takes those of one call. */
static fallible fill_leaf(const struct seccomp_claim ***claims, struct arena *arena,
                          struct seccomp_leaf *leaf)
{
    const struct seccomp_claim **first = *claims, **at = first;

    while (*at && (*at)->number == (*first)->number)
        at++;
    try_new(leaf->rules, arena, (size_t) (at - first));
    for (*claims = at, at = first; at < *claims; at++) {
        const struct seccomp_rule *rule = (*at)->rule;
        bool is_new = at == first || compare_rules(at[-1]->rule, rule);
        if (!is_new && at[-1]->rule->action != rule->action)
            return refuse_contradiction(*at);
        if (is_new)
            leaf->rules[leaf->count++] = rule;
    }
    return OK;
}

static bool is_same_leaf(const struct seccomp_leaf *a, const struct seccomp_leaf *b)
{
    return a->is_wide == b->is_wide && a->count == b->count &&
           memcmp(a->rules, b->rules, a->count * sizeof(a->rules[0])) == 0;
}

/* Calls that stand in the same entries share a leaf. */
static fallible find_leaf(const struct seccomp_claim ***claims, bool is_wide,
                          struct seccomp_leaf **leaves, struct arena *arena,
                          struct seccomp_leaf **found)
{
    struct seccomp_leaf *leaf;

    try_new(leaf, arena, 1);
    leaf->is_wide = is_wide;
    try(fill_leaf(claims, arena, leaf));
    for (*found = *leaves; *found; *found = (*found)->next)
        if (is_same_leaf(*found, leaf))
            return OK;
    leaf->next = *leaves;
    *leaves = *found = leaf;
    return OK;
}

/* Intervals ------------------------------------------------------------------------------------ */

void seccomp_division_add(struct seccomp_division *division, struct seccomp_interval interval)
{
    const struct seccomp_interval *last = division->intervals + division->count;

    if (!division->count || last[-1].action != interval.action || last[-1].leaf != interval.leaf)
        division->intervals[division->count++] = interval;
}

fallible seccomp_calls_divide(const struct seccomp_calls *calls, struct seccomp_leaf **leaves,
                              struct arena *arena, struct seccomp_division *division)
{
    struct seccomp_interval after = { widen(calls, calls->end), calls->default_action, NULL };
    const struct seccomp_claim **claims;

    try(sort_claims(calls, arena, &claims));
    for (uint32_t i = 0; i < calls->end; i++) {
        struct seccomp_interval interval = { widen(calls, i), calls->actions[i], NULL };
        while (*claims && (*claims)->number < i)
            claims++; /* of one that has an action whatever it is called with */
        if (*claims && (*claims)->number == i && interval.action == calls->default_action)
            try(find_leaf(&claims, calls->is_wide, leaves, arena, &interval.leaf));
        seccomp_division_add(division, interval);
    }
    seccomp_division_add(division, after);
    return OK;
}
