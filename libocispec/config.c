/* SPDX-License-Identifier: Apache-2.0 */
/* The top of config.json.  Sections of other platforms are unknown members to us, and skipped. */
#include "libocispec/config.h"

static const struct oci_field config_fields[] = {
    OCI_FIELD(oci_config, oci_version, "ociVersion", STR, REQ),
    OCI_FIELD_OF(oci_config, root, "root", OBJ, oci_root, LIN),
    OCI_FIELD_OF(oci_config, mounts, "mounts", ARR, oci_mount, OPT),
    OCI_FIELD_OF(oci_config, process, "process", OBJ, oci_process, OPT),
    OCI_FIELD(oci_config, hostname, "hostname", STR, OPT),
    OCI_FIELD(oci_config, domainname, "domainname", STR, OPT),
    OCI_FIELD_OF(oci_config, hooks, "hooks", OBJ, oci_hooks, OPT),
    OCI_FIELD(oci_config, annotations, "annotations", STR_MAP, OPT),
    OCI_FIELD_OF(oci_config, linux_, "linux", OBJ, oci_linux, OPT),
    OCI_FIELD_OF(oci_config, vm, "vm", OBJ, oci_vm, OPT),
};
const struct oci_schema oci_config_schema = OCI_SCHEMA(oci_config, config_fields);
