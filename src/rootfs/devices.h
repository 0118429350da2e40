/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "os/host_object.h"
#include "os/path.h"

struct arena;
struct oci_config;

/* linux.devices (config-linux.md#devices), the default devices (#default-devices) and the symbolic
 * links of /dev (runtime-linux.md#dev-symbolic-links). */
struct device_plan {
    const char *path;
    const char *field;      /* "linux.devices[0].path", or NULL for a default device */
    const char *mode_field; /* "linux.devices[0].fileMode", or NULL likewise */
    struct path_node node;
    bool is_bound; /* from the host; never a fifo */
    int tree;      /* the host's, detached; -1 before devices_open(), or until init has made it */
    struct host_object object;
};

struct devices_plan {
    struct device_plan *v; /* the default devices, then those of the config */
    uint32_t n;
    bool are_bound; /* in a user namespace, where nobody may make one */
    /* Neither when the config binds something on /dev. */
    bool has_links; /* /dev/fd, stdin, stdout, stderr, core: when the config mounts /proc */
    bool has_ptmx;  /* /dev/ptmx -> pts/ptmx: when the config mounts a devpts on /dev/pts */
};

/* Checks linux.devices and joins them with the defaults (an entry for the path of a default one
 * replaces it).  Of a device that is there already, owner and mode stay but for what an entry sets
 * by fileMode, uid or gid, each by itself.  ERROR_CONFIG names "linux.devices[0].major". */
fallible devices_plan(const struct oci_config *config, bool are_bound, struct arena *arena,
                      struct devices_plan *plan);

/*
 * Opens the host's devices that are to be bound: those of the same path, else those that
 * /dev/char and /dev/block know by the numbers; what is opened is verified (R4).  One that is not
 * there is ERROR_CONFIG with its field.  Owner and mode stay the host's, with a warning where the
 * config asks for others.  NOTES is NULL, or where they are noted for init to clone.
 */
fallible devices_open(struct devices_plan *plan, struct arena *notes);
void devices_close(struct devices_plan *plan);

/* Inside, before the root is entered: makes the clones that the host could not make. */
fallible devices_open_inside(struct devices_plan *plan);

/* Inside: makes them below ROOT, or binds them, each on an empty file or on what is there and is
 * that device.  ERROR_UNSUPPORTED with "linux.devices[0].fileMode": one that is there has another
 * mode, which this kernel cannot change (os/path.h). */
fallible devices_apply(const struct devices_plan *plan, int root);
