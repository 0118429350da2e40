/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.cgroupsPath: control files of a cgroup.
 *
 * They are made by the kernel when it is read: one read(2) at offset 0 gives all of a small one.
 */
#include "cgroup/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { EVENTS_SIZE = 256, NUMBER_SIZE = 64 };

bool cgroup_file_is_gone(struct error *error)
{
    return error_forget_if(error, ENOENT) || error_forget_if(error, ENODEV);
}

static fallible read_most(int directory, const char *file, char *text, size_t most, size_t *length)
{
    auto_close int fd = openat(directory, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t got = fd < 0 ? -1 : pread(fd, text, most, 0);
    if (got < 0)
        return error_errno(ERROR_CGROUP, "read %s", file);
    text[got] = '\0';
    *length = (size_t) got;
    return OK;
}

fallible cgroup_file_read(int directory, const char *file, char *text, size_t size)
{
    size_t length;

    try(read_most(directory, file, text, size - 1, &length));
    if (length < size - 1)
        return OK;
    errno = EFBIG;
    return error_errno(ERROR_CGROUP, "read %s, of which %zu bytes are read at most", file,
                       size - 2);
}

fallible cgroup_file_read_start(int directory, const char *file, char *text, size_t size)
{
    size_t length;
    return read_most(directory, file, text, size - 1, &length);
}

fallible cgroup_file_read_number(int directory, const char *file, uint64_t otherwise,
                                 uint64_t *number)
{
    char text[NUMBER_SIZE];
    uint64_t found = UINT64_MAX;
    struct error *error = cgroup_file_read_start(directory, file, text, sizeof(text));

    if (error && !error_forget_if(error, ENOENT))
        return error;
    if (error)
        found = otherwise;
    else {
        text[strcspn(text, " \n")] = '\0';
        if (!text_to_unsigned(text, UINT64_MAX, &found))
            found = UINT64_MAX;
    }
    *number = found;
    return OK;
}

fallible cgroup_file_check(int directory, const char *file, const char *text)
{
    auto_close int fd = openat(directory, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? error_call(error_errno(ERROR_CGROUP, "write '%s' to %s", text, file),
                               CALL_WRITE, file)
                  : OK;
}

fallible cgroup_file_write(int directory, const char *file, const char *text)
{
    auto_close int fd = openat(directory, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        return error_call(error_errno(ERROR_CGROUP, "write '%s' to %s", text, file), CALL_WRITE,
                          file);
    return OK;
}

/* Finds "key VALUE" at the start of a line. */
static fallible find_flag(const char *text, const char *key, bool *flag)
{
    size_t length = strlen(key);
    for (const char *line = text; *line;) {
        if (strncmp(line, key, length) == 0 && line[length] == ' ') {
            *flag = line[length + 1] != '0';
            return OK;
        }
        line = strchrnul(line, '\n');
        line += *line == '\n';
    }
    return error_new(ERROR_CGROUP, "cgroup.events has no line '%s'", key);
}

fallible cgroup_file_parse_events(int file, struct cgroup_events *events)
{
    char text[EVENTS_SIZE];
    ssize_t got = pread(file, text, sizeof(text) - 1, 0);
    if (got < 0)
        return error_errno(ERROR_CGROUP, "read cgroup.events");
    text[got] = '\0';

    struct cgroup_events found;
    try(find_flag(text, "populated", &found.is_populated));
    try(find_flag(text, "frozen", &found.is_frozen));
    *events = found;
    return OK;
}

fallible cgroup_file_read_events(int directory, struct cgroup_events *events)
{
    auto_close int file = openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return error_errno(ERROR_CGROUP, "open cgroup.events");
    return cgroup_file_parse_events(file, events);
}
