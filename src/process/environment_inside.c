/* SPDX-License-Identifier: Apache-2.0 */
/* HOME from the container's own passwd(5), which is hostile: it may be a fifo, endless, or hold
 * users whose names are numbers.  Only the uid field is ever compared. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/path.h"
#include "process/environment.h"

enum { LINE_SIZE = 4096, FILE_MOST = 1024 * 1024, UID_FIELD = 2, HOME_FIELD = 5 };

struct reader {
    int fd;
    uint32_t total;   /* bytes read so far */
    uint32_t at, end; /* in the buffer */
    int failure;      /* errno of a read that failed */
    char buffer[LINE_SIZE];
};

static int read_byte(struct reader *reader)
{
    if (reader->at == reader->end) {
        ssize_t got = reader->total < FILE_MOST ? read(reader->fd, reader->buffer, LINE_SIZE) : 0;
        if (got < 0)
            reader->failure = errno;
        if (got <= 0)
            return -1;
        reader->at = 0;
        reader->end = (uint32_t) got;
        reader->total += (uint32_t) got;
    }
    return (unsigned char) reader->buffer[reader->at++];
}

/* False at the end of the file.  A line that is too long or holds NUL comes out empty. */
static bool read_line(struct reader *reader, char line[LINE_SIZE])
{
    uint32_t length = 0;
    bool is_usable = true;
    int byte = read_byte(reader);
    if (byte < 0)
        return false;
    for (; byte >= 0 && byte != '\n'; byte = read_byte(reader)) {
        if (byte == 0 || length == LINE_SIZE - 1)
            is_usable = false;
        if (is_usable)
            line[length++] = (char) byte;
    }
    line[is_usable ? length : 0] = '\0';
    return true;
}

/* Field NUMBER of the line, which is cut behind it; NULL when there are fewer. */
static char *cut_field(char *line, int number)
{
    for (; number > 0; number--) {
        while (*line && *line != ':')
            line++;
        if (!*line)
            return NULL;
        line++;
    }
    for (char *end = line; *end; end++)
        if (*end == ':')
            *end = '\0';
    return line;
}

static bool is_line_of(char *line, uint32_t uid, const char **home)
{
    if (*line == '#') /* a comment to libc as well */
        return false;
    /* From the right: cutting spoils what follows. */
    char *directory = cut_field(line, HOME_FIELD);
    if (!directory || *directory != '/')
        directory = NULL;
    uint64_t found = 0;
    const char *number = directory ? cut_field(line, UID_FIELD) : NULL;
    if (!number || !text_to_unsigned(number, UINT32_MAX - 1, &found) || found != uid)
        return false;
    *home = directory;
    return true;
}

/* What has no size is empty, or is made by the kernel as it is read, as most of /proc: a link to
 * /proc/kmsg would have us, who may still do everything, take the messages of the host away. */
static bool is_text(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
}

/* FD is -1 when there is no such file, or it is not one to be read. */
static fallible open_passwd(int root, int *fd)
{
    /* Looked at before it is opened: opening a device can do things. */
    auto_close int looked = -1, opened = -1;

    struct error *error = path_open(root, "/etc/passwd", O_PATH, &looked);
    if (!error && is_text(looked))
        error = path_open(root, "/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY, &opened);
    if (error && error->number != ENOENT && error->number != ENOTDIR && error->number != ELOOP)
        return error;
    error_forget(error);
    *fd = opened >= 0 && is_text(opened) ? take_fd(&opened) : -1;
    return OK;
}

/* Leaves in the buffer what was there when there is no such line. */
static fallible read_home(int fd, uint32_t uid, char *buffer, uint32_t size)
{
    char line[LINE_SIZE];
    const char *home = NULL;
    struct reader reader = { .fd = fd };

    while (!home && read_line(&reader, line))
        (void) is_line_of(line, uid, &home);
    if (reader.failure) {
        errno = reader.failure;
        return error_system("read /etc/passwd of the container");
    }
    if (home && text_format(buffer, size, "HOME=%s", home) >= size)
        text_format(buffer, size, "HOME=/");
    return OK;
}

fallible environment_find_home(int root, uint32_t uid, char *buffer, uint32_t size)
{
    auto_close int fd = -1;

    text_format(buffer, size, "HOME=/");
    try(open_passwd(root, &fd));
    return fd < 0 ? OK : read_home(fd, uid, buffer, size);
}
