/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a distribution's static libraries ask of their C library, and musl does not have: compiled
 * with _FORTIFY_SOURCE, they call these in the place of sprintf(), memcpy() and others, and say how
 * much room there is.  Linux Standard Base Core Specification 5.0, "Interfaces for libc".
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) int __asprintf_chk(char **text, int flag, const char *format,
                                                         ...);
__attribute__((format(printf, 3, 4))) int __fprintf_chk(FILE *stream, int flag, const char *format,
                                                        ...);
void *__memcpy_chk(void *to, const void *from, size_t length, size_t room);
__attribute__((format(printf, 5, 6))) int __snprintf_chk(char *text, size_t most, int flag,
                                                         size_t room, const char *format, ...);
__attribute__((format(printf, 4, 5))) int __sprintf_chk(char *text, int flag, size_t room,
                                                        const char *format, ...);

/* Room that is not known is the highest number; vsnprintf() takes none above INT_MAX. */
static size_t limit(size_t room)
{
    return room < INT_MAX ? room : INT_MAX;
}

int __asprintf_chk(char **text, int flag, const char *format, ...)
{
    va_list arguments;

    (void) flag;
    va_start(arguments, format);
    int length = vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}

int __fprintf_chk(FILE *stream, int flag, const char *format, ...)
{
    va_list arguments;

    (void) flag;
    va_start(arguments, format);
    int length = vfprintf(stream, format, arguments);
    va_end(arguments);
    return length;
}

void *__memcpy_chk(void *to, const void *from, size_t length, size_t room)
{
    if (length > room)
        abort();
    return memcpy(to, from, length);
}

int __snprintf_chk(char *text, size_t most, int flag, size_t room, const char *format, ...)
{
    va_list arguments;

    (void) flag;
    if (most > room)
        abort();
    va_start(arguments, format);
    int length = vsnprintf(text, limit(most), format, arguments);
    va_end(arguments);
    return length;
}

int __sprintf_chk(char *text, int flag, size_t room, const char *format, ...)
{
    va_list arguments;

    (void) flag;
    va_start(arguments, format);
    int length = vsnprintf(text, limit(room), format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t) length >= room)
        abort();
    return length;
}
