/* SPDX-License-Identifier: Apache-2.0 */
/* `linux.resources` of config.json, and the document of `update`.  pids.limit is optional as in the
 * prose, though the schema requires it. */
#include "libocispec/resources.h"

static const char *const cgdevtype_names[] = {
    [OCI_CGDEVTYPE_A] = "a",
    [OCI_CGDEVTYPE_B] = "b",
    [OCI_CGDEVTYPE_C] = "c",
};
const struct oci_enum oci_cgdevtype_names = OCI_ENUM(cgdevtype_names);

static const struct oci_field cg_device_fields[] = {
    OCI_FIELD(oci_cg_device, allow, "allow", BOOL, REQ),
    OCI_FIELD_OF(oci_cg_device, type, "type", ENUM, oci_cgdevtype, OPT),
    OCI_FIELD(oci_cg_device, major, "major", I64, OPT),
    OCI_FIELD(oci_cg_device, minor, "minor", I64, OPT),
    OCI_FIELD(oci_cg_device, access, "access", STR, OPT),
};
static const struct oci_schema oci_cg_device_schema = OCI_SCHEMA(oci_cg_device, cg_device_fields);

static const struct oci_field memory_fields[] = {
    OCI_FIELD(oci_memory, limit, "limit", I64, OPT),
    OCI_FIELD(oci_memory, reservation, "reservation", I64, OPT),
    OCI_FIELD(oci_memory, swap, "swap", I64, OPT),
    OCI_FIELD(oci_memory, kernel, "kernel", I64, OPT),
    OCI_FIELD(oci_memory, kernel_tcp, "kernelTCP", I64, OPT),
    OCI_FIELD(oci_memory, swappiness, "swappiness", U64, OPT),
    OCI_FIELD(oci_memory, disable_oom_killer, "disableOOMKiller", BOOL, OPT),
    OCI_FIELD(oci_memory, use_hierarchy, "useHierarchy", BOOL, OPT),
    OCI_FIELD(oci_memory, check_before_update, "checkBeforeUpdate", BOOL, OPT),
};
const struct oci_schema oci_memory_schema = OCI_SCHEMA(oci_memory, memory_fields);

static const struct oci_field cpu_fields[] = {
    OCI_FIELD(oci_cpu, shares, "shares", U64, OPT),
    OCI_FIELD(oci_cpu, quota, "quota", I64, OPT),
    OCI_FIELD(oci_cpu, burst, "burst", U64, OPT),
    OCI_FIELD(oci_cpu, period, "period", U64, OPT),
    OCI_FIELD(oci_cpu, realtime_runtime, "realtimeRuntime", I64, OPT),
    OCI_FIELD(oci_cpu, realtime_period, "realtimePeriod", U64, OPT),
    OCI_FIELD(oci_cpu, cpus, "cpus", STR, OPT),
    OCI_FIELD(oci_cpu, mems, "mems", STR, OPT),
    OCI_FIELD(oci_cpu, idle, "idle", I64, OPT),
};
const struct oci_schema oci_cpu_schema = OCI_SCHEMA(oci_cpu, cpu_fields);

static const struct oci_field weight_device_fields[] = {
    OCI_FIELD(oci_weight_device, major, "major", I64, REQ),
    OCI_FIELD(oci_weight_device, minor, "minor", I64, REQ),
    OCI_FIELD(oci_weight_device, weight, "weight", U16, OPT),
    OCI_FIELD(oci_weight_device, leaf_weight, "leafWeight", U16, OPT),
};
static const struct oci_schema oci_weight_device_schema =
    OCI_SCHEMA(oci_weight_device, weight_device_fields);

static const struct oci_field throttle_device_fields[] = {
    OCI_FIELD(oci_throttle_device, major, "major", I64, REQ),
    OCI_FIELD(oci_throttle_device, minor, "minor", I64, REQ),
    OCI_FIELD(oci_throttle_device, rate, "rate", U64, LIN),
};
static const struct oci_schema oci_throttle_device_schema =
    OCI_SCHEMA(oci_throttle_device, throttle_device_fields);

static const struct oci_field block_io_fields[] = {
    OCI_FIELD(oci_block_io, weight, "weight", U16, OPT),
    OCI_FIELD(oci_block_io, leaf_weight, "leafWeight", U16, OPT),
    OCI_FIELD_OF(oci_block_io, weight_device, "weightDevice", ARR, oci_weight_device, OPT),
    OCI_FIELD_OF(oci_block_io, throttle_read_bps_device, "throttleReadBpsDevice", ARR,
                 oci_throttle_device, OPT),
    OCI_FIELD_OF(oci_block_io, throttle_write_bps_device, "throttleWriteBpsDevice", ARR,
                 oci_throttle_device, OPT),
    OCI_FIELD_OF(oci_block_io, throttle_read_iops_device, "throttleReadIOPSDevice", ARR,
                 oci_throttle_device, OPT),
    OCI_FIELD_OF(oci_block_io, throttle_write_iops_device, "throttleWriteIOPSDevice", ARR,
                 oci_throttle_device, OPT),
};
static const struct oci_schema oci_block_io_schema = OCI_SCHEMA(oci_block_io, block_io_fields);

static const struct oci_field hugepage_limit_fields[] = {
    OCI_FIELD(oci_hugepage_limit, page_size, "pageSize", STR, REQ),
    OCI_FIELD(oci_hugepage_limit, limit, "limit", U64, REQ),
};
static const struct oci_schema oci_hugepage_limit_schema =
    OCI_SCHEMA(oci_hugepage_limit, hugepage_limit_fields);

static const struct oci_field if_priority_fields[] = {
    OCI_FIELD(oci_if_priority, name, "name", STR, REQ),
    OCI_FIELD(oci_if_priority, priority, "priority", U32, REQ),
};
static const struct oci_schema oci_if_priority_schema =
    OCI_SCHEMA(oci_if_priority, if_priority_fields);

static const struct oci_field network_fields[] = {
    OCI_FIELD(oci_network, class_id, "classID", U32, OPT),
    OCI_FIELD_OF(oci_network, priorities, "priorities", ARR, oci_if_priority, OPT),
};
static const struct oci_schema oci_network_schema = OCI_SCHEMA(oci_network, network_fields);

static const struct oci_field pids_fields[] = {
    OCI_FIELD(oci_pids, limit, "limit", I64, OPT),
};
static const struct oci_schema oci_pids_schema = OCI_SCHEMA(oci_pids, pids_fields);

static const struct oci_field rdma_fields[] = {
    OCI_FIELD(oci_rdma, hca_handles, "hcaHandles", U32, OPT),
    OCI_FIELD(oci_rdma, hca_objects, "hcaObjects", U32, OPT),
};
static const struct oci_schema oci_rdma_schema = OCI_SCHEMA(oci_rdma, rdma_fields);

static const struct oci_field resources_fields[] = {
    OCI_FIELD(oci_resources, unified, "unified", STR_MAP, OPT),
    OCI_FIELD_OF(oci_resources, devices, "devices", ARR, oci_cg_device, OPT),
    OCI_FIELD_OF(oci_resources, pids, "pids", OBJ, oci_pids, OPT),
    OCI_FIELD_OF(oci_resources, block_io, "blockIO", OBJ, oci_block_io, OPT),
    OCI_FIELD_OF(oci_resources, cpu, "cpu", OBJ, oci_cpu, OPT),
    OCI_FIELD_OF(oci_resources, hugepage_limits, "hugepageLimits", ARR, oci_hugepage_limit, OPT),
    OCI_FIELD_OF(oci_resources, memory, "memory", OBJ, oci_memory, OPT),
    OCI_FIELD_OF(oci_resources, network, "network", OBJ, oci_network, OPT),
    OCI_FIELD_OF(oci_resources, rdma, "rdma", MAP, oci_rdma, OPT),
};
const struct oci_schema oci_resources_schema = OCI_SCHEMA(oci_resources, resources_fields);
