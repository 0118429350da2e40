/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processes of a restored container have open (R21).  A descriptor is a way past all
 * mounts: into the host, below a mask, or to what is read-only where it was mounted first.
 *
 * A file is fine when its path, as the kernel tells it, leads to its mount: then the container
 * comes to it by itself.  What has no path is fine when it is of a kind that gives no more rights.
 */
#include "launch/restore_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/host.h"
#include "os/directory.h"
#include "os/mount_api.h"
#include "os/mount_list.h"
#include "os/path.h"
#include "os/pidfd.h"
#include "os/proc.h"

/* Of filesystems that nobody mounts, which linux/magic.h lacks. */
static const long pidfds = 0x50494446, rings = 0xa10a10a1;

fallible restore_refuse_file(const struct restored_file *file, const char *field,
                             const char *reason)
{
    return error_hint(restore_refuse(field, file->pid, reason), "it is /proc/%s: %s", file->link,
                      file->path);
}

static fallible refuse(const struct restored_file *file, const char *reason)
{
    return restore_refuse_file(file, "mounts", reason);
}

/* Files with a path ------------------------------------------------------------------------------
 */

fallible restore_check_path(const struct restored *restored, const char *path, uint64_t mount,
                            bool *is_there)
{
    char shorter[PATH_MAX];
    uint64_t found;

    text_format(shorter, sizeof(shorter), "%s", path);
    for (;;) {
        auto_close int fd = -1;
        const char *at = *shorter ? shorter : "/";
        struct error *error = path_open(restored->root, at, O_PATH | O_NOFOLLOW, &fd);
        if (!error) {
            try(mount_id(fd, &found));
            *is_there = found == mount;
            return OK;
        }
        char *slash = strrchr(shorter, '/');
        if (!slash)
            return error;
        error_forget(error);
        *slash = '\0';
    }
}

/* The standard streams are the caller's, as criu was told to make them. */
static bool is_stream(const struct restored_file *file)
{
    for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
        struct stat status;
        if (!fstat(i, &status) && status.st_dev == file->status.st_dev &&
            status.st_ino == file->status.st_ino)
            return true;
    }
    return false;
}

/* Shared memory without a name lies on a filesystem of the kernel's own; of huge pages there is one
 * for each size, where no file has a name. */
static bool is_memory(const struct restored_file *file)
{
    struct statfs filesystem;
    struct stat status;

    return (!file->status.st_nlink && !fstatfs(file->fd, &filesystem) &&
            filesystem.f_type == HUGETLBFS_MAGIC) ||
           (!fstat(file->restored->memory, &status) && status.st_dev == file->status.st_dev);
}

static fallible check_path(const struct restored_file *file)
{
    bool is_there;

    if (!mount_list_find(&file->restored->mounts, file->mount))
        return is_memory(file) || is_stream(file)
                   ? OK
                   : refuse(file, "has a file open that is on none of its mounts");
    try(restore_check_path(file->restored, file->path, file->mount, &is_there));
    return is_there ? restore_check_access(file)
                    : refuse(file, "has a file open that something is mounted over");
}

/* What has none ---------------------------------------------------------------------------------
 */

static fallible check_anonymous(const struct restored_file *file, const char *info)
{
    static const char *const kinds[] = { "[eventfd]", "[eventpoll]", "[signalfd]",
                                         "[timerfd]", "[pidfd]",     "[userfaultfd]" };
    static const char beginning[] = "anon_inode:";
    const char *kind = text_starts(file->path, beginning) ? file->path + strlen(beginning) : "";

    for (size_t i = 0; i < LENGTH(kinds); i++)
        if (text_equal(kind, kinds[i]))
            return OK;
    return text_equal(kind, "inotify") ? restore_check_watches(file, info)
                                       : refuse(file, "has something open that cannot be checked");
}

/* Of a namespace that its processes are in. */
static fallible check_namespace(const struct restored_file *file)
{
    struct stat status;
    bool is_own = false;

    for (const char *const *kind = restore_namespaces; *kind; kind++) {
        char path[RESTORED_PATH_SIZE];
        text_format(path, sizeof(path), "%d/ns/%s", file->restored->launch->host->pid, *kind);
        is_own = is_own || (!fstatat(file->restored->proc, path, &status, 0) &&
                            status.st_ino == file->status.st_ino);
    }
    return is_own ? OK : refuse(file, "has a namespace open that is not its own");
}

static fallible read_info(const struct restored_file *file)
{
    char path[RESTORED_PATH_SIZE];

    text_format(path, sizeof(path), "%d/fdinfo/%d", file->pid, file->number);
    return proc_read(file->restored->proc, path, file->restored->text, RESTORED_TEXT_SIZE);
}

static fallible check_kind(const struct restored_file *file)
{
    struct statfs filesystem;

    if (fstatfs(file->fd, &filesystem))
        return error_system("look at /proc/%s", file->link);
    long type = (long) filesystem.f_type;
    if (type == PIPEFS_MAGIC || type == pidfds || type == rings)
        return OK;
    if (type == NSFS_MAGIC)
        return check_namespace(file);
    if (type != SOCKFS_MAGIC && type != ANON_INODE_FS_MAGIC)
        return check_path(file);
    if (file->number < 0)
        return refuse(file, "has something mapped that cannot be checked");
    try(read_info(file));
    return type == SOCKFS_MAGIC ? restore_check_socket(file, file->restored->text)
                                : check_anonymous(file, file->restored->text);
}

/* All -------------------------------------------------------------------------------------------
 */

static fallible check_file(struct restored_file *file)
{
    struct mount_place place;
    int proc = file->restored->proc;

    ssize_t length = readlinkat(proc, file->link, file->path, sizeof(file->path) - 1);
    if (length < 0 || (size_t) length >= sizeof(file->path) - 1)
        return error_system("read where /proc/%s leads", file->link);
    file->path[length] = '\0';
    auto_close int fd = openat(proc, file->link, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &file->status))
        return error_system("open /proc/%s", file->link);
    try(mount_look(fd, &place));
    file->mount = place.mount;
    file->fd = fd;
    return check_kind(file);
}

/* The link has the rights of its descriptor: of one that can be neither read nor written none. */
static fallible check_opened(struct restored_file *file)
{
    struct stat link;
    auto_close int copy = -1;

    if (fstatat(file->restored->proc, file->link, &link, AT_SYMLINK_NOFOLLOW))
        return error_system("look at /proc/%s", file->link);
    file->access = (link.st_mode & S_IRUSR ? R_OK : 0) | (link.st_mode & S_IWUSR ? W_OK : 0);
    if (file->number >= 0 && file->access) {
        try(pidfd_copy(file->process, file->number, &copy));
        file->copy = copy;
        try(restore_check_receiver(file));
    }
    struct error *error = check_file(file);
    file->copy = -1;
    return error;
}

static fallible check_each(struct restored_file *file, const char *folder)
{
    struct directory directory;
    struct directory_entry entry;
    uint64_t number;
    auto_close int fd = -1;

    text_format(file->link, sizeof(file->link), "%d/%s", file->pid, folder);
    try(proc_open_directory(file->restored->proc, file->link, &fd));
    try(directory_begin(fd, &directory));
    for (;;) {
        try(directory_next(&directory, &entry));
        if (!entry.name)
            return OK;
        file->number = text_to_unsigned(entry.name, INT_MAX, &number) ? (int) number : -1;
        text_format(file->link, sizeof(file->link), "%d/%s/%s", file->pid, folder, entry.name);
        try(check_opened(file));
    }
}

fallible restore_check_files(const struct restored *restored, pid_t pid)
{
    static const struct {
        const char *name;
        int access;
    } others[] = { { "cwd", 0 }, { "root", 0 }, { "exe", X_OK } };
    struct restored_file file = { .restored = restored, .pid = pid, .number = -1, .copy = -1 };
    auto_close int process = -1;

    try(pidfd_open_process(pid, &process));
    file.process = process;
    for (size_t i = 0; i < LENGTH(others); i++) {
        text_format(file.link, sizeof(file.link), "%d/%s", pid, others[i].name);
        file.access = others[i].access;
        try(check_file(&file));
    }
    try(check_each(&file, "fd"));
    return check_each(&file, "map_files");
}
