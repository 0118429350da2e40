/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files into the arena; serves config.json and what the state directory holds.
 *
 * The size that fstat(2) says is only where to start: it is 0 for a pipe and for kernel files, and
 * a file may grow under our hands.  But of a regular file a read(2) that gets less than there is
 * room for has come to the end.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "os/deadline.h"
#include "os/fd.h"

enum { FIRST_SIZE = 4096 };

struct reading {
    char *bytes;
    size_t size; /* one more for the NUL */
    size_t used;
};

/* One byte more than MOST shows that a file is too long; another is for the NUL. */
static size_t first_size(const struct fd_file *file, size_t most)
{
    size_t size = file->size > 0 ? (size_t) file->size + 2 : FIRST_SIZE;
    return size < most + 2 ? size : most + 2;
}

static fallible make_room(struct reading *reading, size_t most, struct arena *arena)
{
    if (reading->used + 1 < reading->size)
        return OK;

    size_t size = reading->size < (most + 2) / 2 ? 2 * reading->size : most + 2;
    char *bytes;
    try_new(bytes, arena, size);
    memcpy(bytes, reading->bytes, reading->used);
    reading->bytes = bytes;
    reading->size = size;
    return OK;
}

/* Who writes into a pipe may take longer than we may. */
static fallible await_bytes(const struct fd_file *file)
{
    struct pollfd event = { .fd = file->fd, .events = POLLIN };
    int count = -1;

    if (file->size > 0 || !deadline_is_set())
        return OK;
    while (count < 0 && !deadline_is_over()) {
        count = poll(&event, 1, deadline_left(-1));
        if (count < 0 && errno != EINTR)
            return error_system("wait for bytes of descriptor %d", file->fd);
    }
    return count > 0 ? OK : error_new(ERROR_INTERRUPTED, "gave up, since %s", DEADLINE_IS_OVER);
}

static fallible read_some(const struct fd_file *file, struct reading *reading, bool *is_end)
{
    size_t room = reading->size - 1 - reading->used;
    ssize_t got;

    try(await_bytes(file));
    do
        got = read(file->fd, reading->bytes + reading->used, room);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_system("read descriptor %d", file->fd);
    reading->used += (size_t) got;
    *is_end = got == 0 || (file->size > 0 && (size_t) got < room);
    return OK;
}

fallible fd_read_file(const struct fd_file *file, size_t most, struct arena *arena,
                      const char **text, size_t *length)
{
    struct reading reading = { .size = first_size(file, most) };
    try_new(reading.bytes, arena, reading.size);

    bool is_end = false;
    while (!is_end) {
        try(make_room(&reading, most, arena));
        try(read_some(file, &reading, &is_end));
        if (reading.used > most) {
            errno = EFBIG;
            return error_system("read more than %zu bytes", most);
        }
    }

    reading.bytes[reading.used] = '\0';
    *text = reading.bytes;
    if (length)
        *length = reading.used;
    return OK;
}
