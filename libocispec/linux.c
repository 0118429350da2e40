/* SPDX-License-Identifier: Apache-2.0 */
/* `linux` of config.json.  timeOffsets is a map, as in the prose: the schema knows two clocks only.
 */
#include "libocispec/linux.h"

static const char *const nstype_names[] = {
    [OCI_NSTYPE_MOUNT] = "mount",   [OCI_NSTYPE_PID] = "pid",   [OCI_NSTYPE_NETWORK] = "network",
    [OCI_NSTYPE_UTS] = "uts",       [OCI_NSTYPE_IPC] = "ipc",   [OCI_NSTYPE_USER] = "user",
    [OCI_NSTYPE_CGROUP] = "cgroup", [OCI_NSTYPE_TIME] = "time",
};
const struct oci_enum oci_nstype_names = OCI_ENUM(nstype_names);

static const char *const rootprop_names[] = {
    [OCI_ROOTPROP_PRIVATE] = "private",   [OCI_ROOTPROP_SHARED] = "shared",
    [OCI_ROOTPROP_SLAVE] = "slave",       [OCI_ROOTPROP_UNBINDABLE] = "unbindable",
    [OCI_ROOTPROP_RPRIVATE] = "rprivate", [OCI_ROOTPROP_RSHARED] = "rshared",
    [OCI_ROOTPROP_RSLAVE] = "rslave",     [OCI_ROOTPROP_RUNBINDABLE] = "runbindable",
};
const struct oci_enum oci_rootprop_names = OCI_ENUM(rootprop_names);

static const char *const devtype_names[] = {
    [OCI_DEVTYPE_C] = "c",
    [OCI_DEVTYPE_B] = "b",
    [OCI_DEVTYPE_U] = "u",
    [OCI_DEVTYPE_P] = "p",
};
const struct oci_enum oci_devtype_names = OCI_ENUM(devtype_names);

static const char *const mpolmode_names[] = {
    [OCI_MPOLMODE_DEFAULT] = "MPOL_DEFAULT",
    [OCI_MPOLMODE_PREFERRED] = "MPOL_PREFERRED",
    [OCI_MPOLMODE_BIND] = "MPOL_BIND",
    [OCI_MPOLMODE_INTERLEAVE] = "MPOL_INTERLEAVE",
    [OCI_MPOLMODE_LOCAL] = "MPOL_LOCAL",
    [OCI_MPOLMODE_PREFERRED_MANY] = "MPOL_PREFERRED_MANY",
    [OCI_MPOLMODE_WEIGHTED_INTERLEAVE] = "MPOL_WEIGHTED_INTERLEAVE",
};
const struct oci_enum oci_mpolmode_names = OCI_ENUM(mpolmode_names);

static const char *const mpolflag_names[] = {
    [OCI_MPOLFLAG_NUMA_BALANCING] = "MPOL_F_NUMA_BALANCING",
    [OCI_MPOLFLAG_RELATIVE_NODES] = "MPOL_F_RELATIVE_NODES",
    [OCI_MPOLFLAG_STATIC_NODES] = "MPOL_F_STATIC_NODES",
};
const struct oci_enum oci_mpolflag_names = OCI_ENUM(mpolflag_names);

static const char *const persdomain_names[] = {
    [OCI_PERSDOMAIN_LINUX] = "LINUX",
    [OCI_PERSDOMAIN_LINUX32] = "LINUX32",
};
const struct oci_enum oci_persdomain_names = OCI_ENUM(persdomain_names);

static const struct oci_field namespace_fields[] = {
    OCI_FIELD_OF(oci_namespace, type, "type", ENUM, oci_nstype, REQ),
    OCI_FIELD(oci_namespace, path, "path", STR, OPT),
};
const struct oci_schema oci_namespace_schema = OCI_SCHEMA(oci_namespace, namespace_fields);

static const struct oci_field time_offset_fields[] = {
    OCI_FIELD(oci_time_offset, secs, "secs", I64, OPT),
    OCI_FIELD(oci_time_offset, nanosecs, "nanosecs", U32, OPT),
};
static const struct oci_schema oci_time_offset_schema =
    OCI_SCHEMA(oci_time_offset, time_offset_fields);

static const struct oci_field device_fields[] = {
    OCI_FIELD_OF(oci_device, type, "type", ENUM, oci_devtype, REQ),
    OCI_FIELD(oci_device, path, "path", STR, REQ),
    OCI_FIELD(oci_device, major, "major", I64, OPT),
    OCI_FIELD(oci_device, minor, "minor", I64, OPT),
    OCI_FIELD(oci_device, file_mode, "fileMode", U32, OPT),
    OCI_FIELD(oci_device, uid, "uid", U32, OPT),
    OCI_FIELD(oci_device, gid, "gid", U32, OPT),
};
const struct oci_schema oci_device_schema = OCI_SCHEMA(oci_device, device_fields);

static const struct oci_field net_device_fields[] = {
    OCI_FIELD(oci_net_device, name, "name", STR, OPT),
};
static const struct oci_schema oci_net_device_schema =
    OCI_SCHEMA(oci_net_device, net_device_fields);

static const struct oci_field intel_rdt_fields[] = {
    OCI_FIELD(oci_intel_rdt, clos_id, "closID", STR, OPT),
    OCI_FIELD(oci_intel_rdt, schemata, "schemata", STRS, OPT),
    OCI_FIELD(oci_intel_rdt, l3_cache_schema, "l3CacheSchema", STR, OPT),
    OCI_FIELD(oci_intel_rdt, mem_bw_schema, "memBwSchema", STR, OPT),
    OCI_FIELD(oci_intel_rdt, enable_monitoring, "enableMonitoring", BOOL, OPT),
};
static const struct oci_schema oci_intel_rdt_schema = OCI_SCHEMA(oci_intel_rdt, intel_rdt_fields);

static const struct oci_field memory_policy_fields[] = {
    OCI_FIELD_OF(oci_memory_policy, mode, "mode", ENUM, oci_mpolmode, LIN),
    OCI_FIELD(oci_memory_policy, nodes, "nodes", STR, OPT),
    OCI_FIELD_OF(oci_memory_policy, flags, "flags", ENUMS, oci_mpolflag, OPT),
};
static const struct oci_schema oci_memory_policy_schema =
    OCI_SCHEMA(oci_memory_policy, memory_policy_fields);

static const struct oci_field personality_fields[] = {
    OCI_FIELD_OF(oci_personality, domain, "domain", ENUM, oci_persdomain, LIN),
    OCI_FIELD(oci_personality, flags, "flags", STRS, OPT),
};
static const struct oci_schema oci_personality_schema =
    OCI_SCHEMA(oci_personality, personality_fields);

static const struct oci_field linux_fields[] = {
    OCI_FIELD_OF(oci_linux, devices, "devices", ARR, oci_device, OPT),
    OCI_FIELD_OF(oci_linux, net_devices, "netDevices", MAP, oci_net_device, OPT),
    OCI_FIELD_OF(oci_linux, uid_mappings, "uidMappings", ARR, oci_idmap, OPT),
    OCI_FIELD_OF(oci_linux, gid_mappings, "gidMappings", ARR, oci_idmap, OPT),
    OCI_FIELD_OF(oci_linux, namespaces, "namespaces", ARR, oci_namespace, OPT),
    OCI_FIELD_OF(oci_linux, resources, "resources", OBJ, oci_resources, OPT),
    OCI_FIELD(oci_linux, cgroups_path, "cgroupsPath", STR, OPT),
    OCI_FIELD_OF(oci_linux, rootfs_propagation, "rootfsPropagation", ENUM, oci_rootprop, OPT),
    OCI_FIELD_OF(oci_linux, seccomp, "seccomp", OBJ, oci_seccomp, OPT),
    OCI_FIELD(oci_linux, sysctl, "sysctl", STR_MAP, OPT),
    OCI_FIELD(oci_linux, masked_paths, "maskedPaths", STRS, OPT),
    OCI_FIELD(oci_linux, readonly_paths, "readonlyPaths", STRS, OPT),
    OCI_FIELD(oci_linux, mount_label, "mountLabel", STR, OPT),
    OCI_FIELD_OF(oci_linux, intel_rdt, "intelRdt", OBJ, oci_intel_rdt, OPT),
    OCI_FIELD_OF(oci_linux, memory_policy, "memoryPolicy", OBJ, oci_memory_policy, OPT),
    OCI_FIELD_OF(oci_linux, personality, "personality", OBJ, oci_personality, OPT),
    OCI_FIELD_OF(oci_linux, time_offsets, "timeOffsets", MAP, oci_time_offset, OPT),
};
const struct oci_schema oci_linux_schema = OCI_SCHEMA(oci_linux, linux_fields);
