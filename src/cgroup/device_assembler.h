/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cgroup/device_program.h"

/* How many instructions COUNT rules need at most. */
uint32_t device_assembler_most(uint32_t count);

/*
 * Writes the program that asks the rules in this order and answers, if none does, IS_OPEN.
 * Neighbours with the same verdict and type, then access, then major number, share tests.  None may
 * match everything, nor cover another of its run: the verifier takes no instruction that cannot be
 * reached.  Returns the length.
 */
uint32_t device_assemble(const struct device_rule *rules, uint32_t count, bool is_open,
                         struct bpf_insn *program);
