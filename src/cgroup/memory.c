/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.memory: memory.max, memory.low, memory.swap.max.  Version 1 limits memory and
 * swap together, version 2 swap alone: the difference of the two is written. */

#include "base/list.h"
#include "base/text.h"
#include "cgroup/file.h"
#include "cgroup/limit_list.h"
#include "libocispec/resources.h"

static const char limit_field[] = "linux.resources.memory.limit";
static const char reservation_field[] = "linux.resources.memory.reservation";
static const char swap_field[] = "linux.resources.memory.swap";

/* Kernel memory is counted as memory, and cannot be limited alone. */
static fallible check_kernel(const char *field, struct oci_opt_i64 limit)
{
    if (limit.value == 0 || limit.value == -1)
        return OK;
    return error_hint(
        error_unsupported(field, "cgroup v2 has no limit on the kernel's memory alone"),
        "leave it out: memory.limit (memory.max) counts the kernel's memory as well");
}

static fallible refuse_version_1(const struct oci_memory *memory)
{
    try(check_kernel("linux.resources.memory.kernel", memory->kernel));
    try(check_kernel("linux.resources.memory.kernelTCP", memory->kernel_tcp));
    if (memory->swappiness.present && memory->swappiness.value > 100)
        return error_config("linux.resources.memory.swappiness", "%llu is not between 0 and 100",
                            (unsigned long long) memory->swappiness.value);
    if (memory->swappiness.present)
        return error_hint(error_unsupported("linux.resources.memory.swappiness",
                                            "cgroup v2 has no swappiness of a cgroup"),
                          "leave it out; memory.swap (memory.swap.max) limits the swap it may use");
    if (memory->disable_oom_killer.value)
        return error_hint(
            error_unsupported("linux.resources.memory.disableOOMKiller",
                              "cgroup v2 cannot do without the OOM killer"),
            "leave it out; memory.high (in linux.resources.unified) slows a container "
            "down instead of killing it");
    if (memory->use_hierarchy.present && !memory->use_hierarchy.value)
        return error_hint(error_unsupported("linux.resources.memory.useHierarchy",
                                            "cgroup v2 always counts by hierarchy"),
                          "leave it out");
    return OK;
}

static fallible check_bytes(const char *field, struct oci_opt_i64 bytes)
{
    if (bytes.value >= -1)
        return OK;
    return error_hint(error_config(field, "%lld is not a number of bytes", (long long) bytes.value),
                      "-1 means no limit");
}

/* -1 is "max", 0 is unset. */
static fallible add_bytes(struct limit_list *list, struct limit limit, struct oci_opt_i64 bytes)
{
    limit.controller = "memory";
    limit.value = "max";
    if (bytes.value == -1)
        return limit_list_add(list, &limit);
    limit.is_optional = false;
    return bytes.value ? limit_list_add_number(list, limit, (uint64_t) bytes.value) : OK;
}

/* The limit that a limit on swap goes with: that beside it, or else the one that holds, if any. */
static fallible find_limit(const struct limit_list *list, const struct oci_memory *memory,
                           int64_t *limit)
{
    uint64_t now;

    *limit = memory->limit.value;
    if (list->cgroup < 0 || *limit || memory->swap.value <= 0)
        return OK;
    try(cgroup_file_read_number(list->cgroup, "memory.max", UINT64_MAX, &now));
    *limit = now > INT64_MAX ? 0 : (int64_t) now;
    return OK;
}

static fallible check_swap(int64_t limit, int64_t swap)
{
    if (swap > 0 && limit == 0)
        return error_hint(error_config(swap_field, "needs %s beside it", limit_field),
                          "it is the limit of memory and swap together");
    if (swap > 0 && limit > swap)
        return error_hint(error_config(swap_field, "%lld is below %s, %lld", (long long) swap,
                                       limit_field, (long long) limit),
                          "it is the limit of memory and swap together");
    return OK;
}

/* Without swap, the kernel has no such file, and neither "0" nor "max" would change a thing.  No
 * limit on memory means none on swap, if nothing is said of that. */
static fallible add_swap(struct limit_list *list, int64_t limit, int64_t swap)
{
    struct limit made = { .field = swap_field, .controller = "memory", .file = "memory.swap.max" };

    if (swap == -1 || (swap == 0 && limit == -1)) {
        made.field = swap ? swap_field : limit_field;
        made.value = "max";
        made.is_optional = true;
        return limit_list_add(list, &made);
    }
    if (swap == 0)
        return OK;
    uint64_t alone = (uint64_t) (limit == -1 ? swap : swap - limit);
    made.is_optional = alone == 0;
    return limit_list_add_number(list, made, alone);
}

fallible memory_plan(const struct oci_resources *resources, struct limit_list *list)
{
    const struct oci_memory *memory = resources->memory;
    int64_t limit;

    if (!memory)
        return OK;
    try(refuse_version_1(memory));
    try(check_bytes(limit_field, memory->limit));
    try(check_bytes(reservation_field, memory->reservation));
    try(check_bytes(swap_field, memory->swap));
    try(find_limit(list, memory, &limit));
    try(check_swap(limit, memory->swap.value));
    try(add_swap(list, limit, memory->swap.value));
    const struct limit low = { .field = reservation_field, .file = "memory.low" };
    const struct limit max = { .field = limit_field, .file = "memory.max", .is_optional = true };
    try(add_bytes(list, low, memory->reservation));
    return add_bytes(list, max, memory->limit);
}
