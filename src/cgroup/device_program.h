/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cgroup/device_rules.h"

/* One rule, in the words of the program that it becomes. */
struct device_rule {
    bool allows;
    bool has_major, has_minor; /* without: every one */
    uint8_t type;              /* BPF_DEVCG_DEV_BLOCK or _CHAR; 0: both */
    uint8_t access;            /* BPF_DEVCG_ACC_*, at least one */
    uint32_t major, minor;
};

enum {
    DEVICE_ACCESS_ALL = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE,
    DEVICE_RULES_MAX = 4096, /* so that every jump is short enough */
};

/*
 * Makes the program for a list in which the last rule that matches decides, for each letter of
 * access by itself: a request passes if all its letters do.  What no rule matches is denied.
 * RULES is reordered.  No program: all is allowed.
 */
fallible device_program_compile(struct device_rule *rules, uint32_t count, struct arena *arena,
                                struct device_rules_plan *plan);
