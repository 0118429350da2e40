/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Runs device programs as the kernel would, and looks at them as its verifier does. */

#include "tests/unit/cgroup/fixture.h"

#include "cgroup/device_program.h"

enum { STEPS_MAX = 4096 };

struct request {
    uint32_t type, access, major, minor;
};

/* A few instructions of BPF, as bpf(2) defines them. */
static inline bool jumps(const struct bpf_insn *insn, uint64_t value)
{
    uint64_t constant = (uint64_t) (int64_t) insn->imm;
    switch (BPF_OP(insn->code)) {
    case BPF_JA:
        return true;
    case BPF_JEQ:
        return value == constant;
    case BPF_JNE:
        return value != constant;
    case BPF_JSET:
        return value & constant;
    case BPF_JLT:
        return value < constant;
    case BPF_JLE:
        return value <= constant;
    default:
        fail_msg("unknown jump %x", insn->code);
        return false;
    }
}

static inline uint64_t compute(const struct bpf_insn *insn, uint64_t value, uint64_t source)
{
    uint64_t operand = BPF_SRC(insn->code) == BPF_X ? source : (uint64_t) (int64_t) insn->imm;
    switch (BPF_OP(insn->code)) {
    case BPF_MOV:
        return operand;
    case BPF_AND:
        return value & operand;
    case BPF_RSH:
        return value >> operand;
    default:
        fail_msg("unknown operation %x", insn->code);
        return 0;
    }
}

static inline bool run(const struct device_rules_plan *plan, const struct request *request)
{
    const struct bpf_cgroup_dev_ctx context = {
        .access_type = request->access << 16 | request->type,
        .major = request->major,
        .minor = request->minor,
    };
    uint64_t registers[11] = { 0 };
    if (!plan->program)
        return true;
    for (uint32_t at = 0; at < plan->length; at++) {
        const struct bpf_insn *insn = &plan->program[at];
        uint64_t *to = &registers[insn->dst_reg];
        switch (BPF_CLASS(insn->code)) {
        case BPF_LDX:
            assert_int_equal(insn->code, BPF_LDX | BPF_MEM | BPF_W);
            assert_int_equal(insn->src_reg, 1);
            *to = *(const uint32_t *) (const void *) ((const char *) &context + insn->off);
            break;
        case BPF_ALU64:
            *to = compute(insn, *to, registers[insn->src_reg]);
            break;
        case BPF_JMP:
            if (BPF_OP(insn->code) == BPF_EXIT)
                return registers[0];
            if (jumps(insn, *to))
                at += (uint32_t) insn->off;
            break;
        default:
            fail_msg("unknown class %x", insn->code);
        }
    }
    fail_msg("the program ran over its end");
    return false;
}

/* The verifier refuses what cannot be reached, and what goes back or out. */
static inline void assert_sound(const struct device_rules_plan *plan)
{
    static bool is_reached[STEPS_MAX];
    memset(is_reached, 0, sizeof(is_reached));
    assert_true(plan->length <= STEPS_MAX);
    is_reached[0] = plan->length > 0;
    for (uint32_t at = 0; at < plan->length; at++) {
        const struct bpf_insn *insn = &plan->program[at];
        if (!is_reached[at])
            fail_msg("instruction %u cannot be reached", at);
        bool is_jump = BPF_CLASS(insn->code) == BPF_JMP;
        if (is_jump && BPF_OP(insn->code) == BPF_EXIT)
            continue;
        if (!is_jump || BPF_OP(insn->code) != BPF_JA) {
            assert_true(at + 1 < plan->length);
            is_reached[at + 1] = true;
        }
        if (!is_jump)
            continue;
        assert_true(insn->off >= 0);
        assert_true(at + 1 + (uint32_t) insn->off < plan->length);
        is_reached[at + 1 + (uint32_t) insn->off] = true;
    }
}
