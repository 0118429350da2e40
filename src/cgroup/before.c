/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources in a cgroup that create has not made: delete leaves it, so it shall be as it was.
 *
 * Which value must come first depends on what is now set and what was: while a cgroup is idle, for
 * one, its weight cannot be set.  What is refused is tried once more when the others are written.
 */
#include "cgroup/before.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cgroup/delegate.h"
#include "cgroup/file.h"
#include "cgroup/limits.h"

enum { TEXT_SIZE = 8192, NAME_SIZE = 160 };

/* Files with a line for each device, and what a device that has none may be set to. */
static const struct {
    const char *file, *unset;
} tables[] = {
    { "io.bfq.weight", "default" },
    { "io.max", "rbps=max wbps=max riops=max wiops=max" },
    { "io.weight", "default" },
    { "rdma.max", "hca_handle=max hca_object=max" },
};

static const char *find_unset(const char *file)
{
    for (size_t i = 0; i < LENGTH(tables); i++)
        if (text_equal(tables[i].file, file))
            return tables[i].unset;
    return NULL;
}

static fallible add(struct arena *arena, struct oci_string_array *values, const char *file,
                    const char *text, size_t length)
{
    const char *value;

    try_print(value, arena, "%s %.*s", file, (int) length, text);
    for (uint32_t i = 0; i < values->n; i++)
        if (text_equal(values->v[i], value))
            return OK;
    values->v[values->n++] = value;
    return OK;
}

/* The line of TEXT that begins with the first word of VALUE, or one that unsets it. */
static fallible add_line(struct arena *arena, struct oci_string_array *values,
                         const struct limit *limit, const char *value, const char *text)
{
    const char *name = strchr(value, ' ') ? value : "default"; /* a weight alone */
    size_t key = strcspn(name, " ");
    const char *unset;

    for (const char *line = text; *line; line += *line == '\n') {
        size_t length = strcspn(line, "\n");
        if (!strncmp(line, name, key) && line[key] == ' ')
            return add(arena, values, limit->file, line, length);
        line += length;
    }
    try_print(unset, arena, "%.*s %s", (int) key, name, find_unset(limit->file));
    return add(arena, values, limit->file, unset, strlen(unset));
}

static fallible note(const struct limit *limit, int directory, struct arena *arena,
                     struct oci_string_array *values)
{
    char text[TEXT_SIZE];

    struct error *error = cgroup_file_read(directory, limit->file, text, sizeof(text));
    if (error) {
        error_forget(error);
        return OK;
    }
    if (find_unset(limit->file))
        return add_line(arena, values, limit, limit->value, text);
    return add(arena, values, limit->file, text, strcspn(text, "\n"));
}

/* Each limit notes one value, or one in each of its two files. */
static uint32_t count_values(const struct limits_plan *plan)
{
    uint32_t count = 0;
    for (const struct limit *limit = plan->first; limit; limit = limit->next)
        count += 2;
    return count;
}

fallible before_note(const struct limits_plan *plan, int directory, struct arena *arena,
                     struct oci_string_array *values)
{
    struct oci_string_array found = { .n = 0 };

    try_new(found.v, arena, count_values(plan));
    for (const struct limit *limit = plan->first; limit; limit = limit->next) {
        try(note(limit, directory, arena, &found));
        if (!limit->other_file)
            continue;
        struct limit other = *limit;
        other.file = limit->other_file;
        other.value = limit->other_value;
        try(note(&other, directory, arena, &found));
    }
    *values = found;
    return OK;
}

/* An empty value is a line of its own: writing nothing would be no write. */
static fallible restore(int directory, const char *value)
{
    char file[NAME_SIZE];
    size_t length = strcspn(value, " ");

    text_format(file, sizeof(file), "%.*s", (int) length, value);
    if (!value[length] || length >= sizeof(file) || strchr(file, '/'))
        return error_new(ERROR_RECORD, "'%s' is not the value of a control file", value);
    const char *text = value + length + 1;
    return cgroup_file_write(directory, file, *text ? text : "\n");
}

static void restore_all(int directory, const struct oci_string_array *values)
{
    for (unsigned pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < values->n; i++) {
            struct error *error = restore(directory, values->v[i]);
            if (error && pass)
                log_warning("give back the cgroup: %s", error->text);
            error_forget(error);
        }
}

fallible before_restore(const char *mount, const char *path, const struct oci_string_array *values,
                        struct oci_opt_u32 owner)
{
    auto_close int directory = -1;

    if (!values->n && !owner.present)
        return OK;
    struct error *error = cgroup_open(mount, path, &directory);
    if (error)
        return error_is_errno(error, ENOENT) ? OK : error;
    restore_all(directory, values);
    return owner.present ? delegate_give(directory, owner.value) : OK;
}
