/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files in the directory of a container (R22).
 *
 * They are not synced: a reboot, which might lose them, ends the container.  Whoever reads with
 * no lock still sees the old file or the new one, never a part.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/fd.h"
#include "os/self.h"
#include "state/store.h"

enum { NAME_SIZE = 256, NEW_FILE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW };

void entry_unlock(struct entry *entry)
{
    if (entry->is_locked)
        flock(entry->directory, LOCK_UN);
    entry->is_locked = false;
}

/* With its only descriptor the lock is gone as well. */
void entry_close(struct entry *entry)
{
    close_fd(&entry->directory);
    entry->is_locked = false;
}

fallible entry_outlives_boot(const struct entry *entry, bool *outlives)
{
    struct statfs filesystem;

    if (fstatfs(entry->directory, &filesystem))
        return error_system("look at the file system of container \"%s\"", entry->id);
    *outlives = filesystem.f_type != TMPFS_MAGIC && filesystem.f_type != RAMFS_MAGIC;
    return OK;
}

/* A killed command may have left one; the lock says that it is nobody's. */
static int open_new(int directory, const char *name)
{
    int fd = openat(directory, name, NEW_FILE | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST && !unlinkat(directory, name, 0))
        fd = openat(directory, name, NEW_FILE | O_CLOEXEC, 0600);
    return fd;
}

static fallible fill(const struct entry *entry, const char *name, const void *bytes,
                     unsigned long length)
{
    auto_close int fd = open_new(entry->directory, name);
    if (fd < 0)
        return error_system("make '%s'", name);
    return fd_write_all(fd, bytes, length);
}

fallible entry_exists(const char *id)
{
    return error_hint(error_new(ERROR_EXISTS, "container \"%s\" already exists", id),
                      "take another name, or end that one: tare delete --force %s", id);
}

fallible entry_begin(const struct entry *entry, const void *bytes, unsigned long length)
{
    auto_close int fd = openat(entry->directory, CONFIG_COPY, NEW_FILE | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return entry_exists(entry->id);
    struct error *failed = fd < 0 ? error_system("make it") : fd_write_all(fd, bytes, length);
    return error_within(failed, "write '%s' of container \"%s\"", CONFIG_COPY, entry->id);
}

fallible entry_write(const struct entry *entry, const char *name, const void *bytes,
                     unsigned long length)
{
    char fresh[NAME_SIZE];
    text_format(fresh, sizeof(fresh), "%s.new", name);

    struct error *failed = fill(entry, fresh, bytes, length);
    if (!failed && renameat(entry->directory, fresh, entry->directory, name))
        failed = error_system("give it its name");
    if (failed)
        unlinkat(entry->directory, fresh, 0);
    return error_within(failed, "write '%s' of container \"%s\"", name, entry->id);
}

static fallible check_file(int fd, unsigned long most, struct fd_file *file)
{
    struct stat status;
    if (fstat(fd, &status))
        return error_system("look at it");
    if (!S_ISREG(status.st_mode))
        return error_new(ERROR_RECORD, "not a regular file");
    if (status.st_uid != self_user() || status.st_mode & (S_IWGRP | S_IWOTH))
        return error_new(ERROR_RECORD, "not ours alone");
    if ((unsigned long) status.st_size > most)
        return error_new(ERROR_RECORD, "%ju bytes are too many (at most %lu)",
                         (uintmax_t) status.st_size, most);
    *file = (struct fd_file){ fd, status.st_size };
    return OK;
}

/* Only what is not as we made it is a fault of the record. */
static fallible cannot_open(void)
{
    bool is_other = errno == ENOENT || errno == ELOOP || errno == ENXIO || errno == EACCES;
    return error_errno(is_other ? ERROR_RECORD : ERROR_SYSTEM, "open it");
}

fallible entry_read(const struct entry *entry, const char *name, unsigned long most,
                    struct arena *arena, struct entry_text *out)
{
    /* O_NONBLOCK: a pipe in its place must not hold us. */
    auto_close int fd =
        openat(entry->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct fd_file file;
    struct error *failed = fd < 0 ? cannot_open() : check_file(fd, most, &file);
    if (!failed)
        failed = fd_read_file(&file, most, arena, &out->text, &out->length);
    return error_within(failed, "read '%s' of container \"%s\"", name, entry->id);
}
