/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the unit tests of linux.seccomp share: configs written as C, and the kernel's judgement of a
 * program (classic BPF over struct seccomp_data), without a kernel. */

#include <linux/audit.h>
#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "tests/unit/process/checks.h"

#include "libocispec/seccomp.h"
#include "security/seccomp.h"

#define NAMES(...)                                                                                 \
    {                                                                                              \
        .v = (const char *[]){ __VA_ARGS__ },                                                      \
        .n = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *),                       \
    }
#define ENUMS(...)                                                                                 \
    {                                                                                              \
        .v = (uint8_t[]){ __VA_ARGS__ }, .n = sizeof((uint8_t[]){ __VA_ARGS__ }),                  \
    }
#define RULES(...)                                                                                 \
    {                                                                                              \
        .v = (struct oci_syscall *[]){ __VA_ARGS__ },                                              \
        .n = sizeof((struct oci_syscall *[]){ __VA_ARGS__ }) / sizeof(struct oci_syscall *),       \
    }
#define ARGS(...)                                                                                  \
    {                                                                                              \
        .v = (struct oci_syscall_arg *[]){ __VA_ARGS__ },                                          \
        .n = sizeof((struct oci_syscall_arg *[]){ __VA_ARGS__ }) /                                 \
             sizeof(struct oci_syscall_arg *),                                                     \
    }

static inline uint32_t load_word(const struct seccomp_data *data, uint32_t offset)
{
    uint32_t word;
    if (offset % 4 || offset > sizeof(*data) - 4)
        fail_msg("a load from offset %u", offset);
    memcpy(&word, (const char *) data + offset, 4);
    return word;
}

/* How far a jump goes. */
static inline uint32_t jump(const struct sock_filter *at, uint32_t word)
{
    bool is_taken;
    switch (BPF_OP(at->code)) {
    case BPF_JA:
        return at->k;
    case BPF_JEQ:
        is_taken = word == at->k;
        break;
    case BPF_JGT:
        is_taken = word > at->k;
        break;
    case BPF_JGE:
        is_taken = word >= at->k;
        break;
    default:
        is_taken = word & at->k;
        break;
    }
    return is_taken ? at->jt : at->jf;
}

/* What the program returns for a call; it knows the instructions that libseccomp makes. */
static inline uint32_t judge(const struct seccomp_plan *plan, const struct seccomp_data *data)
{
    uint32_t word = 0;
    for (uint32_t i = 0; i < plan->length; i++) {
        const struct sock_filter *at = &plan->program[i];
        switch (at->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            word = load_word(data, at->k);
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            word &= at->k;
            break;
        case BPF_RET | BPF_K:
            return at->k;
        default:
            if (BPF_CLASS(at->code) != BPF_JMP)
                fail_msg("instruction %x", at->code);
            i += jump(at, word);
        }
    }
    fail_msg("the program has no end");
    return 0;
}
