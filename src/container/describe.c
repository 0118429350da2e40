/* SPDX-License-Identifier: Apache-2.0 */
/* The state document (runtime.md#state).  Engines parse it: pid is always there, and 0 when there
 * is no process. */

#include "base/allocate.h"
#include "container/container.h"

fallible container_describe(const struct container *container, struct arena *arena,
                            const char **json)
{
    const struct record *record = &container->record;
    const struct oci_state state = {
        .oci_version = record->oci_version,
        .id = record->id,
        .status = (uint8_t) container->status,
        .pid = { container->pidfd < 0 ? 0 : record->pid.value, true },
        .bundle = record->bundle,
        .annotations = record->annotations,
        .rootfs = record->rootfs,
        .created = record->created,
        .owner = record->owner,
    };

    const char *text = oci_encode(&oci_state_schema, &state, true, arena, NULL);
    if (!text)
        return allocate_failed();
    *json = text;
    return OK;
}
