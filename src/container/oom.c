/* SPDX-License-Identifier: Apache-2.0 */
/* Whether memory ran out in a container.  Its cgroup knows, until it is deleted; one that was there
 * before counts from before. */

#include <errno.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cgroup/cgroup.h"
#include "cgroup/oom.h"
#include "container/container.h"

static fallible read_oom(const struct record *record, struct oom *oom)
{
    auto_close int cgroup = -1;

    *oom = (struct oom){ .kills = 0 };
    if (!record->cgroup_path)
        return OK;
    try(cgroup_open(record->cgroup_mount, record->cgroup_path, &cgroup));
    try(oom_read(cgroup, oom));
    oom->kills -= oom->kills < record->oom_kills.value ? oom->kills : record->oom_kills.value;
    return OK;
}

fallible container_read_oom(const struct container *container, struct oom *oom)
{
    struct error *error = read_oom(&container->record, oom);
    return error && (error_forget_if(error, ENOENT) || error_forget_if(error, ENODEV)) ? OK : error;
}

void container_warn_of_oom(const struct container *container)
{
    struct oom oom;
    struct error *error = container_read_oom(container, &oom);

    if (!error && oom.kills)
        log_warning("memory ran out in container '%s': the kernel killed %llu of its processes "
                    "(memory.max is %s)",
                    container->record.id, (unsigned long long) oom.kills, oom.limit);
    error_forget(error);
}
