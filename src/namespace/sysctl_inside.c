/* SPDX-License-Identifier: Apache-2.0 */
/* linux.sysctl, init's half: the kernel shows each process the settings of its own namespaces, so
 * they are written from inside.  Not read back: the kernel writes some values in its own way. */

#include <errno.h>

#include "base/cleanup.h"
#include "namespace/sysctl.h"
#include "os/proc.h"

static fallible explain(struct error *error, const struct sysctl_setting *setting)
{
    int number = error->number;
    error = error_within(error, "sysctl %s = \"%s\"", setting->key, setting->value);
    error = error_field(error, "linux.sysctl.%s", setting->key);
    if (number == ENOENT)
        return error_hint(error, "this kernel has no such setting in a namespace");
    if (number == EINVAL)
        return error_hint(error, "the kernel does not take this value");
    return error;
}

/* The container's /proc may be missing, read-only or covered. */
static bool write_shown(const struct sysctl_setting *setting)
{
    int proc;
    struct error *error = proc_shown(&proc);
    if (!error)
        error = proc_write(proc, setting->path, setting->value);
    error_forget(error);
    return !error;
}

/* To take a procfs of our own down the kernel waits: none is made that is not needed. */
fallible sysctl_apply(const struct sysctl_plan *plan, bool sees_container)
{
    auto_close int proc = -1;
    for (uint32_t i = 0; i < plan->n; i++) {
        if (sees_container && write_shown(&plan->v[i]))
            continue;
        if (proc < 0)
            try(proc_open_any(false, &proc));
        struct error *error = proc_write(proc, plan->v[i].path, plan->v[i].value);
        if (error)
            return explain(error, &plan->v[i]);
    }
    return OK;
}
