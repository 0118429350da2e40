/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources: the limits of a container, from config.json to the control files.
 *
 * They are written when init lives in the cgroup, and so bind it at once; `unified` comes last, and
 * wins over what was converted.  In a change the limits on memory and swap come behind it.
 */
#include "cgroup/limits.h"

#include <errno.h>
#include <string.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/text.h"
#include "cgroup/file.h"
#include "cgroup/limit_list.h"
#include "cgroup/read_back.h"
#include "libocispec/resources.h"

enum { VALUE_SIZE = 256 };

/* In the order in which they are written. */
static struct error *(*const controllers[])(const struct oci_resources *, struct limit_list *) = {
    network_plan, cpuset_plan, cpu_plan,  io_plan,      memory_plan,
    hugetlb_plan, pids_plan,   rdma_plan, unified_plan,
};

static fallible copy(struct arena *arena, const char **text)
{
    if (*text)
        try_print(*text, arena, "%s", *text);
    return OK;
}

fallible limit_list_add(struct limit_list *list, const struct limit *limit)
{
    struct limits_plan *plan = list->plan;
    struct limit *made;

    try_new(made, list->arena, 1);
    *made = *limit;
    try(copy(list->arena, &made->field));
    try(copy(list->arena, &made->controller));
    try(copy(list->arena, &made->file));
    try(copy(list->arena, &made->value));
    try(copy(list->arena, &made->other_file));
    try(copy(list->arena, &made->other_value));
    if (plan->last)
        plan->last->next = made;
    else
        plan->first = made;
    plan->last = made;
    return OK;
}

fallible limit_list_add_number(struct limit_list *list, struct limit limit, uint64_t value)
{
    char text[24];

    text_format(text, sizeof(text), "%llu", (unsigned long long) value);
    limit.value = text;
    return limit_list_add(list, &limit);
}

static fallible list_all(const struct oci_resources *resources, struct limit_list *list,
                         struct limits_plan *plan)
{
    try_new(list->plan, list->arena, 1);
    for (size_t i = 0; resources && i < LENGTH(controllers); i++)
        try(controllers[i](resources, list));
    *plan = *list->plan;
    return OK;
}

fallible limits_plan(const struct oci_resources *resources, bool is_pids_zero_real,
                     struct arena *arena, struct limits_plan *plan)
{
    struct limit_list list = { arena, NULL, is_pids_zero_real, -1 };
    return list_all(resources, &list, plan);
}

fallible limits_plan_change(const struct oci_resources *resources, int directory,
                            struct arena *arena, struct limits_plan *plan)
{
    struct limit_list list = { arena, NULL, false, directory };

    try(list_all(resources, &list, plan));
    limits_put_off(plan);
    return OK;
}

/* What an errno of the kernel means for a file; its words alone do not help. */
static const struct {
    const char *file; /* how it begins */
    int number;
    const char *hint;
} hints[] = {
    { "io.", ENODEV, "it must be a whole disk that is there, by its major and minor number" },
    { "io.", EOPNOTSUPP,
      "the disk's I/O scheduler must be bfq, or io.cost be enabled for it (io.cost.qos)" },
    { "rdma.", ENODEV, "there is no RDMA device of that name" },
    { "cpu.weight", EINVAL, "the weight of an idle cgroup is fixed: cpu.idle must be 0" },
    { "cpu.max", EINVAL, "the quota must be at least 1000 us and not below the burst" },
    { "cpuset.", EINVAL, "some of them are not there" },
    { "cpuset.", ERANGE, "some of them are not there" },
    { "", ENOENT, "this kernel's cgroups have no such file" },
    { "", EINVAL, "the kernel does not take such a value" },
    { "", EACCES, "the file was not delegated to us, or cannot be written" },
};

static fallible explain(const struct limit *limit, struct error *error)
{
    if (!error)
        return OK;
    for (size_t i = 0; i < LENGTH(hints); i++)
        if (hints[i].number == error->number && text_starts(limit->file, hints[i].file))
            error = error_hint(error, "%s", hints[i].hint);
    return error_field(error_within(error, "%s", limit->field), "%s", limit->field);
}

/* The first word that cpu.max has now, and the second of the value. */
static fallible put_quota(int directory, const char *value, char *text)
{
    char now[VALUE_SIZE];

    try(cgroup_file_read(directory, "cpu.max", now, sizeof(now)));
    *strchrnul(now, ' ') = '\0';
    text_format(text, VALUE_SIZE, "%s%s", now, strchrnul(value, ' '));
    return OK;
}

/* A disk may be scheduled by what the other file is for: EOPNOTSUPP. */
static bool may_pass(const struct limit *limit, const struct error *error)
{
    if (!error)
        return false;
    if (error->number == ENOENT)
        return limit->is_optional || limit->other_file;
    return error->number == EOPNOTSUPP && limit->other_file;
}

static fallible set(const struct limit *limit, int directory)
{
    char text[VALUE_SIZE];
    const char *value = limit->value;

    if (limit->keeps_quota) {
        try(put_quota(directory, value, text));
        value = text;
    }
    const char *file = limit->file;
    struct error *error = cgroup_file_write(directory, file, value);
    if (may_pass(limit, error)) {
        error_forget(error);
        if (!limit->other_file)
            return OK;
        file = limit->other_file;
        value = limit->other_value;
        error = cgroup_file_write(directory, file, value);
    }
    try(error);
    return read_back(directory, file, value);
}

static fallible apply(const struct limits_plan *plan, int directory, bool is_last)
{
    for (const struct limit *limit = plan->first; limit; limit = limit->next)
        if (limit->is_last == is_last)
            try(explain(limit, set(limit, directory)));
    return OK;
}

fallible limits_apply(const struct limits_plan *plan, int directory)
{
    return apply(plan, directory, false);
}

fallible limits_apply_last(const struct limits_plan *plan, int directory)
{
    return apply(plan, directory, true);
}

static fallible check_file(const struct limit *limit, int directory)
{
    struct error *error = cgroup_file_check(directory, limit->file, limit->value);

    if (!may_pass(limit, error))
        return error;
    error_forget(error);
    return limit->other_file ? cgroup_file_check(directory, limit->other_file, limit->other_value)
                             : OK;
}

fallible limits_check_files(const struct limits_plan *plan, int directory)
{
    for (const struct limit *limit = plan->first; limit; limit = limit->next)
        try(explain(limit, check_file(limit, directory)));
    return OK;
}
