/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output without stdio, whose buffers would report a failed write too late or never. */

#include "cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "os/fd.h"

static bool is_unread;

static fallible write_out(int fd, const char *text, size_t length)
{
    struct error *error = fd_write_all(fd, text, length);
    if (error && error->number == EPIPE && fd == STDOUT_FILENO)
        is_unread = true;
    return error_within(error, fd == STDERR_FILENO ? "standard error" : "standard output");
}

bool output_is_unread(void)
{
    return is_unread;
}

fallible output_text(const char *text)
{
    return write_out(STDOUT_FILENO, text, strlen(text));
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
