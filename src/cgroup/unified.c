/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.unified: control files by name, as the kernel has them.
 *
 * No list says which names are good.  Refused are those that could name another directory, and
 * those of cgroup.* that move or stop processes or change what the cgroup is: they are no limits,
 * and would undo what the runtime itself relies on.
 */

#include <string.h>

#include "base/list.h"
#include "base/text.h"
#include "cgroup/limit_list.h"
#include "libocispec/resources.h"

enum { NAME_MOST = 128, LINE_MOST = 250 };

static const char field[] = "linux.resources.unified";

static const char *const not_limits[] = {
    "cgroup.procs", "cgroup.threads", "cgroup.type",        "cgroup.subtree_control",
    "cgroup.kill",  "cgroup.freeze",  "cgroup.controllers",
};

static const char *find_fault(const char *name)
{
    size_t length = strlen(name);

    if (!length)
        return "is empty";
    if (length > NAME_MOST)
        return "is too long";
    for (size_t i = 0; i < length; i++)
        if (name[i] <= ' ' || name[i] == 0x7f || name[i] == '/')
            return "is not the name of a control file";
    if (name[0] == '.' || !strchr(name, '.'))
        return "does not begin with a controller and a dot";
    for (size_t i = 0; i < LENGTH(not_limits); i++)
        if (text_equal(name, not_limits[i]))
            return "is no limit, and is left to the runtime";
    return NULL;
}

/* "memory" for "memory.high"; NULL for files that need none. */
static const char *name_controller(const char *name, char *controller)
{
    size_t length = (size_t) (strchr(name, '.') - name);

    text_format(controller, NAME_MOST + 1, "%.*s", (int) length, name);
    return text_equal(controller, "cgroup") ? NULL : controller;
}

/* Each line of the value; an empty one only if there is nothing else. */
static fallible add_lines(struct limit_list *list, struct limit limit, const char *value)
{
    char line[LINE_MOST + 1];

    limit.value = line;
    if (!*value) {
        text_format(line, sizeof(line), "\n");
        return limit_list_add(list, &limit);
    }
    for (const char *next = value; *next;) {
        size_t length = strcspn(next, "\n");
        if (length > LINE_MOST)
            return error_config(limit.field, "has a line longer than %d bytes", LINE_MOST);
        text_format(line, sizeof(line), "%.*s", (int) length, next);
        if (length)
            try(limit_list_add(list, &limit));
        next += length + (next[length] == '\n');
    }
    return OK;
}

static fallible add_file(struct limit_list *list, const struct oci_string_entry *entry)
{
    char controller[NAME_MOST + 1], own[ERROR_FIELD_SIZE];
    const char *fault = find_fault(entry->key);
    struct limit limit = { .field = own, .file = entry->key };

    text_format(own, sizeof(own), "%s%s%s", field, *entry->key ? "." : "", entry->key);
    if (fault)
        return error_config(own, "the key \"%s\" %s", entry->key, fault);
    limit.controller = name_controller(entry->key, controller);
    return add_lines(list, limit, entry->value);
}

fallible unified_plan(const struct oci_resources *resources, struct limit_list *list)
{
    for (uint32_t i = 0; i < resources->unified.n; i++)
        try(add_file(list, &resources->unified.v[i]));
    return OK;
}
