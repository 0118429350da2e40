/* SPDX-License-Identifier: Apache-2.0 */
/* The state document (runtime.md#state).  Engines parse it: pid is always there, and 0 when there
 * is no process. */

#include "base/allocate.h"
#include "cgroup/oom.h"
#include "container/container.h"

fallible container_describe(const struct container *container, struct oci_waiting *waiting,
                            struct arena *arena, const char **json)
{
    const struct record *record = &container->record;
    struct oci_state state = record_describe(record, (enum oci_status) container->status,
                                             container->pidfd < 0 ? 0 : record->pid.value);

    struct oom oom = { .kills = 0 };
    if (container->status == CONTAINER_STOPPED)
        try(container_read_oom(container, &oom));
    state.oom_killed = (struct oci_opt_bool){ oom.kills, oom.kills };
    state.waits_for = waiting && waiting->what ? waiting : NULL;
    const char *text = oci_encode(&oci_state_schema, &state, true, arena, NULL);
    if (!text)
        return allocate_failed();
    *json = text;
    return OK;
}
