/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libocispec/schema.h"

/* config-linux.md#user-namespace-mappings: SIZE ids from each start. */
struct oci_idmap {
    uint32_t container_id; /* "containerID", required */
    uint32_t host_id;      /* "hostID", required */
    uint32_t size;         /* "size", required */
};
OCI_ARRAY_OF(idmap);
extern const struct oci_schema oci_idmap_schema;

/* config.md#root */
struct oci_root {
    const char *path;             /* "path", required */
    struct oci_opt_bool readonly; /* "readonly" */
};
extern const struct oci_schema oci_root_schema;

/* config.md#mounts */
struct oci_mount {
    const char *destination;             /* "destination", required */
    const char *type;                    /* "type" */
    const char *source;                  /* "source" */
    struct oci_string_array options;     /* "options" */
    struct oci_idmap_array uid_mappings; /* "uidMappings" */
    struct oci_idmap_array gid_mappings; /* "gidMappings" */
};
OCI_ARRAY_OF(mount);
extern const struct oci_schema oci_mount_schema;

/* One word of a mount's options: an option may hold several, with commas between them that no
 * backslash escapes, as after -o of mount(8).  No word is empty, and none ends with NUL. */
struct oci_mount_word {
    uint32_t option; /* the index of the option that it is in */
    const char *text;
    size_t length;
};

/* Moves WORD, which is all zero at first, to the next; false behind the last. */
bool oci_mount_next_word(const struct oci_mount *mount, struct oci_mount_word *word);
bool oci_mount_is_word(const struct oci_mount_word *word, const char *name);

/* Whether one of the words is NAME. */
bool oci_mount_has_word(const struct oci_mount *mount, const char *name);

/* Whether its destination is PLACE ("/sys/fs/cgroup"), however it is written: "/sys//fs/./cgroup/".
 * What is a link in the container is not known here. */
bool oci_mount_is_at(const struct oci_mount *mount, const char *place);
