/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/mount.h"
#include "libocispec/resources.h"
#include "libocispec/schema.h"
#include "libocispec/seccomp.h"

/* linux.namespaces[].type */
enum oci_nstype {
    OCI_NSTYPE_MOUNT,
    OCI_NSTYPE_PID,
    OCI_NSTYPE_NETWORK,
    OCI_NSTYPE_UTS,
    OCI_NSTYPE_IPC,
    OCI_NSTYPE_USER,
    OCI_NSTYPE_CGROUP,
    OCI_NSTYPE_TIME,
};
extern const struct oci_enum oci_nstype_names;

/* linux.rootfsPropagation: the four of the specification, and what engines write besides. */
enum oci_rootprop {
    OCI_ROOTPROP_PRIVATE,
    OCI_ROOTPROP_SHARED,
    OCI_ROOTPROP_SLAVE,
    OCI_ROOTPROP_UNBINDABLE,
    OCI_ROOTPROP_RPRIVATE,
    OCI_ROOTPROP_RSHARED,
    OCI_ROOTPROP_RSLAVE,
    OCI_ROOTPROP_RUNBINDABLE,
};
extern const struct oci_enum oci_rootprop_names;

/* linux.devices[].type */
enum oci_devtype {
    OCI_DEVTYPE_C,
    OCI_DEVTYPE_B,
    OCI_DEVTYPE_U,
    OCI_DEVTYPE_P,
};
extern const struct oci_enum oci_devtype_names;

/* linux.memoryPolicy.mode */
enum oci_mpolmode {
    OCI_MPOLMODE_DEFAULT,
    OCI_MPOLMODE_PREFERRED,
    OCI_MPOLMODE_BIND,
    OCI_MPOLMODE_INTERLEAVE,
    OCI_MPOLMODE_LOCAL,
    OCI_MPOLMODE_PREFERRED_MANY,
    OCI_MPOLMODE_WEIGHTED_INTERLEAVE,
};
extern const struct oci_enum oci_mpolmode_names;

/* linux.memoryPolicy.flags */
enum oci_mpolflag {
    OCI_MPOLFLAG_NUMA_BALANCING,
    OCI_MPOLFLAG_RELATIVE_NODES,
    OCI_MPOLFLAG_STATIC_NODES,
};
extern const struct oci_enum oci_mpolflag_names;

/* linux.personality.domain */
enum oci_persdomain {
    OCI_PERSDOMAIN_LINUX,
    OCI_PERSDOMAIN_LINUX32,
};
extern const struct oci_enum oci_persdomain_names;

/* config-linux.md#namespaces: new without a path, joined with one. */
struct oci_namespace {
    uint8_t type;     /* "type": enum oci_nstype, required */
    const char *path; /* "path" */
};
OCI_ARRAY_OF(namespace);
extern const struct oci_schema oci_namespace_schema;

/* config-linux.md#time-offsets */
struct oci_time_offset {
    struct oci_opt_i64 secs;     /* "secs" */
    struct oci_opt_u32 nanosecs; /* "nanosecs" */
};
OCI_MAP_OF(time_offset);

/* config-linux.md#devices */
struct oci_device {
    uint8_t type;                 /* "type": enum oci_devtype, required */
    const char *path;             /* "path", required */
    struct oci_opt_i64 major;     /* "major" */
    struct oci_opt_i64 minor;     /* "minor" */
    struct oci_opt_u32 file_mode; /* "fileMode" */
    struct oci_opt_u32 uid;       /* "uid" */
    struct oci_opt_u32 gid;       /* "gid" */
};
OCI_ARRAY_OF(device);
extern const struct oci_schema oci_device_schema;

/* config-linux.md#network-devices */
struct oci_net_device {
    const char *name; /* "name" */
};
OCI_MAP_OF(net_device);

/* config-linux.md#intelrdt */
struct oci_intel_rdt {
    const char *clos_id;                   /* "closID" */
    struct oci_string_array schemata;      /* "schemata" */
    const char *l3_cache_schema;           /* "l3CacheSchema" */
    const char *mem_bw_schema;             /* "memBwSchema" */
    struct oci_opt_bool enable_monitoring; /* "enableMonitoring" */
};

/* config-linux.md#memory-policy: set_mempolicy(2). */
struct oci_memory_policy {
    struct oci_opt_enum mode;    /* "mode": enum oci_mpolmode, required on Linux */
    const char *nodes;           /* "nodes" */
    struct oci_enum_array flags; /* "flags": enum oci_mpolflag */
};

/* config-linux.md#personality: personality(2). */
struct oci_personality {
    struct oci_opt_enum domain;    /* "domain": enum oci_persdomain, required on Linux */
    struct oci_string_array flags; /* "flags" */
};

/* config-linux.md */
struct oci_linux {
    struct oci_device_array devices;         /* "devices" */
    struct oci_net_device_map net_devices;   /* "netDevices" */
    struct oci_idmap_array uid_mappings;     /* "uidMappings" */
    struct oci_idmap_array gid_mappings;     /* "gidMappings" */
    struct oci_namespace_array namespaces;   /* "namespaces" */
    struct oci_resources *resources;         /* "resources" */
    const char *cgroups_path;                /* "cgroupsPath" */
    struct oci_opt_enum rootfs_propagation;  /* "rootfsPropagation": enum oci_rootprop */
    struct oci_seccomp *seccomp;             /* "seccomp" */
    struct oci_string_map sysctl;            /* "sysctl" */
    struct oci_string_array masked_paths;    /* "maskedPaths" */
    struct oci_string_array readonly_paths;  /* "readonlyPaths" */
    const char *mount_label;                 /* "mountLabel" */
    struct oci_intel_rdt *intel_rdt;         /* "intelRdt" */
    struct oci_memory_policy *memory_policy; /* "memoryPolicy" */
    struct oci_personality *personality;     /* "personality" */
    struct oci_time_offset_map time_offsets; /* "timeOffsets" */
};
extern const struct oci_schema oci_linux_schema;
