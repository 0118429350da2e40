/* SPDX-License-Identifier: Apache-2.0 */
/* linux.cgroupsPath with the systemd driver: what is written to the program `scope`.  A newline
 * ends a line, so no value has one: all that comes from config.json is checked for that. */

#include "cgroup/scope_text.h"

#include <string.h>

#include "base/allocate.h"
#include "base/text.h"

enum { FIRST_ROOM = 4096 };

/* The text moves when it is full; what it was stays in the arena, unused. */
static fallible make_room(struct scope_text *text, size_t length)
{
    size_t room = text->room ? text->room : FIRST_ROOM;
    char *larger;

    if (text->length + length < text->room)
        return OK;
    while (room <= text->length + length)
        room *= 2;
    try_new(larger, text->arena, room);
    if (text->length)
        memcpy(larger, text->v, text->length + 1);
    text->v = larger;
    text->room = room;
    return OK;
}

fallible scope_text_add(struct scope_text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    size_t length = text_format_list(NULL, 0, format, args);
    va_end(args);
    try(make_room(text, length));
    va_start(args, format);
    text->length +=
        text_format_list(text->v + text->length, text->room - text->length, format, args);
    va_end(args);
    return OK;
}

fallible scope_text_add_string(struct scope_text *text, const char *name, const char *value)
{
    return scope_text_add(text, "property %s s\n=s %s\n", name, value);
}

fallible scope_text_add_bool(struct scope_text *text, const char *name, bool value)
{
    return scope_text_add(text, "property %s b\n=b %d\n", name, value);
}

fallible scope_text_add_number(struct scope_text *text, const char *name, uint64_t value)
{
    return scope_text_add(text, "property %s t\n=t %llu\n", name, (unsigned long long) value);
}
