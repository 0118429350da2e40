/* SPDX-License-Identifier: Apache-2.0 */
/* `root` and `mounts` of config.json, and the id mappings that mounts share with user namespaces.
 */
#include "libocispec/mount.h"

static const struct oci_field idmap_fields[] = {
    OCI_FIELD(oci_idmap, container_id, "containerID", U32, REQ),
    OCI_FIELD(oci_idmap, host_id, "hostID", U32, REQ),
    OCI_FIELD(oci_idmap, size, "size", U32, REQ),
};
const struct oci_schema oci_idmap_schema = OCI_SCHEMA(oci_idmap, idmap_fields);

static const struct oci_field root_fields[] = {
    OCI_FIELD(oci_root, path, "path", STR, REQ),
    OCI_FIELD(oci_root, readonly, "readonly", BOOL, OPT),
};
const struct oci_schema oci_root_schema = OCI_SCHEMA(oci_root, root_fields);

static const struct oci_field mount_fields[] = {
    OCI_FIELD(oci_mount, destination, "destination", STR, REQ),
    OCI_FIELD(oci_mount, type, "type", STR, OPT),
    OCI_FIELD(oci_mount, source, "source", STR, OPT),
    OCI_FIELD(oci_mount, options, "options", STRS, OPT),
    OCI_FIELD_OF(oci_mount, uid_mappings, "uidMappings", ARR, oci_idmap, OPT),
    OCI_FIELD_OF(oci_mount, gid_mappings, "gidMappings", ARR, oci_idmap, OPT),
};
const struct oci_schema oci_mount_schema = OCI_SCHEMA(oci_mount, mount_fields);
