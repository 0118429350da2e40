/* SPDX-License-Identifier: Apache-2.0 */
/* Changes the flags and the propagation of a mount, and makes a new one in one call: the work of
 * mount(2).  What surprises: without mount_setattr(2)
 * (Linux 5.10 and 5.11) a remount sets all flags at once, so those that are to stay have to be said
 * too. */

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/proc.h"
#include "os/syscalls.h"

/* What statfs(2) calls ST_*, mount_setattr(2) MOUNT_ATTR_* and mount(2) MS_*. */
static const struct {
    uint64_t state, attribute;
    unsigned long flag;
    const char *name; /* in mount(8) */
} flags[] = {
    { 0x1, MOUNT_ATTR_RDONLY, MS_RDONLY, "ro" },
    { 0x2, MOUNT_ATTR_NOSUID, MS_NOSUID, "nosuid" },
    { 0x4, MOUNT_ATTR_NODEV, MS_NODEV, "nodev" },
    { 0x8, MOUNT_ATTR_NOEXEC, MS_NOEXEC, "noexec" },
    { 0x400, MOUNT_ATTR_NOATIME, MS_NOATIME, "noatime" },
    { 0x800, MOUNT_ATTR_NODIRATIME, MS_NODIRATIME, "nodiratime" },
    { 0x2000, MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW, "nosymfollow" },
};
enum { STATE_RELATIME = 0x1000, OPTIONS_SIZE = 1024 };

static uint64_t read_attributes(const struct statfs *status)
{
    uint64_t state = (uint64_t) status->f_flags, attributes = 0;
    for (size_t i = 0; i < LENGTH(flags); i++)
        if (state & flags[i].state)
            attributes |= flags[i].attribute;
    if (!(attributes & MOUNT_ATTR_NOATIME) && !(state & STATE_RELATIME))
        attributes |= MOUNT_ATTR_STRICTATIME;
    return attributes;
}

static unsigned long flags_of(uint64_t attributes)
{
    unsigned long result = 0;
    for (size_t i = 0; i < LENGTH(flags); i++)
        if (attributes & flags[i].attribute)
            result |= flags[i].flag;
    if (attributes & MOUNT_ATTR_STRICTATIME)
        return result | MS_STRICTATIME;
    return attributes & MOUNT_ATTR_NOATIME ? result : result | MS_RELATIME;
}

/* "a=1,b"; a comma inside of an option would be taken for one between two, a backslash by some
 * filesystems for something else. */
static bool join_options(const struct mount_filesystem *filesystem, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < filesystem->option_count; i++) {
        if (strpbrk(filesystem->options[i], ",\\"))
            return false;
        used += text_format(text + used, size - used, "%s%s", i ? "," : "", filesystem->options[i]);
        if (used >= size)
            return false;
    }
    return true;
}

bool mount_new_here(const struct mount_filesystem *filesystem, int target)
{
    const char *source = filesystem->source ? filesystem->source : filesystem->type;
    char options[OPTIONS_SIZE];
    bool is_mount_read_only = filesystem->attributes & MOUNT_ATTR_RDONLY;
    /* MS_RDONLY is of both, the mount and the superblock. */
    if (filesystem->last_option || filesystem->is_read_only != is_mount_read_only ||
        !join_options(filesystem, options, sizeof(options)))
        return false;
    return !fchdir(target) &&
           !mount(source, ".", filesystem->type, flags_of(filesystem->attributes), options);
}

/* NAME is the mount as seen from the working directory. */
static int remount(int tree, const char *name, const struct mount_change *change)
{
    if (change->set | change->clear) {
        struct statfs status;
        if (fstatfs(tree, &status))
            return -1;
        uint64_t attributes = (read_attributes(&status) & ~change->clear) | change->set;
        if (mount(NULL, name, NULL, MS_REMOUNT | MS_BIND | flags_of(attributes), NULL))
            return -1;
    }
    unsigned long depth = change->is_recursive ? MS_REC : 0;
    if (!change->propagation)
        return 0;
    return mount(NULL, name, NULL, (unsigned long) change->propagation | depth, NULL);
}

/* A directory is "."; one cannot stand in a file, so that is named through a procfs of our own. */
static fallible remount_here(int tree, const struct mount_change *change)
{
    struct stat status;
    if (fstat(tree, &status))
        return error_errno(ERROR_MOUNT, "look at a mount");
    auto_close int proc = -1;
    char name[32] = ".";
    if (!S_ISDIR(status.st_mode)) {
        try(proc_open_any(true, &proc)); /* one that knows us, by whatever number */
        text_format(name, sizeof(name), "self/fd/%d", tree);
    }
    if (fchdir(proc < 0 ? tree : proc))
        return error_errno(ERROR_MOUNT, "enter a mount");
    if (!remount(tree, name, change))
        return OK;
    return error_call(error_errno(ERROR_MOUNT, "change a mount"), CALL_MOUNT, NULL);
}

static fallible change_attached(int tree, const struct mount_change *change)
{
    auto_close int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (before < 0)
        return error_errno(ERROR_MOUNT, "open the working directory");
    struct error *failure = remount_here(tree, change);
    if (fchdir(before) && !failure)
        return error_errno(ERROR_MOUNT, "go back to the working directory");
    return failure;
}

static bool is_change(const struct mount_change *change)
{
    return change->set | change->clear | change->propagation;
}

/* mount_setattr(2); FAILURE is OK where the kernel does not know it. */
static bool is_changed(int tree, const struct mount_change *change, struct error **failure)
{
    const struct mount_attributes attributes = {
        .set = change->set,
        .clear = change->clear,
        .propagation = change->propagation,
    };
    unsigned how = AT_EMPTY_PATH | (change->is_recursive ? AT_RECURSIVE : 0);
    *failure = OK;
    if (!syscall(SYS_mount_setattr, tree, "", how, &attributes, sizeof(attributes)))
        return true;
    if (errno != ENOSYS)
        *failure = error_errno(ERROR_MOUNT, "change a mount");
    return false;
}

static fallible refuse_change(const char *what)
{
    errno = ENOSYS;
    return error_hint(error_errno(ERROR_MOUNT, "change %s", what),
                      "this needs mount_setattr(2) of Linux 5.12");
}

/* A flag that was cleared may still be the filesystem's; where it is there, it confines more. */
static fallible read_back(int tree, const struct mount_change *change)
{
    struct statfs status;
    if (!change->set)
        return OK;
    if (fstatfs(tree, &status))
        return error_errno(ERROR_MOUNT, "read back the flags of a mount");
    for (size_t i = 0; i < LENGTH(flags); i++)
        if (change->set & flags[i].attribute && !((uint64_t) status.f_flags & flags[i].state))
            return error_new(ERROR_READ_BACK, "the kernel took %s, but the mount is without it",
                             flags[i].name);
    return OK;
}

fallible mount_change_detached(int tree, const struct mount_change *change)
{
    struct error *failure;
    if (!is_change(change))
        return OK;
    if (is_changed(tree, change, &failure))
        return read_back(tree, change);
    try(failure);
    return refuse_change("a mount that is attached nowhere");
}

fallible mount_change(int tree, const struct mount_change *change)
{
    struct error *failure;
    bool has_some = false;
    if (!is_change(change))
        return OK;
    if (is_changed(tree, change, &failure))
        return read_back(tree, change);
    try(failure);
    if (change->is_recursive && (change->set | change->clear))
        try(mount_has_below(tree, &has_some));
    if (has_some)
        return refuse_change("what is mounted below");
    try(change_attached(tree, change));
    return read_back(tree, change);
}

static fallible set_number(int context, const char *name, uint64_t value)
{
    char text[24];

    text_format(text, sizeof(text), "%lu", (unsigned long) value);
    return syscall(SYS_fsconfig, context, MOUNT_SET_STRING, name, text, 0)
               ? error_system("set %s=%s", name, text)
               : OK;
}

fallible mount_limit_memory(int fd, uint64_t blocks, uint64_t files)
{
    const int how = MOUNT_FSPICK_CLOEXEC | MOUNT_FSPICK_EMPTY_PATH;
    auto_close int context = (int) syscall(SYS_fspick, fd, "", how);

    if (context < 0)
        return error_system("pick a tmpfs");
    try(set_number(context, "nr_blocks", blocks));
    try(set_number(context, "nr_inodes", files));
    return syscall(SYS_fsconfig, context, MOUNT_RECONFIGURE, NULL, NULL, 0)
               ? error_system("limit a tmpfs")
               : OK;
}
