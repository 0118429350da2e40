/* SPDX-License-Identifier: Apache-2.0 */
/* Finds lines in the text of a process's status file (proc(5)).  One that is cut off is none: with
 * many supplementary groups the text is longer than what is read of it. */
#include <string.h>

#include "base/text.h"
#include "os/proc.h"

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *proc_find_line(const char *status, const char *name)
{
    char label[32];
    text_format(label, sizeof(label), "\n%s:\t", name);
    const char *found = strstr(status, label);
    return found && strchr(found + 1, '\n') ? found + strlen(label) : NULL;
}

bool proc_find_mask(const char *status, const char *name, uint64_t *out)
{
    uint64_t mask = 0;
    const char *line = proc_find_line(status, name);
    const char *at = line ? line : "";
    for (int digit; (digit = digit_of(*at)) >= 0; at++)
        mask = mask << 4 | (uint64_t) digit;
    if (*at != '\n' || at == line)
        return false;
    *out = mask;
    return true;
}
