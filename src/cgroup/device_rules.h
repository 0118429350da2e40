/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct arena;
struct device_rule;
struct oci_config;
struct oci_linux;

/* linux.resources.devices (config-linux.md#allowed-device-list): a list in which the last rule that
 * matches decides, compiled into a BPF_PROG_TYPE_CGROUP_DEVICE program. */
struct device_rules_plan {
    struct bpf_insn *program; /* NULL: no filter */
    uint32_t length;
    const struct device_rule *rules; /* that it comes from, in their order */
    uint32_t rule_count;
    bool is_optional; /* in a user namespace, and we may not load it: the kernel refuses mknod to
                       * the container, which serves instead (decided by the caller) */
};

/* Everything is denied but what the config allows; the default devices and those of linux.devices
 * are always allowed, with a warning for a rule that denies one of the former by its numbers.  The
 * plan is not optional.  ERROR_CONFIG names "linux.resources.devices[1].access". */
fallible device_rules_plan(const struct oci_linux *linux_, struct arena *arena,
                           struct device_rules_plan *plan);

/* For a container whose rules cannot be enforced: ERROR_CONFIG for a rule that denies, by its
 * numbers, a device which a bind mount of the config gives to it.  Sources are relative to BUNDLE.
 */
fallible device_rules_check_binds(const struct oci_config *config, int bundle);

/* Loads the program and attaches it to a cgroup (device_bpf.c). */
fallible device_rules_apply(const struct device_rules_plan *plan, int cgroup);

/*
 * A change for a cgroup that has a program of ours: the new one is put beside it, and both must
 * allow, until it is the only one of ours, or is taken back.  PROGRAM is the caller's; -1: the plan
 * has none, or it is optional.  HAS_BEGUN: an old one is gone, also when this fails.
 */
fallible device_rules_add(const struct device_rules_plan *plan, int cgroup, int *program);
fallible device_rules_settle(const struct device_rules_plan *plan, int cgroup, int program,
                             bool *has_begun);
fallible device_rules_take_back(int program, int cgroup);

/* Detaches all that the functions above have attached to it, in whatever process. */
fallible device_rules_remove(int cgroup);
