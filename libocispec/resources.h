/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/schema.h"

/* linux.resources.devices[].type: `a` for all. */
enum oci_cgdevtype {
    OCI_CGDEVTYPE_A,
    OCI_CGDEVTYPE_B,
    OCI_CGDEVTYPE_C,
};
extern const struct oci_enum oci_cgdevtype_names;

/* config-linux.md#allowed-device-list: absent numbers mean every one. */
struct oci_cg_device {
    bool allow;               /* "allow", required */
    struct oci_opt_enum type; /* "type": enum oci_cgdevtype */
    struct oci_opt_i64 major; /* "major" */
    struct oci_opt_i64 minor; /* "minor" */
    const char *access;       /* "access" */
};
OCI_ARRAY_OF(cg_device);

/* config-linux.md#memory: limits in bytes, -1 for none. */
struct oci_memory {
    struct oci_opt_i64 limit;                /* "limit" */
    struct oci_opt_i64 reservation;          /* "reservation" */
    struct oci_opt_i64 swap;                 /* "swap" */
    struct oci_opt_i64 kernel;               /* "kernel" */
    struct oci_opt_i64 kernel_tcp;           /* "kernelTCP" */
    struct oci_opt_u64 swappiness;           /* "swappiness" */
    struct oci_opt_bool disable_oom_killer;  /* "disableOOMKiller" */
    struct oci_opt_bool use_hierarchy;       /* "useHierarchy" */
    struct oci_opt_bool check_before_update; /* "checkBeforeUpdate" */
};
extern const struct oci_schema oci_memory_schema;

/* config-linux.md#cpu: times in microseconds. */
struct oci_cpu {
    struct oci_opt_u64 shares;           /* "shares" */
    struct oci_opt_i64 quota;            /* "quota" */
    struct oci_opt_u64 burst;            /* "burst" */
    struct oci_opt_u64 period;           /* "period" */
    struct oci_opt_i64 realtime_runtime; /* "realtimeRuntime" */
    struct oci_opt_u64 realtime_period;  /* "realtimePeriod" */
    const char *cpus;                    /* "cpus" */
    const char *mems;                    /* "mems" */
    struct oci_opt_i64 idle;             /* "idle" */
};
extern const struct oci_schema oci_cpu_schema;

/* config-linux.md#block-io */
struct oci_weight_device {
    int64_t major;                  /* "major", required */
    int64_t minor;                  /* "minor", required */
    struct oci_opt_u16 weight;      /* "weight" */
    struct oci_opt_u16 leaf_weight; /* "leafWeight" */
};
OCI_ARRAY_OF(weight_device);

/* config-linux.md#block-io: rate in bytes or operations a second. */
struct oci_throttle_device {
    int64_t major;           /* "major", required */
    int64_t minor;           /* "minor", required */
    struct oci_opt_u64 rate; /* "rate", required on Linux */
};
OCI_ARRAY_OF(throttle_device);

/* config-linux.md#block-io */
struct oci_block_io {
    struct oci_opt_u16 weight;                                   /* "weight" */
    struct oci_opt_u16 leaf_weight;                              /* "leafWeight" */
    struct oci_weight_device_array weight_device;                /* "weightDevice" */
    struct oci_throttle_device_array throttle_read_bps_device;   /* "throttleReadBpsDevice" */
    struct oci_throttle_device_array throttle_write_bps_device;  /* "throttleWriteBpsDevice" */
    struct oci_throttle_device_array throttle_read_iops_device;  /* "throttleReadIOPSDevice" */
    struct oci_throttle_device_array throttle_write_iops_device; /* "throttleWriteIOPSDevice" */
};

/* config-linux.md#huge-page-limits */
struct oci_hugepage_limit {
    const char *page_size; /* "pageSize", required */
    uint64_t limit;        /* "limit", required */
};
OCI_ARRAY_OF(hugepage_limit);

/* config-linux.md#network */
struct oci_if_priority {
    const char *name;  /* "name", required */
    uint32_t priority; /* "priority", required */
};
OCI_ARRAY_OF(if_priority);

/* config-linux.md#network */
struct oci_network {
    struct oci_opt_u32 class_id;             /* "classID" */
    struct oci_if_priority_array priorities; /* "priorities" */
};

/* config-linux.md#pids: the schema requires the limit, the prose does not; the prose holds. */
struct oci_pids {
    struct oci_opt_i64 limit; /* "limit" */
};

/* config-linux.md#rdma */
struct oci_rdma {
    struct oci_opt_u32 hca_handles; /* "hcaHandles" */
    struct oci_opt_u32 hca_objects; /* "hcaObjects" */
};
OCI_MAP_OF(rdma);

/* config-linux.md#control-groups; the document of `update` as well. */
struct oci_resources {
    struct oci_string_map unified;                   /* "unified" */
    struct oci_cg_device_array devices;              /* "devices" */
    struct oci_pids *pids;                           /* "pids" */
    struct oci_block_io *block_io;                   /* "blockIO" */
    struct oci_cpu *cpu;                             /* "cpu" */
    struct oci_hugepage_limit_array hugepage_limits; /* "hugepageLimits" */
    struct oci_memory *memory;                       /* "memory" */
    struct oci_network *network;                     /* "network" */
    struct oci_rdma_map rdma;                        /* "rdma" */
};
extern const struct oci_schema oci_resources_schema;
