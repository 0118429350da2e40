/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.memory: who dies since memory ran out gets the same SIGKILL as everybody else;
 * only the cgroup knows, and only as long as it is there. */
#include "cgroup/oom.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "cgroup/file.h"

enum { EVENTS_SIZE = 512 };

static fallible parse_kills(const char *events, uint64_t *kills)
{
    const char *line = strstr(events, "\noom_kill ");
    char number[24];

    if (!line)
        return error_new(ERROR_CGROUP, "memory.events has no line 'oom_kill'");
    line += strlen("\noom_kill ");
    text_format(number, sizeof(number), "%.*s", (int) strcspn(line, "\n"), line);
    if (!text_to_unsigned(number, UINT64_MAX, kills))
        return error_new(ERROR_CGROUP, "memory.events has '%s' for oom_kill", number);
    return OK;
}

fallible oom_read(int directory, struct oom *oom)
{
    struct oom found = { .kills = 0 };
    char events[EVENTS_SIZE];

    struct error *error = cgroup_file_read(directory, "memory.events", events, sizeof(events));
    if (error && error_forget_if(error, ENOENT)) {
        *oom = found;
        return OK;
    }
    try(error);
    try(parse_kills(events, &found.kills));
    try(cgroup_file_read(directory, "memory.max", found.limit, sizeof(found.limit)));
    found.limit[strcspn(found.limit, "\n")] = '\0';
    *oom = found;
    return OK;
}

fallible oom_is_group(int directory, bool *is_group)
{
    uint64_t number;

    try(cgroup_file_read_number(directory, "memory.oom.group", 0, &number));
    *is_group = number;
    return OK;
}
