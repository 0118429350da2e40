/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.memory.checkBeforeUpdate.  Version 1 refused a limit below the use; version 2
 * takes it, and kills until it fits: so it is asked before what is in use. */

#include "cgroup/limits.h"

#include "base/list.h"
#include "base/text.h"
#include "cgroup/byte_size.h"
#include "cgroup/file.h"

static const struct {
    const char *file, *use;
} uses[] = {
    { "memory.max", "memory.current" },
    { "memory.swap.max", "memory.swap.current" },
};

static fallible check(const struct limit *limit, const char *file, int directory)
{
    uint64_t wanted, used;

    if (!byte_size_parse(limit->value, &wanted))
        return OK; /* the kernel will say so */
    try(cgroup_file_read_number(directory, file, 0, &used));
    if (used <= wanted)
        return OK;
    return error_hint(error_config(limit->field,
                                   "%llu bytes are below what is in use, %llu (%s), and "
                                   "checkBeforeUpdate is set",
                                   (unsigned long long) wanted, (unsigned long long) used, file),
                      "with \"checkBeforeUpdate\": false in the document of --resources the kernel "
                      "makes room, and kills if it has to");
}

fallible limits_check_use(const struct limits_plan *plan, int directory)
{
    for (const struct limit *limit = plan->first; limit; limit = limit->next)
        for (size_t i = 0; i < LENGTH(uses); i++)
            if (text_equal(limit->file, uses[i].file))
                try(check(limit, uses[i].use, directory));
    return OK;
}
