/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

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
