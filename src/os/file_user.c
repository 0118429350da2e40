/* SPDX-License-Identifier: Apache-2.0 */
/* Files as somebody else sees them; serves restore, where criu opens as root what images name.
 *
 * Opened are only those of procfs, which asks for capabilities, and who may trace whom, no sooner;
 * a device would notice it, and who holds a lease. */
#include "os/file_user.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/fsuid.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "os/path.h"
#include "os/proc.h"
#include "os/syscalls.h"

enum { NAME_SIZE = 32, HALF_BITS = 32 };

static fallible read_capabilities(struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    return syscall(SYS_capget, &header, data) ? error_system("read the capabilities") : OK;
}

/* The permitted ones stay, so that there is a way back. */
static fallible set_effective(uint64_t effective)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { 0 };

    try(read_capabilities(data));
    data[0].effective = (uint32_t) effective & data[0].permitted;
    data[1].effective = (uint32_t) (effective >> HALF_BITS) & data[1].permitted;
    return syscall(SYS_capset, &header, data) ? error_system("change the capabilities") : OK;
}

/* Neither call tells of errors: asked again it tells who one is. */
static fallible set_ids(uid_t uid, gid_t gid)
{
    setfsgid(gid);
    setfsuid(uid);
    return (gid_t) setfsgid(gid) == gid && (uid_t) setfsuid(uid) == uid
               ? OK
               : error_new(ERROR_SYSTEM, "cannot look at files as user %u, group %u", uid, gid);
}

fallible file_user_note_own(struct arena *arena, struct file_user_own *own)
{
    struct __user_cap_data_struct data[2] = { 0 };
    int count = getgroups(0, NULL);
    gid_t *groups;

    try(read_capabilities(data));
    try_new(groups, arena, (size_t) (count > 0 ? count : 1));
    count = getgroups(count, groups);
    if (count < 0)
        return error_system("read the groups");
    *own = (struct file_user_own){
        .capabilities = (uint64_t) data[1].effective << HALF_BITS | data[0].effective,
        .groups = groups,
        .group_count = (size_t) count,
    };
    return OK;
}

static fallible become(const struct file_user *user)
{
    if (setgroups(user->group_count, user->groups))
        return error_call(error_system("set the groups"), CALL_SETGROUPS, NULL);
    try(set_ids(user->uid, user->gid));
    return set_effective(user->capabilities);
}

/* The rest needs the capabilities, and takes some away. */
static fallible return_to(const struct file_user_own *own)
{
    try(set_effective(own->capabilities));
    try(set_ids(geteuid(), getegid()));
    if (setgroups(own->group_count, own->groups))
        return error_system("set the groups");
    return set_effective(own->capabilities);
}

/* What a right is missing for. */
static bool is_refusal(int number)
{
    return number == EACCES || number == EPERM || number == EROFS;
}

/* What leads nowhere, or to a process that has ended, stops nobody. */
static bool is_absence(int number)
{
    return number == ENOENT || number == ENOTDIR || number == ELOOP || number == ENAMETOOLONG ||
           number == ESRCH;
}

static fallible try_to_open(int proc, int fd, int access)
{
    char name[NAME_SIZE];
    int flags = access & W_OK ? (access & R_OK ? O_RDWR : O_WRONLY) : O_RDONLY;

    text_format(name, sizeof(name), "self/fd/%d", fd);
    auto_close int opened = openat(proc, name, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return opened < 0 ? error_system("open %s", name) : OK;
}

static fallible ask(int proc, int fd, int access)
{
    struct statfs filesystem;

    if (fstatfs(fd, &filesystem))
        return error_system("look at a file");
    if (filesystem.f_type == PROC_SUPER_MAGIC && !(access & X_OK))
        return try_to_open(proc, fd, access);
    return syscall(SYS_faccessat2, fd, "", access, AT_EMPTY_PATH | AT_EACCESS)
               ? error_system("ask for rights")
               : OK;
}

/* Any other error is no answer: allowed is only what nothing has stopped. */
static fallible conclude(struct error *error, bool *is_allowed)
{
    *is_allowed = !error || is_absence(error->number);
    if (error && !*is_allowed && !is_refusal(error->number))
        return error;
    error_forget(error);
    return OK;
}

fallible file_user_ask(const struct file_user *user, const struct file_user_own *own, int fd,
                       int access, bool *is_allowed)
{
    int proc;

    try(proc_mounted(&proc));
    struct error *error = become(user);
    if (!error)
        error = conclude(ask(proc, fd, access), is_allowed);
    struct error *other = return_to(own);
    return error ? error : other;
}

fallible file_user_look(const struct file_user *user, const struct file_user_own *own, int root,
                        const char *path, bool *is_allowed)
{
    auto_close int found = -1;
    struct error *error = become(user);

    if (!error)
        error = conclude(path_open(root, path, O_PATH | O_NOFOLLOW, &found), is_allowed);
    struct error *other = return_to(own);
    return error ? error : other;
}
