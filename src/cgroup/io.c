/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.blockIO: io.max, and io.bfq.weight and io.weight, which counts to 10000 instead
 * of 1000: the one for disks that bfq schedules, the other for those with io.cost. */

#include "base/list.h"
#include "base/text.h"
#include "cgroup/limit_list.h"
#include "libocispec/resources.h"

enum { WEIGHT_LEAST = 10, WEIGHT_MOST = 1000, DEVICE_SIZE = 48, VALUE_SIZE = 96 };

static const char no_leaves[] = "cgroup v2 has no weight against the cgroups below";

static fallible refuse_leaf_weight(const char *field, struct oci_opt_u16 weight)
{
    if (!weight.value)
        return OK;
    return error_hint(error_unsupported(field, "%s", no_leaves),
                      "leave it out; blockIO.weight (io.weight) is the cgroup's own");
}

unsigned io_convert_weight(unsigned weight)
{
    unsigned above = weight > WEIGHT_LEAST ? weight - WEIGHT_LEAST : 0;
    return 1 + above * 9999U / (WEIGHT_MOST - WEIGHT_LEAST);
}

/* WHOSE is "default" or a device. */
static fallible add_weight(struct limit_list *list, const char *field, const char *whose,
                           struct oci_opt_u16 weight)
{
    char value[VALUE_SIZE], other[VALUE_SIZE];
    const struct limit limit = { .field = field,
                                 .controller = "io",
                                 .file = "io.bfq.weight",
                                 .value = value,
                                 .other_file = "io.weight",
                                 .other_value = other };

    if (!weight.value)
        return OK;
    if (weight.value < WEIGHT_LEAST || weight.value > WEIGHT_MOST)
        return error_config(field, "%u is not between %d and %d", weight.value, WEIGHT_LEAST,
                            WEIGHT_MOST);
    text_format(value, sizeof(value), "%s %u", whose, weight.value);
    text_format(other, sizeof(other), "%s %u", whose, io_convert_weight(weight.value));
    return limit_list_add(list, &limit);
}

/* For each disk one of the two files counts, by what schedules it; the kernel may have both. */
static fallible add_default_weight(struct limit_list *list, struct oci_opt_u16 weight)
{
    static const char field[] = "linux.resources.blockIO.weight";
    char value[VALUE_SIZE];
    const struct limit also = {
        .field = field, .file = "io.weight", .value = value, .is_optional = true
    };

    try(add_weight(list, field, "default", weight));
    if (!weight.value)
        return OK;
    text_format(value, sizeof(value), "default %u", io_convert_weight(weight.value));
    return limit_list_add(list, &also);
}

static fallible name_device(const char *field, int64_t major, int64_t minor, char *name)
{
    if (major < 0 || major > UINT32_MAX || minor < 0 || minor > UINT32_MAX)
        return error_config(field, "%lld:%lld is not a device", (long long) major,
                            (long long) minor);
    text_format(name, DEVICE_SIZE, "%lld:%lld", (long long) major, (long long) minor);
    return OK;
}

static fallible add_device_weight(struct limit_list *list, const struct oci_weight_device *device,
                                  uint32_t index)
{
    char field[ERROR_FIELD_SIZE], name[DEVICE_SIZE];

    text_format(field, sizeof(field), "linux.resources.blockIO.weightDevice[%u].leafWeight", index);
    try(refuse_leaf_weight(field, device->leaf_weight));
    text_format(field, sizeof(field), "linux.resources.blockIO.weightDevice[%u]", index);
    if (!device->weight.present && !device->leaf_weight.present)
        return error_config(field, "has neither weight nor leafWeight");
    try(name_device(field, device->major, device->minor, name));
    text_format(field, sizeof(field), "linux.resources.blockIO.weightDevice[%u].weight", index);
    return add_weight(list, field, name, device->weight);
}

/* One of the four kinds of throttles. */
struct throttle {
    const char *key; /* in io.max */
    const char *field;
    const struct oci_throttle_device_array *devices;
    uint64_t most; /* this, and more, is no limit to the kernel; neither is 0 to version 1 */
};

static fallible add_throttle(struct limit_list *list, const struct throttle *throttle,
                             uint32_t index)
{
    const struct oci_throttle_device *device = throttle->devices->v[index];
    char field[ERROR_FIELD_SIZE], name[DEVICE_SIZE], value[VALUE_SIZE];
    struct limit limit = { .field = field, .controller = "io", .file = "io.max", .value = value };
    uint64_t rate = device->rate.value;

    text_format(field, sizeof(field), "linux.resources.blockIO.%s[%u]", throttle->field, index);
    if (!device->rate.present)
        return error_config(field, "has no rate");
    try(name_device(field, device->major, device->minor, name));
    limit.is_optional = rate == 0 || rate >= throttle->most;
    if (limit.is_optional)
        text_format(value, sizeof(value), "%s %s=max", name, throttle->key);
    else
        text_format(value, sizeof(value), "%s %s=%llu", name, throttle->key,
                    (unsigned long long) rate);
    return limit_list_add(list, &limit);
}

static fallible add_throttles(struct limit_list *list, const struct oci_block_io *block_io)
{
    const struct throttle throttles[] = {
        { "rbps", "throttleReadBpsDevice", &block_io->throttle_read_bps_device, UINT64_MAX },
        { "wbps", "throttleWriteBpsDevice", &block_io->throttle_write_bps_device, UINT64_MAX },
        { "riops", "throttleReadIOPSDevice", &block_io->throttle_read_iops_device, UINT32_MAX },
        { "wiops", "throttleWriteIOPSDevice", &block_io->throttle_write_iops_device, UINT32_MAX },
    };

    for (size_t i = 0; i < LENGTH(throttles); i++)
        for (uint32_t k = 0; k < throttles[i].devices->n; k++)
            try(add_throttle(list, &throttles[i], k));
    return OK;
}

fallible io_plan(const struct oci_resources *resources, struct limit_list *list)
{
    const struct oci_block_io *block_io = resources->block_io;

    if (!block_io)
        return OK;
    try(refuse_leaf_weight("linux.resources.blockIO.leafWeight", block_io->leaf_weight));
    try(add_default_weight(list, block_io->weight));
    for (uint32_t i = 0; i < block_io->weight_device.n; i++)
        try(add_device_weight(list, block_io->weight_device.v[i], i));
    return add_throttles(list, block_io);
}
