/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update where systemd has made the cgroup: it knows of the limits as properties of the scope, and
 * writes those again whenever it likes.
 *
 * A weight of a disk cannot be taken out of the property: the whole list is given anew.
 */
#include "container/scope.h"

#include <errno.h>
#include <string.h>

#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/device_rules.h"
#include "cgroup/file.h"
#include "cgroup/limits.h"
#include "cgroup/scope.h"
#include "cgroup/scope_text.h"
#include "container/container.h"
#include "libocispec/config.h"

enum { NAME_SIZE = 160 };

fallible container_find_scope(const struct store *store, const struct record *record,
                              struct arena *arena, struct scope *scope)
{
    const struct scope_owner owner = { record->id, store->directory, record->created };
    return scope_find(record->scope, &owner, arena, scope);
}

static fallible set(const struct scope_update *update, const struct scope_text *properties)
{
    const struct container *container = update->container;
    struct scope scope;

    try(container_find_scope(container->store, &container->record, container->arena, &scope));
    return scope_set(&scope, properties);
}

fallible update_scope_check(const struct scope_update *update)
{
    const struct scope_text nothing = { .arena = update->container->arena };
    return update->container->record.scope ? set(update, &nothing) : OK;
}

static bool is_default_of_disk(const struct limit *limit)
{
    const char *behind = strchr(limit->value, ' ');
    bool is_weight =
        text_equal(limit->file, "io.weight") || text_equal(limit->file, "io.bfq.weight");
    return is_weight && behind && text_equal(behind, " default");
}

/* Whether BEFORE, if there is one, has nothing to give back to the disk but the default. */
static bool stays(const char *file, const char *line, const struct oci_string_array *before)
{
    char unset[NAME_SIZE];
    bool has_own = !text_starts(line, "default ");

    text_format(unset, sizeof(unset), "%s %.*s default", file, (int) strcspn(line, " "), line);
    for (uint32_t i = 0; before && i < before->n; i++)
        has_own &= !text_equal(before->v[i], unset);
    return has_own;
}

/* A kernel need not have both of the files. */
static fallible add_disks_of(const char *file, int cgroup, const struct oci_string_array *before,
                             struct scope_text *properties)
{
    char text[CGROUP_FILE_SIZE], *rest = NULL;

    struct error *error = cgroup_file_read(cgroup, file, text, sizeof(text));
    if (error && error_forget_if(error, ENOENT)) {
        error_forget(error);
        return OK;
    }
    try(error);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        const struct limit limit = { .file = file, .value = line };
        if (stays(file, line, before))
            try(scope_add_limit(&limit, properties));
    }
    return OK;
}

/* The list of all disks that have a weight, but for those to which BEFORE gives the default. */
static fallible add_disk_weights(int cgroup, const struct oci_string_array *before,
                                 struct scope_text *properties)
{
    try(scope_text_add(properties, "property IODeviceWeight a(st)\na (st)\n.\n"));
    try(add_disks_of("io.bfq.weight", cgroup, before, properties));
    return add_disks_of("io.weight", cgroup, before, properties);
}

/* A change may say only one of quota and period: what holds is written by now. */
static fallible add_limit(const struct limit *limit, int cgroup, struct scope_text *properties)
{
    char now[NAME_SIZE];
    const struct limit whole = { .file = limit->file, .value = now };

    if (is_default_of_disk(limit))
        return add_disk_weights(cgroup, NULL, properties);
    if (!text_equal(limit->file, "cpu.max"))
        return scope_add_limit(limit, properties);
    try(cgroup_file_read(cgroup, limit->file, now, sizeof(now)));
    return scope_add_limit(&whole, properties);
}

static bool has_devices(const struct scope_update *update)
{
    return update->devices && !update->devices->is_optional;
}

fallible update_scope_set(const struct scope_update *update, bool is_last)
{
    struct scope_text properties = { .arena = update->container->arena };

    if (!update->container->record.scope)
        return OK;
    for (const struct limit *limit = update->limits->first; limit; limit = limit->next)
        if (limit->is_last == is_last)
            try(add_limit(limit, update->cgroup, &properties));
    if (!is_last && has_devices(update))
        try(scope_add_devices(update->devices, &properties));
    return properties.length ? set(update, &properties) : OK;
}

static fallible add_devices_before(const struct scope_update *update, struct scope_text *properties)
{
    struct device_rules_plan devices = { .program = NULL };

    if (!update->container->record.has_other_devices.value)
        try(device_rules_plan(update->config->linux_, properties->arena, &devices));
    return scope_add_devices(&devices, properties);
}

/* A line as before_note() has it; false: nothing has to be given back. */
static bool read_line(const char *line, char *file, struct limit *limit)
{
    size_t length = strcspn(line, " ");

    text_format(file, NAME_SIZE, "%.*s", (int) length, line);
    *limit = (struct limit){ .file = file, .value = line + length + 1 };
    return line[length];
}

/* The list is what the files have, which still may be what the update wrote; so it comes first, and
 * what disks had before stands behind it. */
static fallible give_disks_back(const struct scope_update *update,
                                const struct oci_string_array *before,
                                struct scope_text *properties)
{
    char file[NAME_SIZE];
    struct limit limit;

    for (uint32_t i = 0; i < before->n; i++)
        if (read_line(before->v[i], file, &limit) && is_default_of_disk(&limit))
            return add_disk_weights(update->cgroup, before, properties);
    return OK;
}

static fallible give_back(const struct scope_update *update, const struct oci_string_array *before)
{
    struct scope_text properties = { .arena = update->container->arena };
    char file[NAME_SIZE];
    struct limit limit;

    try(give_disks_back(update, before, &properties));
    for (uint32_t i = 0; i < before->n; i++)
        if (read_line(before->v[i], file, &limit))
            try(scope_add_limit(&limit, &properties));
    if (has_devices(update))
        try(add_devices_before(update, &properties));
    return properties.length ? set(update, &properties) : OK;
}

void update_scope_undo(const struct scope_update *update, const struct oci_string_array *before)
{
    struct error *error = update->container->record.scope ? give_back(update, before) : OK;

    if (error)
        log_warning("give back the limits of the scope: %s", error_line(error));
    error_forget(error);
}
