/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output without stdio, whose buffers would report a failed write too late or never. */

#include "cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "os/fd.h"

static bool is_unread;

/* Which of the bytes begin a control character that a terminal would obey, LENGTH if none; tabs and
 * ends of lines are ours.  C1 controls are two bytes of UTF-8. */
static size_t find_control(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char) text[i];
        bool is_c1 = byte == 0xc2 && i + 1 < length && (unsigned char) text[i + 1] - 0x80U < 0x20;
        if (is_c1 || byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\t'))
            return i;
    }
    return length;
}

static fallible write_bytes(int fd, const char *text, size_t length)
{
    struct error *error = fd_write_all(fd, text, length);
    if (error && error->number == EPIPE && fd == STDOUT_FILENO)
        is_unread = true;
    return error_within(error, fd == STDERR_FILENO ? "standard error" : "standard output");
}

/* As JSON writes them, whatever the text is: names of others may be in it. */
static fallible write_escaped(int fd, const char *text, size_t length)
{
    for (;;) {
        size_t plain = find_control(text, length);
        try(write_bytes(fd, text, plain));
        if (plain == length)
            return OK;
        size_t size = text[plain] == '\xc2' ? 2 : 1;
        char escape[8];
        text_format(escape, sizeof(escape), "\\u%04x", (unsigned char) text[plain + size - 1]);
        try(write_bytes(fd, escape, strlen(escape)));
        text += plain + size;
        length -= plain + size;
    }
}

/* It stays what it is as long as we run. */
bool output_is_terminal(void)
{
    static int answer = -1;

    if (answer < 0)
        answer = isatty(STDOUT_FILENO);
    return answer;
}

/* Not for who reads a file of it. */
fallible output_clear(void)
{
    static const char home[] = "\x1b[H\x1b[J";

    return output_is_terminal() ? write_bytes(STDOUT_FILENO, home, strlen(home)) : OK;
}

static fallible write_out(int fd, const char *text, size_t length)
{
    return fd == STDOUT_FILENO && output_is_terminal() ? write_escaped(fd, text, length)
                                                       : write_bytes(fd, text, length);
}

bool output_is_unread(void)
{
    return is_unread;
}

fallible output_text(const char *text)
{
    return write_out(STDOUT_FILENO, text, strlen(text));
}

static bool has_colours(void)
{
    const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

    return output_is_terminal() && (!none || !*none) && terminal && *terminal &&
           !text_equal(terminal, "dumb");
}

/* Select graphic rendition (console_codes(4)). */
fallible output_coloured(enum output_colour colour, const char *text)
{
    static const char *const codes[] = {
        [COLOUR_GREEN] = "\x1b[32m",
        [COLOUR_YELLOW] = "\x1b[33m",
        [COLOUR_RED] = "\x1b[31m",
        [COLOUR_DIM] = "\x1b[2m",
    };
    static const char none[] = "\x1b[0m";

    if (colour == COLOUR_NONE || !has_colours())
        return output_text(text);
    try(write_bytes(STDOUT_FILENO, codes[colour], strlen(codes[colour])));
    try(output_text(text));
    return write_bytes(STDOUT_FILENO, none, strlen(none));
}

fallible output_bytes(const char *bytes, size_t length)
{
    return write_out(STDOUT_FILENO, bytes, length);
}

fallible output_print(int fd, const char *format, ...)
{
    char text[OUTPUT_SIZE];
    va_list args;

    va_start(args, format);
    size_t length = text_format_list(text, sizeof(text), format, args);
    va_end(args);
    if (length >= sizeof(text))
        return error_new(ERROR_MEMORY, "print a line of %zu bytes", length);
    return write_out(fd, text, length);
}
