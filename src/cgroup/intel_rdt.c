/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.intelRdt: what it asks for.  All of it becomes lines of the group's file "schemata"; the
 * kernel alone knows which resources and domains there are.
 */
#include "cgroup/intel_rdt.h"

#include <limits.h>
#include <string.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/intel_rdt_schemata.h"
#include "libocispec/linux.h"

/* Directories of the kernel, which are no groups. */
static const char *const reserved[] = { "info", "mon_data", "mon_groups" };

static fallible check_group(const char *name)
{
    static const char field[] = "linux.intelRdt.closID";

    if (text_equal(name, "/"))
        return OK;
    if (!*name)
        return error_config(field, "must not be empty");
    if (text_equal(name, ".") || text_equal(name, "..") || strpbrk(name, "/\n") ||
        strlen(name) > NAME_MAX)
        return error_hint(error_config(field, "'%s' is not the name of a group", name),
                          "one name without a slash, or \"/\" for the group of all others");
    for (size_t i = 0; i < LENGTH(reserved); i++)
        if (text_equal(name, reserved[i]))
            return error_config(field, "'%s' belongs to the kernel", name);
    return OK;
}

static fallible add_line(const char *field, const char *line, struct arena *arena,
                         struct intel_rdt_plan *plan)
{
    if (strchr(line, '\n'))
        return error_hint(error_config(field, "has more than one line"),
                          "linux.intelRdt.schemata takes any number of lines");
    if (!schemata_are_valid(line))
        return error_hint(error_config(field, "'%s' is not a line of schemata", line),
                          "as in \"L3:0=ff;1=f0\"");
    try_print(plan->schemata, arena, "%s%s\n", plan->schemata ? plan->schemata : "", line);
    return strlen(plan->schemata) < INTEL_RDT_SIZE
               ? OK
               : error_config("linux.intelRdt", "more than %d bytes of schemata", INTEL_RDT_SIZE);
}

/* The order of writing is that of the specification [RDT6]. */
static fallible collect_lines(const struct oci_intel_rdt *rdt, struct arena *arena,
                              struct intel_rdt_plan *plan)
{
    static const char cache[] = "linux.intelRdt.l3CacheSchema";
    static const char bandwidth[] = "linux.intelRdt.memBwSchema";
    char field[ERROR_FIELD_SIZE];

    if (rdt->l3_cache_schema) {
        if (!text_starts(rdt->l3_cache_schema, "L3:"))
            log_warning("%s: '%s' does not begin with L3:", cache, rdt->l3_cache_schema);
        try(add_line(cache, rdt->l3_cache_schema, arena, plan));
    }
    if (rdt->mem_bw_schema) {
        if (!text_starts(rdt->mem_bw_schema, "MB:"))
            return error_config(bandwidth, "'%s' does not begin with MB:", rdt->mem_bw_schema);
        try(add_line(bandwidth, rdt->mem_bw_schema, arena, plan));
    }
    for (uint32_t i = 0; i < rdt->schemata.n; i++) {
        text_format(field, sizeof(field), "linux.intelRdt.schemata[%u]", i);
        try(add_line(field, rdt->schemata.v[i], arena, plan));
    }
    return OK;
}

fallible intel_rdt_plan(const struct oci_linux *linux_, const char *id, struct arena *arena,
                        struct intel_rdt_plan *plan)
{
    const struct oci_intel_rdt *rdt = linux_ ? linux_->intel_rdt : NULL;
    struct intel_rdt_plan found = { .schemata = NULL };

    if (!rdt) {
        *plan = found;
        return OK;
    }
    found.groups.is_own = !rdt->clos_id;
    found.groups.group = rdt->clos_id ? rdt->clos_id : id;
    if (rdt->clos_id)
        try(check_group(rdt->clos_id));
    if (rdt->enable_monitoring.present && rdt->enable_monitoring.value)
        found.groups.monitor = id;
    try(collect_lines(rdt, arena, &found));
    *plan = found;
    return OK;
}
