/* SPDX-License-Identifier: Apache-2.0 */
/* The one module that resolves the container's paths (rules R1, R4, R9).  What surprises: whatever
 * has to be made is made by the walk of our own, since only that knows where a dangling link of
 * the image would lead. */

#include "os/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/path_walk.h"

enum {
    DEPTH_MOST = PATH_MAX, /* of directories */
    ATTEMPTS = 64,         /* the kernel gives up when anything at all is renamed meanwhile */
    NO_XDEV = 0x01,
    NO_MAGIC_LINKS = 0x02,
    NO_LINKS = 0x04,
    BENEATH = 0x08,
    IN_ROOT = 0x10,
    PARENT_MODE = 0755,
};

/* The argument of openat2(2). */
struct how {
    uint64_t flags, mode, resolve;
};

/* PATH is not the object: it is none of the host's. */
static fallible refuse(int number, enum error_call call, const char *tried, const char *path)
{
    errno = number;
    if (number == ELOOP)
        return error_errno(ERROR_PATH, "%s %s: a loop of symbolic links, or one of /proc", tried,
                           path);
    if (number == ENAMETOOLONG)
        return error_errno(ERROR_PATH, "%s %.200s...: too long or too deep", tried, path);
    return error_call(error_errno(ERROR_PATH, "%s %s", tried, path), call, NULL);
}

static int walk_often(int root, const char *path, const struct path_walk *how, int *fd)
{
    int wrong = EAGAIN;
    for (int i = 0; i < ATTEMPTS && wrong == EAGAIN; i++)
        wrong = path_walk(root, path, how, fd);
    return wrong;
}

static int resolve(int root, const char *path, int flags, int *fd)
{
    struct how how = {
        .flags = (uint64_t) (unsigned) (flags | O_CLOEXEC),
        .resolve = IN_ROOT | NO_MAGIC_LINKS,
    };
    long found = -1;
    errno = EAGAIN;
    for (int i = 0; i < ATTEMPTS && found < 0 && errno == EAGAIN; i++)
        found = syscall(SYS_openat2, root, path, &how, sizeof(how));
    if (found < 0 && (errno == ENOSYS || errno == EPERM || errno == EAGAIN))
        return walk_often(root, path, &(struct path_walk){ .flags = flags }, fd);
    if (found < 0)
        return errno;
    *fd = (int) found;
    return 0;
}

fallible path_open_plain(int root, const char *path, int *fd)
{
    const struct how how = {
        .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
        .resolve = IN_ROOT | NO_MAGIC_LINKS | NO_LINKS,
    };
    long found = syscall(SYS_openat2, root, path, &how, sizeof(how));
    if (found < 0)
        return refuse(errno, CALL_OPEN, "open", path);
    *fd = (int) found;
    return OK;
}

fallible path_open_within(int directory, const char *path, int flags, int *fd)
{
    const struct how how = {
        .flags = (uint64_t) (unsigned) (flags | O_CLOEXEC),
        .resolve = BENEATH | NO_XDEV | NO_MAGIC_LINKS | NO_LINKS,
    };
    long found = syscall(SYS_openat2, directory, path, &how, sizeof(how));
    if (found < 0)
        return refuse(errno, CALL_OPEN, "open", path);
    *fd = (int) found;
    return OK;
}

fallible path_make_below(int parent, const char *name, mode_t mode, int *fd)
{
    if (mkdirat(parent, name, mode))
        return refuse(errno, CALL_MKDIR, "make directory", name);
    int made = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (made < 0)
        return refuse(errno, CALL_OPEN, "open", name);
    *fd = made;
    return OK;
}

fallible path_open(int root, const char *path, int flags, int *fd)
{
    int wrong = resolve(root, path, flags, fd);
    return wrong ? refuse(wrong, CALL_OPEN, "open", path) : OK;
}

fallible path_look(int root, const char *path, struct mount_place *place)
{
    return mount_look_at(root, path, place);
}

fallible path_look_filesystem(const char *path, struct statfs *filesystem)
{
    return statfs(path, filesystem) ? refuse(errno, CALL_NONE, "look at", path) : OK;
}

/* Cuts PATH before its last component; the root itself has none. */
static int split(const char *path, char *parent, size_t size, const char **name)
{
    if (!path[strspn(path, "/")]) {
        *name = ".";
        memcpy(parent, "/", 2);
        return 0;
    }
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    if (!*last)
        return EISDIR;
    if (!strcmp(last, ".") || !strcmp(last, ".."))
        return EINVAL;
    size_t length = (size_t) (last - path);
    if (length + 1 >= size)
        return ENAMETOOLONG;
    parent[0] = '/';
    memcpy(parent + 1, path, length);
    parent[length + 1] = '\0';
    *name = last;
    return 0;
}

/* Where only the last component is missing: a name that is free is no link.  FD may be NULL. */
static int make_last(int root, const char *path, mode_t mode, int *fd)
{
    char directory[PATH_MAX];
    auto_close int parent = -1;
    const char *name;
    int wrong = split(path, directory, sizeof(directory), &name);
    if (!wrong)
        wrong = resolve(root, directory, O_PATH | O_DIRECTORY, &parent);
    if (wrong)
        return wrong;
    if (mkdirat(parent, name, mode))
        return errno;
    if (!fd)
        return 0;
    int made = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (made < 0)
        return errno;
    *fd = made;
    return 0;
}

static int make_directories(int root, const char *path, mode_t mode, int *fd)
{
    const struct path_walk how = {
        .flags = O_PATH | O_DIRECTORY,
        .missing = PATH_MISSING_DIRECTORY,
        .mode = mode,
        .parent_mode = mode,
    };
    return walk_often(root, path, &how, fd);
}

fallible path_make_directory(int root, const char *path, mode_t mode, int *fd)
{
    int wrong = resolve(root, path, O_PATH | O_DIRECTORY, fd);
    if (wrong == ENOENT)
        wrong = make_last(root, path, mode, fd) ? make_directories(root, path, mode, fd) : 0;
    return wrong ? refuse(wrong, CALL_MKDIR, "make directory", path) : OK;
}

fallible path_make_missing_directory(int root, const char *path, mode_t mode)
{
    auto_close int made = -1;
    int wrong = make_last(root, path, mode, NULL) ? make_directories(root, path, mode, &made) : 0;
    return wrong ? refuse(wrong, CALL_MKDIR, "make directory", path) : OK;
}

fallible path_make_file(int root, const char *path, mode_t mode, int *fd)
{
    const struct path_walk how = {
        .flags = O_PATH,
        .missing = PATH_MISSING_FILE,
        .mode = mode,
        .parent_mode = PARENT_MODE,
    };
    auto_close int found = -1;
    int wrong = resolve(root, path, how.flags, &found);
    if (wrong == ENOENT)
        wrong = walk_often(root, path, &how, &found);
    struct stat status;
    if (!wrong && fstat(found, &status))
        wrong = errno;
    if (!wrong && S_ISDIR(status.st_mode))
        wrong = EISDIR;
    if (wrong)
        return refuse(wrong, CALL_OPEN, "make file", path);
    *fd = take_fd(&found);
    return OK;
}

fallible path_open_parent(int root, const char *path, bool make, int *parent, const char **name)
{
    char directory[PATH_MAX];
    const char *last;
    int wrong = split(path, directory, sizeof(directory), &last);
    if (wrong)
        return refuse(wrong, CALL_NONE, "use the name", path);
    if (make)
        try(path_make_directory(root, directory, PARENT_MODE, parent));
    else
        try(path_open(root, directory, O_PATH | O_DIRECTORY, parent));
    *name = last;
    return OK;
}

static bool is_same_node(const struct stat *status, const struct path_node *node)
{
    bool has_numbers = S_ISCHR(node->mode) || S_ISBLK(node->mode);
    return (status->st_mode & S_IFMT) == (node->mode & S_IFMT) &&
           (!has_numbers || status->st_rdev == node->device);
}

/* chmod(2) by name could be led astray by a link, a new node would take the place of the host's,
 * and open(2) of a device does what its driver likes. */
static int set_mode(int fd, const struct stat *status, const struct path_node *node)
{
    unsigned mode = node->mode & 07777;
    if ((status->st_mode & 07777) == mode)
        return 0;
    if (!syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH))
        return 0;
    return errno == ENOSYS || errno == EPERM ? EOPNOTSUPP : errno;
}

/* As for fchownat(2), -1 is the id that is there. */
static int set_owner(int fd, const struct stat *status, uid_t uid, gid_t gid)
{
    bool has_user = uid == (uid_t) -1 || status->st_uid == uid;
    bool has_group = gid == (gid_t) -1 || status->st_gid == gid;
    if (has_user && has_group)
        return 0;
    return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) ? errno : 0;
}

/* The mode first: it may fail, and then nothing has changed. */
static int change_node(int parent, const char *name, const struct path_node *node, bool is_new)
{
    auto_close int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status))
        return errno;
    if (!is_same_node(&status, node))
        return EEXIST;
    int wrong = !is_new && node->keeps_mode ? 0 : set_mode(fd, &status, node);
    if (wrong)
        return wrong;
    uid_t uid = !is_new && node->keeps_uid ? (uid_t) -1 : node->uid;
    gid_t gid = !is_new && node->keeps_gid ? (gid_t) -1 : node->gid;
    return set_owner(fd, &status, uid, gid);
}

/* Most often it is as it should be, and need not be held. */
static int settle_node(int parent, const char *name, const struct path_node *node, bool is_new,
                       bool *is_right)
{
    struct stat status;
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW))
        return errno;
    *is_right = is_same_node(&status, node) && status.st_mode == node->mode &&
                status.st_uid == node->uid && status.st_gid == node->gid;
    return *is_right ? 0 : change_node(parent, name, node, is_new);
}

/* A plain name is right below the root: nothing has to be opened. */
static fallible find_parent(int root, const char *path, int *opened, int *parent, const char **name)
{
    *parent = root;
    *name = path;
    if (*path && !strchr(path, '/') && strcmp(path, ".") && strcmp(path, ".."))
        return OK;
    try(path_open_parent(root, path, true, opened, name));
    *parent = *opened;
    return OK;
}

static bool is_like(const struct path_node *a, const struct path_node *b)
{
    return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid;
}

static int make_node(struct path_nodes *nodes, const char *name, const struct path_node *node)
{
    bool is_sure = nodes->is_proven && is_like(&nodes->proven, node);
    bool is_new = !mknodat(nodes->directory, name, node->mode, node->device), is_right = false;
    if (is_new && is_sure)
        return 0;
    if (!is_new && errno != EEXIST)
        return errno;
    int wrong = settle_node(nodes->directory, name, node, is_new, &is_right);
    if (is_new && is_right) {
        nodes->is_proven = true;
        nodes->proven = *node;
    }
    return wrong;
}

fallible path_make_node_in(struct path_nodes *nodes, const char *name, const struct path_node *node)
{
    int wrong = make_node(nodes, name, node);
    return wrong ? refuse(wrong, CALL_MKNOD, "make the node", name) : OK;
}

fallible path_make_node(int root, const char *path, const struct path_node *node)
{
    auto_close int opened = -1;
    struct path_nodes nodes = {};
    const char *name;
    try(find_parent(root, path, &opened, &nodes.directory, &name));
    int wrong = make_node(&nodes, name, node);
    return wrong ? refuse(wrong, CALL_MKNOD, "make the node", path) : OK;
}

fallible path_make_link(int root, const char *path, const char *target)
{
    auto_close int opened = -1;
    const char *name;
    int parent;
    try(find_parent(root, path, &opened, &parent, &name));
    if (symlinkat(target, parent, name) && errno != EEXIST)
        return refuse(errno, CALL_NONE, "make the symbolic link", path);
    return OK;
}

/* Above the top of all there is nothing but itself. */
fallible path_is_inside(int root, int directory, bool *is_inside)
{
    auto_close int at = fcntl(directory, F_DUPFD_CLOEXEC, 0);
    bool is_root = false, is_top = false;

    for (int depth = 0; at >= 0 && depth < DEPTH_MOST; depth++) {
        try(mount_is_same(at, root, &is_root));
        if (is_root || is_top)
            break;
        int above = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (above < 0)
            return error_errno(ERROR_PATH, "look at what a directory is in");
        struct error *error = mount_is_same(at, above, &is_top);
        close_fd(&at);
        at = above;
        try(error);
    }
    if (at < 0)
        return error_system("look at what a directory is in");
    *is_inside = is_root;
    return OK;
}
