/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A procfs that can be trusted; serves linux.sysctl, process.oomScoreAdj, the labels of a process
 * and the start times by which processes are known (security rule R3).
 *
 * Without subset=pid the superblock is one that others may share, and a clone of /proc may have
 * been mounted over below; so every file is looked up as if all of it were hostile.
 */
#include "os/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/fd.h"
#include "os/fd_left.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/syscalls.h"

enum {
    ROOT_INODE = 1,
    RETRIES = 64,
    NAME_SIZE = 256,
    STAT_SIZE = 2048,     /* 52 numbers and a name */
    FIELDS_TO_START = 19, /* from the state, field 3, to the start time, field 22 */
};

static fallible verify_filesystem(int fd)
{
    struct statfs filesystem;
    if (fstatfs(fd, &filesystem))
        return error_system("ask for the filesystem of /proc");
    if (filesystem.f_type != PROC_SUPER_MAGIC)
        return error_new(ERROR_SYSTEM, "/proc is not a procfs");
    return OK;
}

static fallible verify_root(int fd)
{
    struct stat status;
    try(verify_filesystem(fd));
    if (fstat(fd, &status))
        return error_system("look at the root of a procfs");
    if (status.st_ino != ROOT_INODE)
        return error_new(ERROR_SYSTEM, "/proc is not the root of a procfs");
    return OK;
}

static fallible open_private(bool is_subset, int *proc)
{
    const char *options[] = { "hidepid=ptraceable", "subset=pid" };
    const struct mount_filesystem filesystem = {
        .type = "proc",
        .source = "proc",
        .options = options,
        .option_count = is_subset ? 2 : 0,
        .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    };
    return mount_new(&filesystem, proc);
}

static fallible open_plainly(int *proc)
{
    *proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*proc < 0)
        return error_system("open /proc");
    return OK;
}

fallible proc_name_self(int proc, char name[PROC_NAME_SIZE])
{
    char found[PROC_NAME_SIZE] = "";
    uint64_t number;
    if (readlinkat(proc, "self", found, sizeof(found) - 1) < 0)
        return error_system("read /proc/self");
    if (!text_to_unsigned(found, INT32_MAX, &number))
        return error_new(ERROR_SYSTEM, "/proc/self is '%s'", found);
    memcpy(name, found, sizeof(found));
    return OK;
}

/* A procfs of another pid namespace knows other processes by our numbers. */
static fallible verify_namespace(int proc)
{
    char self[PROC_NAME_SIZE], expected[PROC_NAME_SIZE];
    text_format(expected, sizeof(expected), "%d", (int) getpid());
    try(proc_name_self(proc, self));
    if (!text_equal(self, expected))
        return error_new(ERROR_SYSTEM, "/proc is that of another pid namespace");
    return OK;
}

/* What lies on a directory that the clone would leave out may be there to hide it; then the kernel
 * wants it taken along. */
static fallible clone_mounted(int *proc)
{
    struct error *error = mount_clone_path(AT_FDCWD, "/proc", false, proc);
    if (!error || error->number != EINVAL)
        return error;
    error_forget(error);
    return mount_clone_path(AT_FDCWD, "/proc", true, proc);
}

static fallible open_shown(int *proc)
{
    struct error *error = clone_mounted(proc);
    if (!error)
        return OK;
    error_forget(error);
    return open_plainly(proc);
}

fallible proc_open_any(bool is_subset, int *proc)
{
    auto_close int fd = -1;
    struct error *error = open_private(is_subset, &fd);
    if (error) {
        error_forget(error);
        try(open_shown(&fd));
    }
    try(verify_root(fd));
    *proc = take_fd(&fd);
    return OK;
}

fallible proc_open(bool is_subset, int *proc)
{
    auto_close int fd = -1;
    try(proc_open_any(is_subset, &fd));
    try(verify_namespace(fd));
    *proc = take_fd(&fd);
    return OK;
}

static fallible open_mounted(int *proc)
{
    auto_close int fd = -1;
    try(open_plainly(&fd));
    try(verify_filesystem(fd));
    try(verify_namespace(fd)); /* by "self", which is in the root alone */
    *proc = take_fd(&fd);
    return OK;
}

static int mounted = -1, shown = -1;

fallible proc_mounted(int *proc)
{
    struct error *error = mounted < 0 ? open_mounted(&mounted) : OK;
    if (error) {
        error_forget(error);
        try(proc_open(true, &mounted));
    }
    *proc = mounted;
    return OK;
}

fallible proc_shown(int *proc)
{
    auto_close int fd = -1;
    if (shown < 0) {
        try(open_plainly(&fd));
        try(verify_filesystem(fd));
        shown = take_fd(&fd);
    }
    *proc = shown;
    return OK;
}

void proc_forget(void)
{
    fd_leave(&mounted);
    fd_leave(&shown);
}

/* Takes the first component off PATH; false if there is none or it is no plain name. */
static bool take_component(const char **path, char name[NAME_SIZE])
{
    size_t length = strcspn(*path, "/");
    if (length == 0 || length >= NAME_SIZE)
        return false;
    memcpy(name, *path, length);
    name[length] = '\0';
    *path += length + ((*path)[length] == '/');
    return !text_equal(name, ".") && !text_equal(name, "..");
}

/* Opens one name below DIRECTORY, which must be on the mount MOUNT and no symbolic link.  A process
 * that hidepid hides can be opened as a place, and is not there (ENOENT) for who looks at it. */
static int open_component(int directory, const char *name, int flags, uint64_t mount)
{
    auto_close int fd = openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;

    uint64_t found;
    struct stat status;
    struct error *error = mount_id(fd, &found);
    if (error || found != mount) {
        errno = error ? error->number : EXDEV;
        error_forget(error);
        return -1;
    }
    if (fstat(fd, &status))
        return -1;
    if (S_ISLNK(status.st_mode)) {
        errno = ELOOP;
        return -1;
    }
    return take_fd(&fd);
}

/* The lookup for kernels and sandboxes without openat2(2). */
static int walk(int proc, const char *path, int flags)
{
    uint64_t mount;
    struct error *error = mount_id(proc, &mount);
    if (error) {
        errno = error->number;
        error_forget(error);
        return -1;
    }

    auto_close int directory = -1;
    char name[NAME_SIZE];
    while (take_component(&path, name)) {
        int from = directory >= 0 ? directory : proc;
        /* What it is is known before it is opened for more: opening a fifo would wait. */
        int next = open_component(from, name, O_PATH, mount);
        if (next < 0)
            return -1;
        if (!*path) {
            close(next);
            return open_component(from, name, flags, mount);
        }
        close_fd(&directory);
        directory = next;
    }
    errno = EXDEV;
    return -1;
}

static int look_up(int proc, const char *path, int flags)
{
    const struct open_how how = {
        .flags = (unsigned) flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;
    for (int i = 0; i < RETRIES; i++) {
        fd = syscall(SYS_openat2, proc, path, &how, sizeof(how));
        if (fd >= 0 || errno != EAGAIN)
            break;
    }
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return walk(proc, path, flags);
    return (int) fd;
}

/* That it lies on the mount of PROC says that it is of that procfs. */
static fallible open_verified(int proc, const char *path, int flags, int *fd)
{
    *fd = look_up(proc, path, flags);
    if (*fd < 0)
        return error_system("open /proc/%s", path);
    return OK;
}

fallible proc_open_directory(int proc, const char *path, int *fd)
{
    return open_verified(proc, path, O_RDONLY | O_DIRECTORY, fd);
}

fallible proc_open_file(int proc, const char *path, int *fd)
{
    return open_verified(proc, path, O_RDONLY, fd);
}

fallible proc_read(int proc, const char *path, char *text, size_t size)
{
    auto_close int fd = -1;
    try(open_verified(proc, path, O_RDONLY, &fd));
    try_within(fd_read_small(fd, text, size), "read /proc/%s", path);
    return OK;
}

static fallible read_record(int fd, const char *path, char *text, size_t size)
{
    ssize_t length;
    do
        length = read(fd, text, size - 1);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return error_system("read /proc/%s", path);
    text[length] = '\0';
    return OK;
}

fallible proc_read_record(int proc, const char *path, char *text, size_t size)
{
    auto_close int fd = -1;
    try(open_verified(proc, path, O_RDONLY, &fd));
    return read_record(fd, path, text, size);
}

fallible proc_read_self(const char *name, char *text, size_t size)
{
    char path[NAME_SIZE];
    int proc;
    try(proc_mounted(&proc));
    text_format(path, sizeof(path), "%d/%s", (int) getpid(), name);
    return proc_read_record(proc, path, text, size);
}

/* Only the root of a procfs has a link "self", and that is the caller's whatever pid namespace the
 * procfs shows; so what is found below it on the same mount needs no more proof. */
static fallible open_own(const char *path, int *fd)
{
    const struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
    };
    int proc;
    try(proc_shown(&proc));
    *fd = (int) syscall(SYS_openat2, proc, path, &how, sizeof(how));
    return *fd < 0 ? error_system("open /proc/%s", path) : OK;
}

fallible proc_read_own(const char *name, char *text, size_t size)
{
    char path[NAME_SIZE];
    auto_leave int fd = -1;
    text_format(path, sizeof(path), "self/%s", name);
    struct error *error = open_own(path, &fd);
    if (!error)
        return read_record(fd, path, text, size);
    error_forget(error);
    return proc_read_self(name, text, size);
}

fallible proc_write(int proc, const char *path, const char *text)
{
    auto_close int fd = -1;
    try(open_verified(proc, path, O_WRONLY, &fd));

    size_t length = strlen(text);
    ssize_t written = write(fd, text, length);
    if (written >= 0 && (size_t) written != length) {
        errno = EIO;
        written = -1;
    }
    if (written < 0)
        return error_system("write '%.*s' to /proc/%s", (int) strcspn(text, "\n"), text, path);
    return OK;
}

/* The name, field 2, may hold spaces and brackets; all behind its last bracket are numbers. */
static bool parse_start(char *text, unsigned long long *start, char *state)
{
    char *at = strrchr(text, ')');
    if (!at || at[1] != ' ' || !at[2])
        return false;
    at += 2;
    char letter = *at;

    for (int i = 0; i < FIELDS_TO_START; i++) {
        at = strchr(at, ' ');
        if (!at)
            return false;
        at++;
    }
    uint64_t ticks;
    at[strcspn(at, " \n")] = '\0';
    if (!text_to_unsigned(at, UINT64_MAX, &ticks))
        return false;
    *start = ticks;
    *state = letter;
    return true;
}

fallible proc_read_start(int proc, pid_t pid, unsigned long long *start, char *state)
{
    char path[sizeof("2147483647/stat")];
    char text[STAT_SIZE];
    text_format(path, sizeof(path), "%d/stat", pid);
    try(proc_read_record(proc, path, text, sizeof(text)));
    if (!parse_start(text, start, state))
        return error_new(ERROR_SYSTEM, "/proc/%s has no start time", path);
    return OK;
}
