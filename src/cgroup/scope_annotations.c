/* SPDX-License-Identifier: Apache-2.0 */
/* annotations with the systemd driver: org.systemd.property.NAME, a property of the scope; and
 * run.oci.systemd.subgroup, the name of the cgroup below it. */

#include <string.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/text.h"
#include "cgroup/path.h"
#include "cgroup/scope.h"
#include "cgroup/scope_text.h"
#include "libocispec/schema.h"

enum { NAME_SIZE = 64, SECOND = 1000000 };

static const char prefix[] = "org.systemd.property.";

/* They say what the container is, and where. */
static const char *const ours[] = {
    "Controller", "Delegate", "DelegateControllers", "Description", "PIDs", "PIDFDs", "Slice",
};

/* What reaches for other units, or for the machine. */
static const char *const others[] = {
    "BindsTo", "Conflicts", "Requires", "Requisite", "Upholds", "Wants",
};
static const char *const beginnings[] = {
    "JoinsNamespace", "On",       "PartOf",      "Propagates", "RequiresMounts",
    "StopPropagated", "Triggers", "WantsMounts",
};

static bool reaches_out(const char *name)
{
    bool does = text_ends(name, "Action");

    for (size_t i = 0; i < LENGTH(others); i++)
        does |= text_equal(others[i], name);
    for (size_t i = 0; i < LENGTH(beginnings); i++)
        does |= text_starts(name, beginnings[i]);
    return does;
}

static const char *find_fault(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    if (!length || name[length] || length >= NAME_SIZE)
        return "is not the name of a property of systemd";
    for (size_t i = 0; i < LENGTH(ours); i++)
        if (text_equal(ours[i], name))
            return "is a property that tare sets itself";
    return reaches_out(name) ? "concerns other units than the container's" : NULL;
}

/* TimeoutStopSec "10": systemd takes microseconds, under another name. */
static fallible add_seconds(const char *name, const char *value, struct scope_text *text,
                            const char **fault)
{
    char changed[NAME_SIZE + 1];
    const char *number = text_starts(value, "uint64 ") ? value + strlen("uint64 ") : value;
    uint64_t seconds;

    text_format(changed, sizeof(changed), "%.*sUSec", (int) (strlen(name) - strlen("Sec")), name);
    if (!text_to_unsigned(number, UINT64_MAX / SECOND, &seconds)) {
        *fault = "it is not a whole number of seconds";
        return OK;
    }
    return scope_text_add_number(text, changed, seconds * SECOND);
}

static fallible add(const struct oci_string_entry *entry, struct scope_text *text)
{
    const char *name = entry->key + strlen(prefix), *fault = NULL;
    char field[ERROR_FIELD_SIZE];

    text_format(field, sizeof(field), "annotations.%s", entry->key);
    const char *wrong = find_fault(name);
    if (wrong)
        return error_config(field, "'%s' %s", name, wrong);
    if (text_ends(name, "Sec") && !text_ends(name, "USec") && !text_ends(name, "NSec"))
        try(add_seconds(name, entry->value, text, &fault));
    else
        try(scope_add_variant(name, entry->value, text, &fault));
    if (fault)
        return error_hint(error_config(field, "'%s' is not a value: %s", entry->value, fault),
                          "values are in the text format of GVariant, as in \"uint64 5000000\" or "
                          "\"'text'\"");
    return OK;
}

fallible scope_add_annotations(const struct oci_string_map *annotations, struct scope_text *text)
{
    for (uint32_t i = 0; i < annotations->n; i++)
        if (text_starts(annotations->v[i].key, prefix))
            try(add(&annotations->v[i], text));
    return OK;
}

/* One part of a path, by its own rule and not by what it leads to. */
static fallible check_name(const char *name, struct arena *arena)
{
    const char *path;

    try_print(path, arena, "/%s", name);
    const char *fault = strchr(name, '/') ? "it has a slash" : cgroup_path_fault(path);
    return fault ? error_config("annotations.run.oci.systemd.subgroup",
                                "'%s' is not the name of a cgroup: %s", name, fault)
                 : OK;
}

fallible scope_name_subgroup(const char *asked, struct arena *arena, struct scope_plan *plan)
{
    plan->subgroup = asked ? asked : "container";
    return *plan->subgroup ? check_name(plan->subgroup, arena) : OK;
}
