/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.pids: pids.max.  Zero is a limit since 1.3.0 of the specification, and meant none
 * before; a process that lives in the cgroup already is not counted against it. */

#include "cgroup/limit_list.h"
#include "libocispec/resources.h"

enum { MOST = 1 << 22 }; /* PID_MAX_LIMIT of the kernel: more is EINVAL */

static const char field[] = "linux.resources.pids.limit";

fallible pids_plan(const struct oci_resources *resources, struct limit_list *list)
{
    struct limit limit = { .field = field, .controller = "pids", .file = "pids.max" };
    int64_t value = resources->pids ? resources->pids->limit.value : 0;

    if (!resources->pids || !resources->pids->limit.present)
        return OK;
    if (value < -1)
        return error_hint(
            error_config(field, "%lld is not a number of processes", (long long) value),
            "-1 means no limit");
    if (value > MOST)
        return error_hint(
            error_config(field, "%lld is more than the kernel's most, %d", (long long) value, MOST),
            "-1 means no limit");
    if (value == 0 && !list->is_pids_zero_real)
        return OK;
    if (value >= 0)
        return limit_list_add_number(list, limit, (uint64_t) value);
    limit.value = "max";
    limit.is_optional = true;
    return limit_list_add(list, &limit);
}
