/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp as a program: a binary search among intervals of system call numbers, with the
 * conditions in its leaves.  When the kernel loads it, it runs it for every number, to know those
 * that are always allowed; so its depth is what counts, and arguments are loaded in leaves alone.
 *
 * It is written from its end.  Jumps lead forward only, so that their targets are always there
 * already, and a place is how many instructions stand from there to the end. */

#include <linux/audit.h>
#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#include "base/allocate.h"
#include "libocispec/seccomp.h"
#include "security/seccomp.h"
#include "security/seccomp_filter.h"

enum { FARTHEST = UINT8_MAX, EXCEPTIONS_MOST = 3, ACTIONS_KEPT = 8, NO_WORD = -1 };

struct writer {
    struct sock_filter *code; /* BPF_MAXINSNS of them */
    uint32_t length;          /* may be more, which is an error at the end */
    int wanted;               /* a word that is to be loaded next, or NO_WORD */
    struct {
        uint32_t action, place;
    } kept[ACTIONS_KEPT]; /* the instructions that return it, the newest */
    uint32_t kept_count;
};

static const struct sock_filter *code_at(const struct writer *writer, uint32_t place)
{
    static const struct sock_filter beyond = { 0 };

    return place <= BPF_MAXINSNS ? &writer->code[BPF_MAXINSNS - place] : &beyond;
}

static void put(struct writer *writer, struct sock_filter code)
{
    writer->length++;
    if (writer->length <= BPF_MAXINSNS)
        writer->code[BPF_MAXINSNS - writer->length] = code;
}

static uint32_t write_load(struct writer *writer, int word)
{
    put(writer, (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t) word));
    return writer->length;
}

static void settle(struct writer *writer)
{
    if (writer->wanted != NO_WORD)
        write_load(writer, writer->wanted);
    writer->wanted = NO_WORD;
}

static uint32_t write_code(struct writer *writer, struct sock_filter code)
{
    settle(writer);
    put(writer, code);
    return writer->length;
}

/* Of what is written next, or of the load that is still wanted. */
static uint32_t place_of_head(const struct writer *writer)
{
    return writer->length + (writer->wanted != NO_WORD);
}

/* A jump with a condition reaches 255 instructions; what returns is copied, another one gets there
 * in two steps. */
static uint32_t approach(struct writer *writer, uint32_t place, uint32_t reach)
{
    if (writer->length - place <= reach)
        return place;
    if (code_at(writer, place)->code == (BPF_RET | BPF_K))
        return write_code(writer, *code_at(writer, place));
    return write_code(writer,
                      (struct sock_filter) BPF_STMT(BPF_JMP | BPF_JA, writer->length - place));
}

static uint32_t write_jump(struct writer *writer, uint16_t operation, uint32_t value, uint32_t yes,
                           uint32_t no)
{
    if (yes == no)
        return yes;
    settle(writer);
    no = approach(writer, no, FARTHEST - 1); /* the other one may need an instruction here */
    yes = approach(writer, yes, FARTHEST);
    return write_code(writer, (struct sock_filter) BPF_JUMP(BPF_JMP | operation | BPF_K, value,
                                                            (uint8_t) (writer->length - yes),
                                                            (uint8_t) (writer->length - no)));
}

static uint32_t write_action(struct writer *writer, uint32_t action)
{
    for (uint32_t i = 0; i < ACTIONS_KEPT && i < writer->kept_count; i++)
        if (writer->kept[i].action == action && writer->length - writer->kept[i].place < FARTHEST)
            return writer->kept[i].place;
    uint32_t slot = writer->kept_count++ % ACTIONS_KEPT;

    writer->kept[slot].action = action;
    writer->kept[slot].place =
        write_code(writer, (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, action));
    return writer->kept[slot].place;
}

/* Conditions ----------------------------------------------------------------------------------- */

static int low_word(const struct seccomp_condition *condition)
{
    int word = (int) offsetof(struct seccomp_data, args) + 8 * condition->argument;
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? word + 4 : word;
}

static int high_word(const struct seccomp_condition *condition)
{
    return low_word(condition) ^ 4;
}

/* Behind the load at PLACE, if it loads what is loaded already. */
static uint32_t skip_load(const struct writer *writer, uint32_t place, int word)
{
    const struct sock_filter *code = code_at(writer, place);
    bool is_same = code->code == (BPF_LD | BPF_W | BPF_ABS) && code->k == (uint32_t) word;

    return is_same ? place - 1 : place;
}

static uint32_t write_test(struct writer *writer, int word, uint16_t operation, uint32_t value,
                           const uint32_t targets[2])
{
    return write_jump(writer, operation, value, skip_load(writer, targets[0], word),
                      skip_load(writer, targets[1], word));
}

/* Equality of one half under a mask. */
static uint32_t write_masked(struct writer *writer, int word, uint32_t mask, uint32_t value,
                             const uint32_t targets[2])
{
    if (mask == UINT32_MAX) {
        write_test(writer, word, BPF_JEQ, value, targets);
    } else {
        write_jump(writer, BPF_JEQ, value, targets[0], targets[1]);
        write_code(writer, (struct sock_filter) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
    }
    writer->wanted = word;
    return place_of_head(writer);
}

static void write_equality(struct writer *writer, const struct seccomp_condition *condition,
                           bool is_wide, const uint32_t targets[2])
{
    bool is_masked = condition->op == OCI_SCMP_OP_MASKED_EQ;
    uint64_t mask = is_masked ? condition->value : UINT64_MAX;
    uint64_t value = is_masked ? condition->result : condition->value;
    uint32_t inner[2] = { targets[0], targets[1] };

    if ((uint32_t) mask)
        inner[0] =
            write_masked(writer, low_word(condition), (uint32_t) mask, (uint32_t) value, inner);
    if (!is_wide || !(mask >> 32))
        return;
    write_masked(writer, high_word(condition), (uint32_t) (mask >> 32), (uint32_t) (value >> 32),
                 inner);
}

/* Whether it is greater, or (OPERATION) at least as great. */
static void write_order(struct writer *writer, const struct seccomp_condition *condition,
                        uint16_t operation, bool is_wide, const uint32_t targets[2])
{
    uint32_t high = (uint32_t) (condition->value >> 32), inner[2] = { 0, targets[1] };

    write_test(writer, low_word(condition), operation, (uint32_t) condition->value, targets);
    writer->wanted = low_word(condition);
    if (!is_wide)
        return;
    inner[0] = place_of_head(writer);
    inner[1] = write_test(writer, high_word(condition), BPF_JEQ, high, inner);
    inner[0] = targets[0];
    write_test(writer, high_word(condition), BPF_JGT, high, inner);
    writer->wanted = high_word(condition);
}

/* Where it goes if the condition holds, and if it does not; leaves its load wanted. */
static void write_condition(struct writer *writer, const struct seccomp_condition *condition,
                            bool is_wide, const uint32_t targets[2])
{
    const uint32_t opposite[2] = { targets[1], targets[0] };

    switch (condition->op) {
    case OCI_SCMP_OP_NE:
        write_equality(writer, condition, is_wide, opposite);
        break;
    case OCI_SCMP_OP_LT:
        write_order(writer, condition, BPF_JGE, is_wide, opposite);
        break;
    case OCI_SCMP_OP_LE:
        write_order(writer, condition, BPF_JGT, is_wide, opposite);
        break;
    case OCI_SCMP_OP_GE:
        write_order(writer, condition, BPF_JGE, is_wide, targets);
        break;
    case OCI_SCMP_OP_GT:
        write_order(writer, condition, BPF_JGT, is_wide, targets);
        break;
    default:
        write_equality(writer, condition, is_wide, targets);
    }
}

/* Leaves and the search ------------------------------------------------------------------------ */

/* Rules that compare the same word, one after the other, load it once. */
static bool is_one_test(const struct seccomp_rule *rule, bool is_wide)
{
    return !is_wide && rule->count == 1 && rule->conditions->op != OCI_SCMP_OP_MASKED_EQ;
}

static uint32_t write_rule(struct writer *writer, const struct seccomp_rule *rule, bool is_wide,
                           uint32_t next)
{
    uint32_t targets[2] = { write_action(writer, rule->action), next };

    if (is_one_test(rule, is_wide) && writer->wanted == low_word(rule->conditions)) {
        writer->wanted = NO_WORD;
        targets[1] = writer->length;
    }
    for (uint32_t i = rule->count; i-- > 0;) {
        write_condition(writer, &rule->conditions[i], is_wide, targets);
        targets[0] = place_of_head(writer);
    }
    return targets[0];
}

static uint32_t write_leaf(struct writer *writer, const struct seccomp_interval *interval)
{
    struct seccomp_leaf *leaf = interval->leaf;

    if (!leaf)
        return write_action(writer, interval->action);
    if (leaf->place)
        return leaf->place;
    leaf->place = write_action(writer, interval->action);
    for (uint32_t i = leaf->count; i-- > 0;)
        leaf->place = write_rule(writer, leaf->rules[i], leaf->is_wide, leaf->place);
    settle(writer);
    return leaf->place;
}

static bool is_alike(const struct seccomp_interval *a, const struct seccomp_interval *b)
{
    return a->leaf == b->leaf && (a->leaf || a->action == b->action);
}

static bool is_single(const struct seccomp_interval *interval)
{
    return interval[1].first - interval->first == 1;
}

/* The interval that is the answer to all but a few numbers, if there is one. */
static bool find_base(const struct seccomp_interval *intervals, uint32_t count,
                      const struct seccomp_interval **base)
{
    uint32_t others = 0;

    *base = &intervals[count - 1];
    if (count > 2 * EXCEPTIONS_MOST + 1)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!is_single(&intervals[i]))
            *base = &intervals[i];
    for (uint32_t i = 0; i < count; i++) {
        if (is_alike(&intervals[i], *base))
            continue;
        others++;
        if (!is_single(&intervals[i]) || others > EXCEPTIONS_MOST)
            return false;
    }
    return true;
}

static uint32_t write_exceptions(struct writer *writer, const struct seccomp_interval *intervals,
                                 uint32_t count, const struct seccomp_interval *base)
{
    uint32_t places[2 * EXCEPTIONS_MOST + 1];
    uint32_t place = write_leaf(writer, base);

    for (uint32_t i = 0; i < count; i++)
        places[i] = write_leaf(writer, &intervals[i]);
    for (uint32_t i = 0; i < count; i++)
        if (!is_alike(&intervals[i], base))
            place = write_jump(writer, BPF_JEQ, intervals[i].first, places[i], place);
    return place;
}

static uint32_t write_search(struct writer *writer, const struct seccomp_interval *intervals,
                             uint32_t count)
{
    const struct seccomp_interval *base;

    if (find_base(intervals, count, &base))
        return write_exceptions(writer, intervals, count, base);
    uint32_t half = count / 2;
    uint32_t upper = write_search(writer, intervals + half, count - half);
    uint32_t lower = write_search(writer, intervals, half);
    return write_jump(writer, BPF_JGE, intervals[half].first, upper, lower);
}

static void write_program(struct writer *writer, const struct seccomp_division *divisions,
                          uint32_t count)
{
    uint32_t next = write_action(writer, SECCOMP_RET_KILL_THREAD);

    for (uint32_t i = count; i-- > 0;) {
        uint32_t search = write_search(writer, divisions[i].intervals, divisions[i].count);
        /* What comes next is the load of the number. */
        if (search != writer->length)
            write_code(writer,
                       (struct sock_filter) BPF_STMT(BPF_JMP | BPF_JA, writer->length - search));
        search = write_load(writer, offsetof(struct seccomp_data, nr));
        next = write_jump(writer, BPF_JEQ, divisions[i].architecture, search, next);
    }
    write_load(writer, offsetof(struct seccomp_data, arch));
}

fallible seccomp_assemble(const struct seccomp_division *divisions, uint32_t count,
                          struct arena *arena, struct seccomp_plan *plan)
{
    struct writer writer = { .wanted = NO_WORD };

    try_new(writer.code, arena, BPF_MAXINSNS);
    write_program(&writer, divisions, count);
    if (writer.length > BPF_MAXINSNS)
        return error_hint(error_config("linux.seccomp.syscalls",
                                       "the program of the rules has %u instructions, the kernel "
                                       "takes at most %d",
                                       writer.length, BPF_MAXINSNS),
                          "fewer architectures, or fewer conditions on arguments, make it shorter");
    plan->program = code_at(&writer, writer.length);
    plan->length = writer.length;
    return OK;
}
