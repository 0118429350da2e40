/* SPDX-License-Identifier: Apache-2.0 */
/* linux.namespaces: what of the system the container sees as its own.  A type that is not listed is
 * shared with the caller. */

#include "namespace/namespaces.h"

#include "os/syscalls.h"

#include <sched.h>

#include "base/list.h"
#include "base/text.h"
#include "libocispec/linux.h"

#define FLAG_USER ((uint64_t) CLONE_NEWUSER)
#define FLAG_TIME ((uint64_t) CLONE_NEWTIME)

static const struct {
    const char *name;
    uint64_t flag;
} types[] = {
    [OCI_NSTYPE_MOUNT] = { "mount", CLONE_NEWNS },       [OCI_NSTYPE_PID] = { "pid", CLONE_NEWPID },
    [OCI_NSTYPE_NETWORK] = { "network", CLONE_NEWNET },  [OCI_NSTYPE_UTS] = { "uts", CLONE_NEWUTS },
    [OCI_NSTYPE_IPC] = { "ipc", CLONE_NEWIPC },          [OCI_NSTYPE_USER] = { "user", FLAG_USER },
    [OCI_NSTYPE_CGROUP] = { "cgroup", CLONE_NEWCGROUP }, [OCI_NSTYPE_TIME] = { "time", FLAG_TIME },
};

static uint32_t find_type(const struct oci_namespace_array *list, uint8_t type)
{
    uint32_t i = 0;
    while (list->v[i]->type != type)
        i++;
    return i;
}

static fallible plan_one(const struct oci_namespace_array *list, uint32_t i, uint64_t *created)
{
    const struct oci_namespace *entry = list->v[i];
    const char *name = types[entry->type].name;
    char field[ERROR_FIELD_SIZE];
    text_format(field, sizeof(field), "linux.namespaces[%u].type", i);
    uint32_t first = find_type(list, entry->type);
    if (first < i)
        return error_config(field, "\"%s\" stands in linux.namespaces[%u] already", name, first);
    uint64_t flag = types[entry->type].flag;
    if (flag & (FLAG_USER | FLAG_TIME))
        return error_hint(error_unsupported(field, "%s namespaces are not supported", name),
                          "leave it out");

    text_format(field, sizeof(field), "linux.namespaces[%u].path", i);
    if (entry->path && entry->path[0] != '/')
        return error_config(field, "\"%s\" is not an absolute path", entry->path);
    if (entry->path)
        return error_hint(error_unsupported(field,
                                            "joining the %s namespace \"%s\" is not supported",
                                            name, entry->path),
                          "without a path a new one is made");
    *created |= flag;
    return OK;
}

fallible namespaces_plan(const struct oci_linux *linux_, struct namespaces_plan *plan)
{
    struct namespaces_plan made = { 0 };
    for (uint32_t i = 0; linux_ && i < linux_->namespaces.n; i++)
        try(plan_one(&linux_->namespaces, i, &made.created));
    *plan = made;
    return OK;
}

const char *namespaces_name(uint64_t flag)
{
    for (size_t i = 0; i < LENGTH(types); i++)
        if (types[i].flag == flag)
            return types[i].name;
    return NULL;
}
