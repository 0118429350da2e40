/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a container's path, component by component.  What surprises: a link is never followed by
 * the kernel; its text is put in front of the rest of the path, so even a magic link that slipped
 * through could only name something below the root. */

#include "os/path_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"

enum { PROC_ROOT_INODE = 1, NO_LINKS_FOLLOWED = 0x2000 /* ST_NOSYMFOLLOW */ };

struct walk {
    const struct path_walk *how;
    int root;
    int stack[PATH_WALK_DEPTH]; /* the directories below the root on the way here */
    unsigned depth;
    unsigned links;
    char text[2 * PATH_MAX];
    const char *rest; /* what is still to be walked, in text */
};

struct component {
    char name[NAME_MAX + 1];
    bool is_last;
    bool is_directory; /* something, or just a slash, comes after it */
};

static int here(const struct walk *walk)
{
    return walk->depth ? walk->stack[walk->depth - 1] : walk->root;
}

static void leave(struct walk *walk, unsigned depth)
{
    while (walk->depth > depth)
        close(walk->stack[--walk->depth]);
}

static int enter(struct walk *walk, int *fd)
{
    if (walk->depth == PATH_WALK_DEPTH)
        return ENAMETOOLONG;
    walk->stack[walk->depth++] = take_fd(fd);
    return 0;
}

static int next(struct walk *walk, struct component *next)
{
    const char *begin = walk->rest + strspn(walk->rest, "/");
    size_t length = strcspn(begin, "/");
    if (length > NAME_MAX)
        return ENAMETOOLONG;
    memcpy(next->name, begin, length);
    next->name[length] = '\0';
    walk->rest = begin + length;
    next->is_directory = *walk->rest == '/';
    next->is_last = !walk->rest[strspn(walk->rest, "/")];
    return 0;
}

/* The links in the root of a procfs are ordinary ones; elsewhere in it they may be magic. */
static int check_link(struct walk *walk, int link)
{
    struct statfs filesystem;
    struct stat parent;
    if (fstatfs(link, &filesystem) || fstat(here(walk), &parent))
        return errno;
    if (filesystem.f_type == PROC_SUPER_MAGIC && parent.st_ino != PROC_ROOT_INODE)
        return ELOOP;
    return filesystem.f_flags & NO_LINKS_FOLLOWED ? ELOOP : 0;
}

static int follow(struct walk *walk, int link)
{
    if (walk->links++ == PATH_WALK_LINKS)
        return ELOOP;
    int wrong = check_link(walk, link);
    if (wrong)
        return wrong;

    char target[PATH_MAX];
    ssize_t length = readlinkat(link, "", target, sizeof(target));
    if (length < 0)
        return errno;
    if (length == 0)
        return ENOENT;
    size_t left = strlen(walk->rest) + 1;
    if ((size_t) length == sizeof(target) || (size_t) length + left > sizeof(walk->text))
        return ENAMETOOLONG;
    memmove(walk->text + length, walk->rest, left);
    memcpy(walk->text, target, (size_t) length);
    walk->rest = walk->text;
    if (target[0] == '/')
        leave(walk, 0);
    return 0;
}

static int make(struct walk *walk, const struct component *part, int *fd)
{
    const struct path_walk *how = walk->how;
    bool is_file = part->is_last && how->missing == PATH_MISSING_FILE;
    if (is_file && part->is_directory)
        return EISDIR;
    if (!is_file) {
        mode_t mode = part->is_last ? how->mode : how->parent_mode;
        if (mkdirat(here(walk), part->name, mode) && errno != EEXIST)
            return errno;
    } else {
        int flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;
        auto_close int made = openat(here(walk), part->name, flags | O_CLOEXEC, how->mode);
        if (made < 0)
            return errno == EEXIST ? EAGAIN : errno;
    }
    int flags = O_PATH | O_NOFOLLOW | (is_file ? 0 : O_DIRECTORY);
    *fd = openat(here(walk), part->name, flags | O_CLOEXEC);
    if (*fd < 0) /* somebody has put something else there */
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? EAGAIN : errno;
    return 0;
}

static int look(struct walk *walk, const struct component *part, int *fd)
{
    *fd = openat(here(walk), part->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (*fd >= 0)
        return 0;
    if (errno == ENOENT && walk->how->missing != PATH_MISSING_IS_ERROR)
        return make(walk, part, fd);
    return errno;
}

/* The path ends in something that is no directory: opens it as asked. */
static int open_found(struct walk *walk, const struct component *part, int *found, int *fd)
{
    int flags = walk->how->flags;
    if (flags & O_PATH) {
        if (flags & O_DIRECTORY)
            return ENOTDIR;
        *fd = take_fd(found);
        return 0;
    }
    *fd = openat(here(walk), part->name, flags | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0) /* a link now, though it was none before */
        return errno == ELOOP && !(flags & O_NOFOLLOW) ? EAGAIN : errno;
    return 0;
}

/* The path ends in the directory where the walk stands. */
static int open_here(struct walk *walk, int *fd)
{
    *fd = openat(here(walk), ".", walk->how->flags | O_CLOEXEC);
    return *fd < 0 ? errno : 0;
}

static int walk_component(struct walk *walk, const struct component *part, int *fd)
{
    auto_close int found = -1;
    int wrong = look(walk, part, &found);
    if (wrong)
        return wrong;
    struct stat status;
    if (fstat(found, &status))
        return errno;

    bool is_end = part->is_last && !part->is_directory;
    if (S_ISLNK(status.st_mode) && !(is_end && walk->how->flags & O_NOFOLLOW))
        return follow(walk, found);
    if (S_ISDIR(status.st_mode))
        return enter(walk, &found);
    return is_end ? open_found(walk, part, &found, fd) : ENOTDIR;
}

static int walk_path(struct walk *walk, int *fd)
{
    while (*fd < 0) {
        struct component part;
        int wrong = next(walk, &part);
        if (!wrong && !part.name[0])
            return open_here(walk, fd);
        if (!wrong && !strcmp(part.name, ".."))
            leave(walk, walk->depth ? walk->depth - 1 : 0);
        else if (!wrong && strcmp(part.name, "."))
            wrong = walk_component(walk, &part, fd);
        if (wrong)
            return wrong;
    }
    return 0;
}

int path_walk(int root, const char *path, const struct path_walk *how, int *fd)
{
    struct walk walk = { .how = how, .root = root };
    size_t length = strlen(path);
    if (length == 0)
        return ENOENT;
    if (length >= PATH_MAX)
        return ENAMETOOLONG;
    memcpy(walk.text, path, length + 1);
    walk.rest = walk.text;

    int found = -1;
    int wrong = walk_path(&walk, &found);
    leave(&walk, 0);
    if (!wrong)
        *fd = found;
    return wrong;
}
