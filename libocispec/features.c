/* SPDX-License-Identifier: Apache-2.0 */
/* The document that `features` prints.  Where the schema forgot a member, the prose holds. */
#include "libocispec/features.h"

static const struct oci_field f_enabled_fields[] = {
    OCI_FIELD(oci_f_enabled, enabled, "enabled", BOOL, OPT),
};
static const struct oci_schema oci_f_enabled_schema = OCI_SCHEMA(oci_f_enabled, f_enabled_fields);

static const struct oci_field f_cgroup_fields[] = {
    OCI_FIELD(oci_f_cgroup, v1, "v1", BOOL, OPT),
    OCI_FIELD(oci_f_cgroup, v2, "v2", BOOL, OPT),
    OCI_FIELD(oci_f_cgroup, systemd, "systemd", BOOL, OPT),
    OCI_FIELD(oci_f_cgroup, systemd_user, "systemdUser", BOOL, OPT),
    OCI_FIELD(oci_f_cgroup, rdma, "rdma", BOOL, OPT),
};
static const struct oci_schema oci_f_cgroup_schema = OCI_SCHEMA(oci_f_cgroup, f_cgroup_fields);

static const struct oci_field f_seccomp_fields[] = {
    OCI_FIELD(oci_f_seccomp, enabled, "enabled", BOOL, OPT),
    OCI_FIELD(oci_f_seccomp, actions, "actions", STRS, OPT),
    OCI_FIELD(oci_f_seccomp, operators, "operators", STRS, OPT),
    OCI_FIELD(oci_f_seccomp, archs, "archs", STRS, OPT),
    OCI_FIELD(oci_f_seccomp, known_flags, "knownFlags", STRS, OPT),
    OCI_FIELD(oci_f_seccomp, supported_flags, "supportedFlags", STRS, OPT),
};
static const struct oci_schema oci_f_seccomp_schema = OCI_SCHEMA(oci_f_seccomp, f_seccomp_fields);

static const struct oci_field f_mempolicy_fields[] = {
    OCI_FIELD(oci_f_mempolicy, modes, "modes", STRS, OPT),
    OCI_FIELD(oci_f_mempolicy, flags, "flags", STRS, OPT),
};
static const struct oci_schema oci_f_mempolicy_schema =
    OCI_SCHEMA(oci_f_mempolicy, f_mempolicy_fields);

static const struct oci_field f_intelrdt_fields[] = {
    OCI_FIELD(oci_f_intelrdt, enabled, "enabled", BOOL, OPT),
    OCI_FIELD(oci_f_intelrdt, schemata, "schemata", BOOL, OPT),
    OCI_FIELD(oci_f_intelrdt, monitoring, "monitoring", BOOL, OPT),
};
static const struct oci_schema oci_f_intelrdt_schema =
    OCI_SCHEMA(oci_f_intelrdt, f_intelrdt_fields);

static const struct oci_field f_mountext_fields[] = {
    OCI_FIELD_OF(oci_f_mountext, idmap, "idmap", OBJ, oci_f_enabled, OPT),
};
static const struct oci_schema oci_f_mountext_schema =
    OCI_SCHEMA(oci_f_mountext, f_mountext_fields);

static const struct oci_field f_linux_fields[] = {
    OCI_FIELD(oci_f_linux, namespaces, "namespaces", STRS, OPT),
    OCI_FIELD(oci_f_linux, capabilities, "capabilities", STRS, OPT),
    OCI_FIELD_OF(oci_f_linux, cgroup, "cgroup", OBJ, oci_f_cgroup, OPT),
    OCI_FIELD_OF(oci_f_linux, seccomp, "seccomp", OBJ, oci_f_seccomp, OPT),
    OCI_FIELD_OF(oci_f_linux, apparmor, "apparmor", OBJ, oci_f_enabled, OPT),
    OCI_FIELD_OF(oci_f_linux, selinux, "selinux", OBJ, oci_f_enabled, OPT),
    OCI_FIELD_OF(oci_f_linux, memory_policy, "memoryPolicy", OBJ, oci_f_mempolicy, OPT),
    OCI_FIELD_OF(oci_f_linux, intel_rdt, "intelRdt", OBJ, oci_f_intelrdt, OPT),
    OCI_FIELD_OF(oci_f_linux, mount_extensions, "mountExtensions", OBJ, oci_f_mountext, OPT),
    OCI_FIELD_OF(oci_f_linux, net_devices, "netDevices", OBJ, oci_f_enabled, OPT),
};
static const struct oci_schema oci_f_linux_schema = OCI_SCHEMA(oci_f_linux, f_linux_fields);

static const struct oci_field features_fields[] = {
    OCI_FIELD(oci_features, oci_version_min, "ociVersionMin", STR, REQ),
    OCI_FIELD(oci_features, oci_version_max, "ociVersionMax", STR, REQ),
    OCI_FIELD(oci_features, hooks, "hooks", STRS, OPT),
    OCI_FIELD(oci_features, mount_options, "mountOptions", STRS, OPT),
    OCI_FIELD(oci_features, annotations, "annotations", STR_MAP, OPT),
    OCI_FIELD(oci_features, potentially_unsafe_config_annotations,
              "potentiallyUnsafeConfigAnnotations", STRS, OPT),
    OCI_FIELD_OF(oci_features, linux_, "linux", OBJ, oci_f_linux, OPT),
};
const struct oci_schema oci_features_schema = OCI_SCHEMA(oci_features, features_fields);
