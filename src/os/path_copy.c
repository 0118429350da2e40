/* SPDX-License-Identifier: Apache-2.0 */
/* Copies a tree of the container's; serves the mount option tmpcopyup.  What surprises: a name is
 * looked at by O_PATH first, since to open a device may do something, and a fifo may hold us. */

#include "os/path_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/directory.h"
#include "os/mount_api.h"
#include "os/user_namespace.h"

enum { PIECE = 1 << 20 };

/* One object to copy: NAME in the directory FROM, as SEEN (O_PATH), into the directory TO. */
struct source {
    int from, to, seen;
    const char *name;
    struct stat status;
    uint64_t mount; /* what is not of this mount is left out */
    unsigned depth; /* of FROM */
};

static fallible copy_directory(int from, int to, uint64_t mount, unsigned depth);

static fallible fails(const char *doing)
{
    return error_errno(ERROR_PATH, "%s", doing);
}

/* What a copy has of its owners; "" is the copy that is open. */
struct owners {
    bool has_user, has_group;
};

/* EINVAL: the user namespace has no such id, and that of the copy stays its root's. */
static bool give(int to, const char *name, const struct stat *status, struct owners *owners)
{
    const int flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW;
    bool is_given = !fchownat(to, name, status->st_uid, status->st_gid, flags);

    *owners = (struct owners){ is_given, is_given };
    if (is_given || errno != EINVAL)
        return is_given;
    owners->has_group = !fchownat(to, name, (uid_t) -1, status->st_gid, flags);
    owners->has_user = !fchownat(to, name, status->st_uid, (gid_t) -1, flags);
    return true;
}

/* The mode comes last: to give a file away takes its set-user-ID bit.  For an owner that the user
 * namespace does not know the bit has no effect; on the copy it would, for whoever owns that. Linux
 * shows such a one as USER_NAMESPACE_OVERFLOW_ID, which may be an id of the container's. */
static fallible dress(int fd, const struct stat *status)
{
    const struct timespec times[] = { status->st_atim, status->st_mtim };
    mode_t mode = status->st_mode & 07777;
    struct owners owners;

    if (!give(fd, "", status, &owners))
        return error_call(fails("set the owner"), CALL_CHOWN, NULL);
    if (!owners.has_user || status->st_uid == USER_NAMESPACE_OVERFLOW_ID)
        mode &= ~(mode_t) S_ISUID;
    if (!owners.has_group || status->st_gid == USER_NAMESPACE_OVERFLOW_ID)
        mode &= ~(mode_t) S_ISGID;
    if (fchmod(fd, mode) || futimens(fd, times))
        return fails("set mode and times");
    return OK;
}

static fallible dress_named(const struct source *source)
{
    const struct timespec times[] = { source->status.st_atim, source->status.st_mtim };
    struct owners owners;

    if (!give(source->to, source->name, &source->status, &owners) ||
        utimensat(source->to, source->name, times, AT_SYMLINK_NOFOLLOW))
        return fails("set owner and times");
    return OK;
}

static fallible copy_bytes(int from, int to)
{
    for (;;) {
        ssize_t moved = sendfile(to, from, NULL, PIECE);
        if (moved == 0)
            return OK;
        if (moved < 0 && errno != EINTR)
            return fails("copy the contents");
    }
}

static fallible copy_file(const struct source *source)
{
    const int safely = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    auto_close int from = openat(source->from, source->name, O_RDONLY | O_CLOEXEC | safely),
                   to = -1;
    struct stat opened;
    if (from < 0 || fstat(from, &opened))
        return fails("open");
    if (opened.st_ino != source->status.st_ino || !S_ISREG(opened.st_mode)) {
        errno = EAGAIN;
        return fails("open what was a file");
    }
    to = openat(source->to, source->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | safely, 0600);
    if (to < 0)
        return fails("make");
    try(copy_bytes(from, to));
    return dress(to, &source->status);
}

static fallible copy_link(const struct source *source)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(source->seen, "", target, sizeof(target) - 1);
    if (length < 0)
        return fails("read the link");
    target[length] = '\0';
    if (symlinkat(target, source->to, source->name))
        return fails("make the link");
    return dress_named(source);
}

static fallible copy_fifo(const struct source *source)
{
    const mode_t mode = source->status.st_mode & 07777;
    if (mknodat(source->to, source->name, S_IFIFO | 0600, 0))
        return fails("make the fifo");
    try(dress_named(source));
    return fchmodat(source->to, source->name, mode, 0) ? fails("set the mode") : OK;
}

static fallible copy_below(const struct source *source)
{
    if (source->depth == PATH_COPY_DEPTH) {
        errno = ELOOP;
        return fails("go deeper");
    }
    auto_close int from = openat(source->seen, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), to = -1;
    if (from < 0)
        return fails("open");
    if (mkdirat(source->to, source->name, 0700))
        return fails("make");
    to = openat(source->to, source->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (to < 0)
        return fails("open the copy");
    try(copy_directory(from, to, source->mount, source->depth + 1));
    return dress(to, &source->status);
}

static fallible copy_seen(const struct source *source)
{
    switch (source->status.st_mode & S_IFMT) {
    case S_IFDIR:
        return copy_below(source);
    case S_IFREG:
        return copy_file(source);
    case S_IFLNK:
        return copy_link(source);
    case S_IFIFO:
        return copy_fifo(source);
    default:
        return OK;
    }
}

/* A name that is gone meanwhile is none to copy. */
static fallible copy_entry(int from, int to, const char *name, uint64_t mount, unsigned depth)
{
    auto_close int seen = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct source source = { from, to, seen, name, .depth = depth };
    if (seen < 0 && errno == ENOENT)
        return OK;
    if (seen < 0 || fstat(seen, &source.status))
        return fails("look at it");
    try(mount_id(seen, &source.mount));
    return source.mount == mount ? copy_seen(&source) : OK;
}

static fallible copy_directory(int from, int to, uint64_t mount, unsigned depth)
{
    struct directory names;
    struct directory_entry entry;
    try(directory_begin(from, &names));
    for (;;) {
        try(directory_next(&names, &entry));
        if (!entry.name)
            return OK;
        try_within(copy_entry(from, to, entry.name, mount, depth), "%.255s", entry.name);
    }
}

fallible path_copy_tree(int from, int to, bool keeps_owner)
{
    auto_close int source = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auto_close int copy = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct owners owners;
    struct stat status;
    uint64_t mount;
    if (source < 0 || copy < 0 || fstat(source, &status))
        return fails("open the directories");
    try(mount_id(source, &mount));
    try(copy_directory(source, copy, mount, 0));
    if (!keeps_owner && !give(copy, "", &status, &owners))
        return error_call(fails("set the owner"), CALL_CHOWN, NULL);
    return OK;
}
