/* SPDX-License-Identifier: Apache-2.0 */
/* What config.json may ask for and this version does not do.  Nothing of it is ignored in silence;
 * but engines send many members that ask for nothing ("memory": {}), and those are let pass. */

#include "container/refusals.h"

#include "base/list.h"
#include "base/text.h"
#include "libocispec/config.h"
#include "libocispec/engine.h"

#define NO_LABELS "labels of Linux security modules are not supported"
#define NO_IDMAPPED_MOUNTS "idmapped mounts are not supported"
#define NO_V2 "cgroup v2 has no such setting"
#define LEAVE_OUT "leave it out"
#define SET_LATER(file) "leave it out, and write " file " in the container's cgroup after create"

// clang-format off
const struct refusal refusals[] = {
    { "vm", REFUSE_EFFECT, "using a virtual machine is not supported", LEAVE_OUT },

    { "process.terminal", REFUSE_EFFECT, "terminals are not supported",
      "set it to false: the process then has the standard streams of tare" },
    { "process.apparmorProfile", REFUSE_EFFECT, NO_LABELS, LEAVE_OUT },
    { "process.selinuxLabel", REFUSE_EFFECT, NO_LABELS, LEAVE_OUT },
    { "process.execCPUAffinity.initial", REFUSE_EFFECT, "there is no exec to set it for", LEAVE_OUT },
    { "process.execCPUAffinity.final", REFUSE_EFFECT, "there is no exec to set it for", LEAVE_OUT },

    { "linux.netDevices", REFUSE_EFFECT, "moving network devices is not supported",
      "leave it out, and use 'ip link set DEVICE netns PID' after create" },
    { "linux.seccomp", REFUSE_EFFECT, "seccomp filters are not supported",
      "leave it out if the program may make every system call" },
    { "linux.mountLabel", REFUSE_EFFECT, NO_LABELS, LEAVE_OUT },
    { "linux.intelRdt", REFUSE_EFFECT, "Intel RDT is not supported", LEAVE_OUT },
    { "linux.memoryPolicy", REFUSE_EFFECT, "memory policies are not supported",
      "leave it out, and run tare under numactl" },

    { "linux.resources.unified", REFUSE_EFFECT, "resource limits are not supported",
      SET_LATER("the files") },
    { "linux.resources.pids.limit", REFUSE_PIDS, "limits on processes are not supported",
      SET_LATER("pids.max") },
    { "linux.resources.memory.limit", REFUSE_LIMIT, "limits on memory are not supported",
      SET_LATER("memory.max") },
    { "linux.resources.memory.reservation", REFUSE_LIMIT, "limits on memory are not supported",
      SET_LATER("memory.low") },
    { "linux.resources.memory.swap", REFUSE_LIMIT, "limits on memory are not supported",
      SET_LATER("memory.swap.max") },
    { "linux.resources.memory.kernel", REFUSE_LIMIT, NO_V2, LEAVE_OUT },
    { "linux.resources.memory.kernelTCP", REFUSE_LIMIT, NO_V2, LEAVE_OUT },
    { "linux.resources.memory.swappiness", REFUSE_PRESENT, NO_V2, LEAVE_OUT },
    { "linux.resources.memory.disableOOMKiller", REFUSE_EFFECT, NO_V2, LEAVE_OUT },
    { "linux.resources.memory.useHierarchy", REFUSE_FALSE,
      "cgroup v2 always counts by hierarchy", LEAVE_OUT },
    { "linux.resources.cpu.shares", REFUSE_EFFECT, "shares of CPU time are not supported",
      SET_LATER("cpu.weight") },
    { "linux.resources.cpu.quota", REFUSE_POSITIVE, "limits on CPU time are not supported",
      SET_LATER("cpu.max") },
    { "linux.resources.cpu.period", REFUSE_EFFECT, "limits on CPU time are not supported",
      SET_LATER("cpu.max") },
    { "linux.resources.cpu.burst", REFUSE_PRESENT, "limits on CPU time are not supported",
      SET_LATER("cpu.max.burst") },
    { "linux.resources.cpu.realtimeRuntime", REFUSE_EFFECT, NO_V2, LEAVE_OUT },
    { "linux.resources.cpu.realtimePeriod", REFUSE_EFFECT, NO_V2, LEAVE_OUT },
    { "linux.resources.cpu.cpus", REFUSE_EFFECT, "sets of CPUs are not supported",
      SET_LATER("cpuset.cpus") },
    { "linux.resources.cpu.mems", REFUSE_EFFECT, "sets of memory nodes are not supported",
      SET_LATER("cpuset.mems") },
    { "linux.resources.cpu.idle", REFUSE_PRESENT, "idle cgroups are not supported",
      SET_LATER("cpu.idle") },
    { "linux.resources.blockIO.weight", REFUSE_EFFECT, "I/O weights are not supported",
      SET_LATER("io.weight") },
    { "linux.resources.blockIO.leafWeight", REFUSE_EFFECT, NO_V2, LEAVE_OUT },
    { "linux.resources.blockIO.weightDevice", REFUSE_EFFECT, "I/O weights are not supported",
      SET_LATER("io.weight") },
    { "linux.resources.blockIO.throttleReadBpsDevice", REFUSE_EFFECT,
      "I/O limits are not supported", SET_LATER("io.max") },
    { "linux.resources.blockIO.throttleWriteBpsDevice", REFUSE_EFFECT,
      "I/O limits are not supported", SET_LATER("io.max") },
    { "linux.resources.blockIO.throttleReadIOPSDevice", REFUSE_EFFECT,
      "I/O limits are not supported", SET_LATER("io.max") },
    { "linux.resources.blockIO.throttleWriteIOPSDevice", REFUSE_EFFECT,
      "I/O limits are not supported", SET_LATER("io.max") },
    { "linux.resources.hugepageLimits", REFUSE_EFFECT, "limits on huge pages are not supported",
      SET_LATER("the hugetlb files") },
    { "linux.resources.network.classID", REFUSE_EFFECT, NO_V2, LEAVE_OUT },
    { "linux.resources.network.priorities", REFUSE_EFFECT, NO_V2, LEAVE_OUT },
    { "linux.resources.rdma", REFUSE_EFFECT, "limits on RDMA are not supported",
      SET_LATER("rdma.max") },
};
const size_t refusal_count = LENGTH(refusals);

const struct refusal mount_refusals[] = {
    { "uidMappings", REFUSE_EFFECT, NO_IDMAPPED_MOUNTS, LEAVE_OUT },
    { "gidMappings", REFUSE_EFFECT, NO_IDMAPPED_MOUNTS, LEAVE_OUT },
};
const size_t mount_refusal_count = LENGTH(mount_refusals);
// clang-format on

/* A value found by its path, in one form for all kinds. */
struct found {
    bool is_present;
    bool has_effect; /* REFUSE_EFFECT */
    bool is_true;
    int64_t number; /* unsigned ones beyond INT64_MAX count as that */
};

static struct found read_unsigned(bool is_present, uint64_t value)
{
    int64_t number = value > INT64_MAX ? INT64_MAX : (int64_t) value;
    return (struct found){ is_present, value != 0, false, number };
}

static struct found read_signed(bool is_present, int64_t value)
{
    return (struct found){ is_present, value != 0, false, value };
}

/* The kinds that stand in the tables above, absent ones included. */
static struct found read_value(const struct oci_field *field, const void *value)
{
    const struct oci_opt_bool *flag = value;
    const struct oci_list *list = value;
    const char *const *string = value;
    const void *const *object = value;

    switch (field->kind) {
    case OCI_KIND_BOOL:
        return (struct found){ flag->present, flag->value, flag->value, flag->value };
    case OCI_KIND_I64:
        return read_signed(((const struct oci_opt_i64 *) value)->present,
                           ((const struct oci_opt_i64 *) value)->value);
    case OCI_KIND_U16:
        return read_unsigned(((const struct oci_opt_u16 *) value)->present,
                             ((const struct oci_opt_u16 *) value)->value);
    case OCI_KIND_U32:
        return read_unsigned(((const struct oci_opt_u32 *) value)->present,
                             ((const struct oci_opt_u32 *) value)->value);
    case OCI_KIND_U64:
        return read_unsigned(((const struct oci_opt_u64 *) value)->present,
                             ((const struct oci_opt_u64 *) value)->value);
    case OCI_KIND_STR:
        return (struct found){ .is_present = *string, .has_effect = *string && **string };
    case OCI_KIND_OBJ:
        return (struct found){ .is_present = *object, .has_effect = *object };
    default:
        return (struct found){ .is_present = list->v, .has_effect = list->n };
    }
}

static const struct oci_field *find_field(const struct oci_schema *schema, const char *key,
                                          size_t length)
{
    for (uint32_t i = 0; i < schema->n; i++)
        if (schema->fields[i].length == length && text_starts(key, schema->fields[i].key))
            return &schema->fields[i];
    return NULL;
}

/* Follows a path of objects to its last member; nothing is there if an object on the way is not. */
static struct found find(const struct oci_schema *schema, const void *object, const char *path)
{
    while (object) {
        size_t length = 0;
        while (path[length] && path[length] != '.')
            length++;
        const struct oci_field *field = find_field(schema, path, length);
        if (!field)
            break;
        const void *member = (const char *) object + field->offset;
        if (!path[length])
            return read_value(field, member);
        object = *(const void *const *) member;
        schema = field->of.schema;
        path += length + 1;
    }
    return (struct found){ 0 };
}

static bool is_refused(enum refusal_rule rule, const struct found *found, bool is_pids_zero_real)
{
    switch (rule) {
    case REFUSE_EFFECT:
        return found->has_effect;
    case REFUSE_PRESENT:
        return found->is_present;
    case REFUSE_LIMIT:
        return found->number != 0 && found->number != -1;
    case REFUSE_PIDS:
        return found->number == 0 ? found->is_present && is_pids_zero_real : found->number != -1;
    case REFUSE_POSITIVE:
        return found->number > 0;
    case REFUSE_FALSE:
        return found->is_present && !found->is_true;
    }
    return true;
}

fallible refusals_check(const struct oci_config *config, bool is_pids_zero_real)
{
    for (size_t i = 0; i < refusal_count; i++) {
        const struct refusal *refusal = &refusals[i];
        const struct found found = find(&oci_config_schema, config, refusal->field);
        if (is_refused(refusal->rule, &found, is_pids_zero_real))
            return error_hint(error_unsupported(refusal->field, "%s", refusal->reason), "%s",
                              refusal->way_out);
    }
    for (size_t i = 0; i < config->mounts.n * mount_refusal_count; i++) {
        const struct refusal *refusal = &mount_refusals[i % mount_refusal_count];
        size_t index = i / mount_refusal_count;
        char field[ERROR_FIELD_SIZE];
        const struct found found = find(&oci_mount_schema, config->mounts.v[index], refusal->field);
        if (!is_refused(refusal->rule, &found, is_pids_zero_real))
            continue;
        text_format(field, sizeof(field), "mounts[%zu].%s", index, refusal->field);
        return error_hint(error_unsupported(field, "%s", refusal->reason), "%s", refusal->way_out);
    }
    return OK;
}
