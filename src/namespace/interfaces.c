/* SPDX-License-Identifier: Apache-2.0 */
/* The interfaces of a network namespace, for `events`.  What surprises: their names are up to who
 * is root there, and may have all but a slash, a colon and white space in them. */

#include "namespace/interfaces.h"

#include <string.h>

#include "base/text.h"

enum { COLUMNS = 16, SENT = 8, KEPT = 4, NUMBER_SIZE = 24 };

static bool take_number(const char **at, uint64_t *number)
{
    const char *from = *at + strspn(*at, " ");
    size_t length = strcspn(from, " \n");
    char text[NUMBER_SIZE];

    *at = from + length;
    text_format(text, sizeof(text), "%.*s", (int) length, from);
    return length < sizeof(text) && text_to_unsigned(text, UINT64_MAX, number);
}

/* "  eth0: 1 2 3 4 5 6 7 8  1 2 3 4 5 6 7 8" */
static bool read_line(const char *line, struct interface_counts *counts)
{
    const char *name = line + strspn(line, " ");
    size_t length = strcspn(name, ": \n");
    const char *at = name + length + 1;

    if (name[length] != ':' || length >= INTERFACE_NAME_SIZE)
        return false;
    *counts = (struct interface_counts){ 0 };
    memcpy(counts->name, name, length);
    for (unsigned i = 0; i < COLUMNS; i++) {
        uint64_t number = 0;
        if (!take_number(&at, &number))
            return false;
        if (i % SENT < KEPT)
            (i < SENT ? counts->received : counts->sent)[i % SENT] = number;
    }
    return true;
}

bool interfaces_take(const char **at, struct interface_counts *counts)
{
    while (**at) {
        const char *line = *at;
        *at += strcspn(*at, "\n");
        *at += **at == '\n';
        if (read_line(line, counts))
            return true;
    }
    return false;
}
