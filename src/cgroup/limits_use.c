/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.memory of a change, and memory.checkBeforeUpdate.
 *
 * Version 1 refused a limit below the use; version 2 takes it, and kills until it fits.  So what is
 * in use is asked before, and such a limit is written when nothing else can fail any more.
 */

#include "cgroup/limits.h"

#include "base/list.h"
#include "base/text.h"
#include "cgroup/byte_size.h"
#include "cgroup/file.h"
#include "cgroup/limit_list.h"

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

/* The last limit for the file; those before it, which it would win over, are taken out. */
static struct limit *keep_last(struct limits_plan *plan, const char *file)
{
    struct limit *last = NULL, **at = &plan->first;

    for (struct limit *limit = plan->first; limit; limit = limit->next)
        if (text_equal(limit->file, file))
            last = limit;
    while (*at)
        if (*at != last && text_equal((*at)->file, file))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    return last;
}

/* What is no number of bytes the kernel refuses before it does anything: while that can be undone.
 */
void limits_put_off(struct limits_plan *plan)
{
    uint64_t bytes;

    for (size_t i = 0; i < LENGTH(uses); i++) {
        struct limit *limit = keep_last(plan, uses[i].file);
        if (limit)
            limit->is_last = byte_size_parse(limit->value, &bytes);
    }
}
