/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output without stdio, whose buffers would report a failed write too late or never. */

#include "cli/output.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "os/fd.h"

fallible output_text(const char *text)
{
    try_within(fd_write_all(STDOUT_FILENO, text, strlen(text)), "standard output");
    return OK;
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
    try_within(fd_write_all(fd, text, length),
               fd == STDERR_FILENO ? "standard error" : "standard output");
    return OK;
}
