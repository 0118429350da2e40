/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.cgroupsPath with the systemd driver: "slice:prefix:name", and what may be the name of a
 * unit (systemd.unit(5), systemd.slice(5)).
 *
 * A slice "a-b.slice" lies in "a.slice"; the path of its cgroup is systemd's affair.
 */
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cgroup/path.h"
#include "cgroup/scope.h"
#include "cgroup/scope_text.h"
#include "libocispec/config.h"
#include "os/user_namespace.h"

enum { UNIT_MAX = 255 };

static const char field[] = "linux.cgroupsPath";

static const char unit_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789:-_.\\@";

static const char *find_slice_fault(const char *slice)
{
    size_t length = strlen(slice);

    if (text_equal(slice, "-.slice"))
        return NULL;
    if (!text_ends(slice, ".slice") || length == strlen(".slice"))
        return "it is not the name of a slice, which ends in .slice";
    if (length > UNIT_MAX)
        return "it is longer than 255 bytes";
    if (slice[strspn(slice, unit_letters)] || strchr(slice, '@'))
        return "it has a character that no slice has in its name";
    if (slice[0] == '-' || strstr(slice, "--") || strstr(slice, "-.slice"))
        return "a dash stands between the names of slices";
    return NULL;
}

static const char *find_unit_fault(const char *unit)
{
    if (strlen(unit) > UNIT_MAX)
        return "it is longer than 255 bytes";
    if (unit[strspn(unit, unit_letters)])
        return "it has a character that no unit has in its name";
    return unit[0] == '@' ? "it begins with @" : NULL;
}

static fallible refuse(const char *asked, const char *part, const char *fault)
{
    return error_hint(error_config(field, "'%s': '%s': %s", asked, part, fault),
                      "with --systemd-cgroup it is slice:prefix:name, as in "
                      "machine.slice:libpod:web");
}

static fallible parse(const char *asked, struct arena *arena, struct scope_plan *plan)
{
    if (!cgroup_path_is_systemd(asked))
        return refuse(asked, asked, "it does not have three parts with colons between");
    int slice_length = (int) strcspn(asked, ":");
    const char *prefix = asked + slice_length + 1;
    int prefix_length = (int) strcspn(prefix, ":");
    const char *name = prefix + prefix_length + 1;

    try_print(plan->slice, arena, "%.*s", slice_length, asked);
    if (!*plan->slice)
        plan->slice = user_namespace_is_roots() ? "system.slice" : "user.slice";
    else if (text_equal(plan->slice, "-"))
        plan->slice = "-.slice";
    const char *fault = find_slice_fault(plan->slice);
    if (fault)
        return refuse(asked, plan->slice, fault);
    if (!*name)
        return refuse(asked, name, "the name is empty");
    if (text_ends(name, ".slice"))
        return refuse(asked, name, "a slice cannot hold the processes of a container");
    try_print(plan->unit, arena, "%.*s%s%s.scope", prefix_length, prefix, prefix_length ? "-" : "",
              name);
    fault = find_unit_fault(plan->unit);
    return fault ? refuse(asked, plan->unit, fault) : OK;
}

/* Our ids have one character that units have not: systemd.unit(5), "String Escaping". */
static fallible name_by_id(const char *id, struct arena *arena, struct scope_plan *plan)
{
    const char *escaped = "", *name;

    for (; *id; id++)
        try_print(escaped, arena, *id == '+' ? "%s\\x2b" : "%s%c", escaped, *id);
    try_print(name, arena, ":tare:%s", escaped);
    return parse(name, arena, plan);
}

fallible scope_name(const char *asked, const char *id, struct arena *arena, struct scope_plan *plan)
{
    return asked ? parse(asked, arena, plan) : name_by_id(id, arena, plan);
}

fallible scope_plan(const struct oci_config *config, const char *id, const char *subgroup,
                    struct arena *arena, struct cgroup_plan *plan)
{
    const char *asked = config->linux_ ? config->linux_->cgroups_path : NULL;
    struct scope_text properties = { .arena = arena };
    struct scope_plan *made;
    struct scope found;

    try_new(made, arena, 1);
    try(scope_name(asked, id, arena, made));
    try(scope_name_subgroup(subgroup, arena, made));
    try(scope_add_annotations(&config->annotations, &properties));
    made->properties = properties.v ? properties.v : "";
    const struct scope_owner owner = { .id = id, .state = -1 };
    try(scope_find(made->unit, &owner, arena, &found));
    const char *mount;
    try(cgroup_find_mount(&mount));
    if (!mount)
        return error_hint(error_new(ERROR_CGROUP, "no cgroup2 is mounted on /sys/fs/cgroup"),
                          "cgroup version 1 is not supported");
    *plan = (struct cgroup_plan){ .is_wanted = true, .mount = mount, .scope = made };
    return OK;
}
