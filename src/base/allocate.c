/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings and exhaustion of the command's arena.
 *
 * The text is measured before it is written, because an arena cannot take bytes back.
 */
#include "base/allocate.h"

#include <stdarg.h>

#include "base/text.h"

fallible allocate_failed(void)
{
    return error_hint(error_new(ERROR_MEMORY, "the memory reserved for this command is full"),
                      "config.json is too large");
}

char *allocate_print(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t size = text_format_list(NULL, 0, format, args) + 1;
    char *text = arena_alloc(arena, size, 1);
    if (text)
        text_format_list(text, size, format, args);
    va_end(args);
    return text;
}
