/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "os/path.h"

struct arena;
struct oci_config;

/* linux.devices (config-linux.md#devices), the default devices (#default-devices) and the symbolic
 * links of /dev (runtime-linux.md#dev-symbolic-links). */
struct device_plan {
    const char *path;
    const char *field; /* "linux.devices[0].path", or NULL for a default device */
    struct path_node node;
};

struct devices_plan {
    struct device_plan *v; /* the default devices, then those of the config */
    uint32_t n;
    /* Neither when the config binds something on /dev. */
    bool has_links; /* /dev/fd, stdin, stdout, stderr, core: when the config mounts /proc */
    bool has_ptmx;  /* /dev/ptmx -> pts/ptmx: when the config mounts a devpts on /dev/pts */
};

/* Checks linux.devices and joins them with the defaults (an entry for the path of a default one
 * replaces it; one that is there already is left as it is).  ERROR_CONFIG names
 * "linux.devices[0].major". */
fallible devices_plan(const struct oci_config *config, struct arena *arena,
                      struct devices_plan *plan);

/* Inside: makes them below ROOT. */
fallible devices_apply(const struct devices_plan *plan, int root);
