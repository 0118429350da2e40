/* SPDX-License-Identifier: Apache-2.0 */
/* The state document (runtime.md#state).  Engines parse it: pid is always there, and 0 when there
 * is no process. */

#include "base/allocate.h"
#include "container/container.h"

fallible container_describe(const struct container *container, struct arena *arena,
                            const char **json)
{
    const struct record *record = &container->record;
    const struct oci_state state = record_describe(record, (enum oci_status) container->status,
                                                   container->pidfd < 0 ? 0 : record->pid.value);

    const char *text = oci_encode(&oci_state_schema, &state, true, arena, NULL);
    if (!text)
        return allocate_failed();
    *json = text;
    return OK;
}
