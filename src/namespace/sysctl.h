/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct arena;
struct oci_string_map;

/* linux.sysctl (config-linux.md#sysctl). */
struct sysctl_setting {
    const char *path; /* below the procfs: "sys/net/ipv4/ip_forward" */
    const char *value;
    const char *key; /* as the config has it, for messages */
};
struct sysctl_plan {
    struct sysctl_setting *v;
    uint32_t n;
};

/* What else of the config a key depends on. */
struct sysctl_context {
    uint64_t namespaces;    /* CLONE_NEW* of those that are not the host's */
    const char *domainname; /* or NULL */
};

/* Refuses names that are no sysctl names and keys that would change the host: each key must belong
 * to a namespace that is the container's own (R13).  kernel.hostname has a field of its own, and
 * kernel.domainname must not contradict the config's. */
fallible sysctl_plan(const struct oci_string_map *settings, const struct sysctl_context *context,
                     struct arena *arena, struct sysctl_plan *plan);

/* Inside: writes them through a verified procfs: /proc as it is mounted, if SEES_CONTAINER says
 * that it is the container's for good (proc_shown() keeps it), and where that does not serve, one
 * made for it. */
fallible sysctl_apply(const struct sysctl_plan *plan, bool sees_container);
