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
#include "base/error_names.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cgroup/delegate.h"
#include "cgroup/file.h"
#include "cgroup/limits.h"

enum { NAME_SIZE = 160, FIRST_ROOM = 16 };

/* Files with a line for each device, and what a device that has none may be set to. */
static const struct {
    const char *file, *unset;
} tables[] = {
    { "io.bfq.weight", "default" },
    { "io.latency", "target=0" },
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

/* What has been noted so far; the array moves when it is full. */
struct notes {
    struct arena *arena;
    struct oci_string_array values;
    uint32_t room;
};

static fallible append(struct notes *notes, const char *value)
{
    struct oci_string_array *values = &notes->values;

    if (values->n == notes->room) {
        const char **larger;
        notes->room = notes->room ? 2 * notes->room : FIRST_ROOM;
        try_new(larger, notes->arena, notes->room);
        if (values->n > 0)
            memcpy(larger, values->v, values->n * sizeof(*larger));
        values->v = larger;
    }
    values->v[values->n++] = value;
    return OK;
}

static fallible add(struct notes *notes, const char *file, const char *text, size_t length)
{
    const char *value;

    try_print(value, notes->arena, "%s %.*s", file, (int) length, text);
    for (uint32_t i = 0; i < notes->values.n; i++)
        if (text_equal(notes->values.v[i], value))
            return OK;
    return append(notes, value);
}

/* The line of TEXT that begins with the first word of the limit, or one that unsets it. */
static fallible add_line(struct notes *notes, const struct limit *limit, const char *text)
{
    const char *value = limit->value;
    const char *name = strchr(value, ' ') ? value : "default"; /* a weight alone */
    size_t key = strcspn(name, " ");
    const char *unset;

    for (const char *line = text; *line; line += *line == '\n') {
        size_t length = strcspn(line, "\n");
        if (!strncmp(line, name, key) && line[key] == ' ')
            return add(notes, limit->file, line, length);
        line += length;
    }
    try_print(unset, notes->arena, "%.*s %s", (int) key, name, find_unset(limit->file));
    return add(notes, limit->file, unset, strlen(unset));
}

/* Of a file whose form is not known every line: there may be one for each of several keys. */
static fallible add_all_lines(struct notes *notes, const char *file, const char *text)
{
    do {
        size_t length = strcspn(text, "\n");
        try(add(notes, file, text, length));
        text += length + (text[length] == '\n');
    } while (*text);
    return OK;
}

static fallible explain(const struct limit *limit, struct error *error)
{
    error = error_within(error, "%s: note what there is to be given back", limit->field);
    return error_field(error, "%s", limit->field);
}

static fallible note(const struct limit *limit, int directory, struct notes *notes)
{
    char text[CGROUP_FILE_SIZE];

    struct error *error = cgroup_file_read(directory, limit->file, text, sizeof(text));
    if (error && error->number == EFBIG)
        return explain(limit, error);
    if (error) {
        error_forget(error);
        return OK;
    }
    if (find_unset(limit->file))
        return add_line(notes, limit, text);
    return add_all_lines(notes, limit->file, text);
}

fallible before_note(const struct limits_plan *plan, int directory, struct arena *arena,
                     struct oci_string_array *values)
{
    struct notes notes = { .arena = arena };

    for (const struct limit *limit = plan->first; limit; limit = limit->next) {
        try(note(limit, directory, &notes));
        if (!limit->other_file)
            continue;
        struct limit other = *limit;
        other.file = limit->other_file;
        other.value = limit->other_value;
        try(note(&other, directory, &notes));
    }
    *values = notes.values;
    return OK;
}

/* Whether a note is of the same file as another, and of the same device of it. */
static bool is_same(const char *note_, const char *other)
{
    char file[NAME_SIZE];
    size_t length = strcspn(note_, " ");

    text_format(file, sizeof(file), "%.*s", (int) length, note_);
    if (note_[length] && find_unset(file))
        length += 1 + strcspn(note_ + length + 1, " ");
    return !strncmp(note_, other, length) && (other[length] == ' ' || !other[length]);
}

static bool has_note(const struct oci_string_array *values, const char *note_)
{
    uint32_t i = 0;

    while (i < values->n && !is_same(note_, values->v[i]))
        i++;
    return i < values->n;
}

fallible before_add(struct oci_string_array *values, const struct oci_string_array *more,
                    struct arena *arena)
{
    struct notes notes = { .arena = arena };

    for (uint32_t i = 0; i < values->n; i++)
        try(append(&notes, values->v[i]));
    for (uint32_t i = 0; i < more->n; i++)
        if (!has_note(values, more->v[i]))
            try(append(&notes, more->v[i]));
    *values = notes.values;
    return OK;
}

/* Whether the file says so now: in one of its lines, or by having none for the device. */
static bool is_so(int directory, const char *file, const char *value)
{
    char text[CGROUP_FILE_SIZE];
    size_t wanted = strlen(value), key = strcspn(value, " ");
    const char *unset = find_unset(file);
    bool has_key = !unset || !text_equal(value + key + (value[key] == ' '), unset);
    const char *line = text;

    struct error *error = cgroup_file_read(directory, file, text, sizeof(text));
    error_forget(error);
    if (error)
        return false;
    do {
        size_t length = strcspn(line, "\n");
        if (length == wanted && !strncmp(line, value, length))
            return true;
        has_key |= !strncmp(line, value, key) && line[key] == ' ';
        line += length + (line[length] == '\n');
    } while (*line);
    return !has_key;
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
    if (is_so(directory, file, text))
        return OK;
    return cgroup_file_write(directory, file, *text ? text : "\n");
}

void before_undo(int directory, const struct oci_string_array *values)
{
    for (unsigned pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < values->n; i++) {
            struct error *error = restore(directory, values->v[i]);
            if (error && pass)
                log_warning("give back the cgroup: %s", error_line(error));
            error_forget(error);
        }
}

fallible before_restore(const char *mount, const char *path, const struct oci_string_array *values,
                        const struct oci_string_array *owners)
{
    auto_close int directory = -1;

    if (!values->n && !owners->n)
        return OK;
    struct error *error = cgroup_open(mount, path, &directory);
    if (error)
        return error_forget_if(error, ENOENT) ? OK : error;
    before_undo(directory, values);
    delegate_restore(directory, owners);
    return OK;
}
