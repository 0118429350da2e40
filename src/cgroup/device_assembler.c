/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.devices: instructions for a BPF_PROG_TYPE_CGROUP_DEVICE program.
 *
 * The letters of access are asked one by one: an allowing rule takes its letters out of the
 * register, which passes when it is empty; a denying one ends the matter if any of its is in it.
 */
#include "cgroup/device_assembler.h"

#include <stddef.h>

enum { ANSWER = BPF_REG_0, CONTEXT, TYPE, ACCESS, MAJOR, MINOR };

/* Targets not yet known; real jumps go forward, so no real offset is negative. */
enum { TO_ALLOW = -1, TO_DENY = -2, TO_TYPE_END = -3, TO_GROUP_END = -4, TO_BODY = -5 };

/* Before and after the rules, and at most for each: test of type, of major, two of the minor
 * number, and of a body two and the jump around it. */
enum { FIXED = 16, EACH = 7 };

struct assembler {
    struct bpf_insn *v;
    uint32_t n;
};

uint32_t device_assembler_most(uint32_t count)
{
    return FIXED + EACH * count;
}

static void put(struct assembler *program, struct bpf_insn instruction)
{
    program->v[program->n++] = instruction;
}

static void put_load(struct assembler *program, uint8_t to, size_t offset)
{
    put(program, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W,
                                    .dst_reg = to,
                                    .src_reg = CONTEXT,
                                    .off = (int16_t) offset });
}

/* OPERATION is BPF_AND, BPF_RSH, BPF_MOV. */
static void put_change(struct assembler *program, uint8_t operation, uint8_t what, int32_t value)
{
    put(program,
        (struct bpf_insn){ .code = BPF_ALU64 | BPF_K | operation, .dst_reg = what, .imm = value });
}

static void put_copy(struct assembler *program, uint8_t from, uint8_t to)
{
    put(program,
        (struct bpf_insn){ .code = BPF_ALU64 | BPF_X | BPF_MOV, .dst_reg = to, .src_reg = from });
}

/* COMPARISON is BPF_JEQ, BPF_JNE, BPF_JSET, ...; numbers of devices are small and not negative. */
static void put_jump(struct assembler *program, uint8_t comparison, uint8_t what, uint32_t value,
                     int target)
{
    put(program, (struct bpf_insn){ .code = BPF_JMP | BPF_K | comparison,
                                    .dst_reg = what,
                                    .off = (int16_t) target,
                                    .imm = (int32_t) value });
}

static void put_answer(struct assembler *program, bool allows)
{
    put_change(program, BPF_MOV, ANSWER, allows);
    put(program, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

/* Lets all jumps since START that wait for TARGET go to here; whether there are any. */
static bool land(struct assembler *program, uint32_t start, int target)
{
    bool has_any = false;
    for (uint32_t i = start; i < program->n; i++) {
        if (program->v[i].off != target)
            continue;
        program->v[i].off = (int16_t) (program->n - i - 1);
        has_any = true;
    }
    return has_any;
}

static bool is_whole(const struct device_rule *rule)
{
    return rule->access == DEVICE_ACCESS_ALL;
}

static int verdict(const struct device_rule *rule)
{
    return rule->allows ? TO_ALLOW : TO_DENY;
}

/* Loads what the rules ask for. */
static void put_prologue(struct assembler *program, const struct device_rule *rules, uint32_t count)
{
    bool has_type = false, has_access = false, has_major = false, has_minor = false;
    for (uint32_t i = 0; i < count; i++) {
        has_type |= rules[i].type != 0;
        has_access |= !is_whole(&rules[i]);
        has_major |= rules[i].has_major;
        has_minor |= rules[i].has_minor;
    }

    if (has_type || has_access)
        put_load(program, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
    if (has_access) {
        put_copy(program, TYPE, ACCESS);
        put_change(program, BPF_RSH, ACCESS, 16);
    }
    if (has_type)
        put_change(program, BPF_AND, TYPE, 0xffff);
    if (has_major)
        put_load(program, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
    if (has_minor)
        put_load(program, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
}

/* What is done where a rule matches. */
static void put_body(struct assembler *program, const struct device_rule *rule)
{
    if (is_whole(rule)) {
        put_jump(program, BPF_JA, 0, 0, verdict(rule));
    } else if (rule->allows) {
        put_change(program, BPF_AND, ACCESS, ~(int32_t) rule->access);
        put_jump(program, BPF_JEQ, ACCESS, 0, TO_ALLOW);
    } else {
        put_jump(program, BPF_JSET, ACCESS, rule->access, TO_DENY);
    }
}

static void put_range(struct assembler *program, uint32_t first, uint32_t last, int target)
{
    if (first == last) {
        put_jump(program, BPF_JEQ, MINOR, first, target);
        return;
    }
    if (first > 0)
        put_jump(program, BPF_JLT, MINOR, first, 1);
    put_jump(program, BPF_JLE, MINOR, last, target);
}

/* The minor numbers of a group, which are sorted. */
static void put_minors(struct assembler *program, const struct device_rule *rules, uint32_t count)
{
    uint32_t start = program->n;
    int target = is_whole(rules) ? verdict(rules) : TO_BODY;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t first = i;
        while (i + 1 < count && rules[i + 1].minor - rules[i].minor <= 1)
            i++;
        put_range(program, rules[first].minor, rules[i].minor, target);
    }
    if (target == TO_BODY) {
        put_jump(program, BPF_JA, 0, 0, TO_GROUP_END);
        land(program, start, TO_BODY);
        put_body(program, rules);
    }
}

/* Rules of one type, access and major number. */
static void put_group(struct assembler *program, const struct device_rule *rules, uint32_t count)
{
    uint32_t start = program->n;
    if (rules->has_major && !rules->has_minor && is_whole(rules)) {
        put_jump(program, BPF_JEQ, MAJOR, rules->major, verdict(rules));
        return;
    }
    if (rules->has_major)
        put_jump(program, BPF_JNE, MAJOR, rules->major, TO_GROUP_END);
    if (rules->has_minor)
        put_minors(program, rules, count);
    else
        put_body(program, rules);
    land(program, start, TO_GROUP_END);
}

static bool is_same_group(const struct device_rule *a, const struct device_rule *b)
{
    return a->access == b->access && a->has_major == b->has_major && a->major == b->major;
}

/* Rules of one verdict and type. */
static void put_type(struct assembler *program, const struct device_rule *rules, uint32_t count)
{
    uint32_t start = program->n;
    if (rules->type)
        put_jump(program, BPF_JNE, TYPE, rules->type, TO_TYPE_END);
    for (uint32_t i = 0; i < count;) {
        uint32_t end = i + 1;
        while (end < count && is_same_group(&rules[i], &rules[end]))
            end++;
        put_group(program, &rules[i], end - i);
        i = end;
    }
    land(program, start, TO_TYPE_END);
}

uint32_t device_assemble(const struct device_rule *rules, uint32_t count, bool is_open,
                         struct bpf_insn *program)
{
    struct assembler assembler = { .v = program };
    put_prologue(&assembler, rules, count);
    uint32_t start = assembler.n;
    for (uint32_t i = 0; i < count;) {
        uint32_t end = i + 1;
        while (end < count && rules[end].allows == rules[i].allows &&
               rules[end].type == rules[i].type)
            end++;
        put_type(&assembler, &rules[i], end - i);
        i = end;
    }

    land(&assembler, start, is_open ? TO_ALLOW : TO_DENY);
    put_answer(&assembler, is_open);
    if (land(&assembler, start, is_open ? TO_DENY : TO_ALLOW))
        put_answer(&assembler, !is_open);
    return assembler.n;
}
