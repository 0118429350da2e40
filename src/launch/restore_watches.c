/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inotify(7) of a restored container (R21).  The images name what is watched by the handle of a
 * file, which need not be one of the container's: what is done to any file of the host's would be
 * told.  Where all of a filesystem is the container's, no handle leads out of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "launch/restore_files.h"
#include "os/mount_api.h"
#include "os/path.h"

enum { HEXADECIMAL = 16, MINOR_BITS = 20, HANDLE_MOST = 128, DEVICE_SIZE = 32, LINK_SIZE = 48 };

/* Of a line of fdinfo: "inotify wd:1 ino:2 sdev:3 mask:4 ... fhandle-bytes:8 fhandle-type:1
 * f_handle:0123456789abcdef". */
struct watch {
    char device[DEVICE_SIZE]; /* "0:25", as mountinfo has it */
    union {
        struct file_handle head;
        unsigned char room[sizeof(struct file_handle) + HANDLE_MOST];
    } handle;
};

static bool find_number(const char *line, const char *name, unsigned long *number)
{
    const char *found = strstr(line, name), *end = strchr(line, '\n');

    if (!found || (end && found > end))
        return false;
    *number = strtoul(found + strlen(name), NULL, HEXADECIMAL);
    return true;
}

static bool read_bytes(const char *digits, unsigned char *bytes, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++) {
        const char pair[] = { digits[2 * i], digits[2 * i] ? digits[2 * i + 1] : '\0', '\0' };
        char *end;
        bytes[i] = (unsigned char) strtoul(pair, &end, HEXADECIMAL);
        if (end != pair + 2)
            return false;
    }
    return true;
}

static bool read_watch(const char *line, struct watch *watch)
{
    static const char name[] = " f_handle:";
    struct file_handle *handle = &watch->handle.head;
    unsigned long device, bytes, type;
    const char *digits = strstr(line, name);

    if (!find_number(line, " sdev:", &device))
        return false;
    text_format(watch->device, sizeof(watch->device), "%lu:%lu", device >> MINOR_BITS,
                device & ((1UL << MINOR_BITS) - 1));
    handle->handle_bytes = 0;
    if (!digits || !find_number(line, " fhandle-bytes:", &bytes) ||
        !find_number(line, " fhandle-type:", &type) || bytes > HANDLE_MOST)
        return true;
    handle->handle_bytes = (unsigned) bytes;
    handle->handle_type = (int) type;
    return read_bytes(digits + strlen(name), handle->f_handle, bytes);
}

/* Whether the handle leads to a file that the container comes to by its path. */
static fallible find_file(const struct restored *restored, struct watch *watch,
                          const struct mount_entry *mount, bool *is_there)
{
    struct file_handle *handle = &watch->handle.head;
    char link[LINK_SIZE], path[PATH_MAX];
    struct stat wanted, found;
    uint64_t id;
    auto_close int top = -1, file = -1, same = -1;

    *is_there = false;
    struct error *error = path_open(restored->root, mount->point, O_RDONLY | O_DIRECTORY, &top);
    error_forget(error);
    if (error || !handle->handle_bytes)
        return OK;
    file = open_by_handle_at(top, handle, O_PATH | O_CLOEXEC);
    if (file < 0)
        return OK;
    text_format(link, sizeof(link), "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof(path) - 1);
    if (length < 0 || fstat(file, &wanted))
        return error_system("look at what is watched");
    path[length] = '\0';
    try(mount_id(file, &id));
    try(restore_check_path(restored, path, id, is_there));
    error = *is_there ? path_open(restored->root, path, O_PATH | O_NOFOLLOW, &same) : OK;
    *is_there = *is_there && !error && !fstat(same, &found) && found.st_dev == wanted.st_dev &&
                found.st_ino == wanted.st_ino;
    error_forget(error);
    return OK;
}

static fallible check_watch(const struct restored_file *file, const char *line)
{
    const struct mount_list *mounts = &file->restored->mounts;
    struct watch watch;
    bool is_there = false;

    if (!read_watch(line, &watch))
        return error_new(ERROR_PROTOCOL, "what /proc/%s watches is not told", file->link);
    for (uint32_t i = 0; i < mounts->n && !is_there; i++) {
        if (!text_equal(mounts->v[i].device, watch.device))
            continue;
        is_there = text_equal(mounts->v[i].root, "/");
        if (!is_there)
            try(find_file(file->restored, &watch, &mounts->v[i], &is_there));
    }
    return is_there ? OK
                    : error_hint(restore_refuse("mounts", file->pid,
                                                "watches a file that is not the container's"),
                                 "it is /proc/%s", file->link);
}

fallible restore_check_watches(const struct restored_file *file, const char *info)
{
    for (const char *at = info; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (text_starts(at, "inotify "))
            try(check_watch(file, at));
        if (!*at)
            break;
    }
    return OK;
}
