/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.devices: from a list of rules to a program.
 *
 * The program asks the rules from the last to the first, so the first answer counts.  Each
 * instruction costs the start of a container some 3 us (the verifier and the JIT), so rules that
 * cannot matter are left out, and neighbours share their tests.
 */
#include "cgroup/device_program.h"

#include <stdlib.h>

#include "base/allocate.h"
#include "cgroup/device_assembler.h"

/* The rules that matter, in the order in which they are asked, and what holds after them. */
struct decision {
    struct device_rule *v;
    uint32_t n;
    uint32_t run; /* where the last rules with one verdict begin; their order is free */
    bool is_open; /* what is left is allowed */
};

static bool is_covered_number(bool has_outer, uint32_t outer, bool has_inner, uint32_t inner)
{
    return !has_outer || (has_inner && outer == inner);
}

/* Whether OUTER matches whatever INNER does. */
static bool covers(const struct device_rule *outer, const struct device_rule *inner)
{
    return (outer->type == 0 || outer->type == inner->type) &&
           (inner->access & ~outer->access) == 0 &&
           is_covered_number(outer->has_major, outer->major, inner->has_major, inner->major) &&
           is_covered_number(outer->has_minor, outer->minor, inner->has_minor, inner->minor);
}

static bool matches_all(const struct device_rule *rule)
{
    const struct device_rule all = { .access = DEVICE_ACCESS_ALL };
    return covers(rule, &all);
}

static bool is_answered(const struct decision *decision, const struct device_rule *rule)
{
    for (uint32_t i = 0; i < decision->n; i++)
        if (covers(&decision->v[i], rule))
            return true;
    return false;
}

/* Adds the next one to be asked; those of its run that it covers go. */
static void add(struct decision *decision, const struct device_rule *rule)
{
    if (decision->n > 0 && decision->v[decision->n - 1].allows != rule->allows)
        decision->run = decision->n;

    uint32_t kept = decision->run;
    for (uint32_t i = decision->run; i < decision->n; i++)
        if (!covers(rule, &decision->v[i]))
            decision->v[kept++] = decision->v[i];
    decision->v[kept++] = *rule;
    decision->n = kept;
}

static void decide(const struct device_rule *rules, uint32_t count, struct decision *decision)
{
    for (uint32_t i = count; i > 0; i--) {
        const struct device_rule *rule = &rules[i - 1];
        if (matches_all(rule)) {
            decision->is_open = rule->allows;
            break;
        }
        if (!is_answered(decision, rule))
            add(decision, rule);
    }
    /* The last ones say nothing if they say what holds anyway. */
    while (decision->n > 0 && decision->v[decision->n - 1].allows == decision->is_open)
        decision->n--;
}

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

/* Brings together what can share tests: by type, then access, then major number. */
static int compare(const void *left, const void *right)
{
    const struct device_rule *a = left;
    const struct device_rule *b = right;
    if (a->type != b->type)
        return compare_numbers(a->type, b->type);
    if (a->access != b->access)
        return compare_numbers(b->access, a->access);
    if (a->has_major != b->has_major)
        return a->has_major ? -1 : 1;
    if (a->major != b->major)
        return compare_numbers(a->major, b->major);
    if (a->has_minor != b->has_minor)
        return a->has_minor ? 1 : -1;
    return compare_numbers(a->minor, b->minor);
}

static uint32_t count_run(const struct device_rule *rules, uint32_t count)
{
    uint32_t length = 1;
    while (length < count && rules[length].allows == rules[0].allows)
        length++;
    return length;
}

static void sort_runs(struct decision *decision)
{
    for (uint32_t i = 0; i < decision->n;) {
        uint32_t length = count_run(decision->v + i, decision->n - i);
        qsort(decision->v + i, length, sizeof(*decision->v), compare);
        i += length;
    }
}

fallible device_program_compile(struct device_rule *rules, uint32_t count, struct arena *arena,
                                struct device_rules_plan *plan)
{
    struct decision decision = { .n = 0 };
    try_new(decision.v, arena, count);
    decide(rules, count, &decision);
    if (decision.n == 0 && decision.is_open) {
        *plan = (struct device_rules_plan){ .program = NULL };
        return OK;
    }
    sort_runs(&decision);

    struct bpf_insn *program;
    try_new(program, arena, device_assembler_most(decision.n));
    *plan = (struct device_rules_plan){
        .program = program,
        .length = device_assemble(decision.v, decision.n, decision.is_open, program),
    };
    return OK;
}
