/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For what a restored process has files open (R21).  criu opens them as root, with the flags that
 * the images name, and a descriptor keeps the rights of when it was opened.
 *
 * The user of the config is asked for, not the process: what he might do by a capability that a
 * process of his can come to counts, whenever he might have done it.  A server that opens its log
 * as root and becomes somebody else then is an honest one.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "launch/host.h"
#include "launch/restore_files.h"
#include "os/mount_list.h"
#include "os/path.h"

#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS 17
#endif

/* Of pseudoterminals (Linux, Documentation/admin-guide/devices.txt). */
enum { TERMINAL_FIRST = 136, TERMINAL_LAST = 143 };

static uint64_t bit(int capability)
{
    return UINT64_C(1) << capability;
}

/* Ids of the container that are none here cannot own a file either. */
fallible restore_find_user(struct restored *restored, struct arena *arena)
{
    const struct user_plan *plan = &restored->launch->plan->user;
    struct file_user *user = &restored->user;
    gid_t *groups;

    try(file_user_note_own(arena, &restored->own));
    *user = (struct file_user){ plan->uid, plan->gid, restored->own.groups,
                                restored->own.group_count, restored->reach };
    if (restored->has_maps && (!id_map_find(&restored->uids, plan->uid, &user->uid) ||
                               !id_map_find(&restored->gids, plan->gid, &user->gid)))
        return error_new(ERROR_BUNDLE, "the user of the config is none here");
    if (plan->keeps_groups)
        return OK;
    try_new(groups, arena, plan->group_count + 1);
    user->groups = groups;
    user->group_count = 0;
    for (uint32_t i = 0; i < plan->group_count; i++) {
        groups[user->group_count] = plan->groups[i];
        if (!restored->has_maps ||
            id_map_find(&restored->gids, plan->groups[i], &groups[user->group_count]))
            user->group_count++;
    }
    return OK;
}

/* Of the container's own devpts: who has the terminal got it at the start, or opened it. */
static bool is_own_terminal(const struct restored_file *file)
{
    unsigned number = major(file->status.st_rdev);
    struct stat ours;

    return S_ISCHR(file->status.st_mode) && number >= TERMINAL_FIRST && number <= TERMINAL_LAST &&
           (stat("/dev/pts", &ours) || ours.st_dev != file->status.st_dev);
}

/* An owner gives himself what he likes, and whoever may change owners, too.  But the files of
 * procfs ask who opens them. */
static bool may_change_mode(const struct restored_file *file)
{
    const uint64_t capabilities = bit(CAP_SETUID) | bit(CAP_CHOWN) | bit(CAP_FOWNER);
    struct statfs filesystem;

    return (file->restored->user.uid == file->status.st_uid ||
            file->restored->reach & capabilities) &&
           !fstatfs(file->fd, &filesystem) && filesystem.f_type != PROC_SUPER_MAGIC;
}

static fallible check_mode(const struct restored_file *file)
{
    const struct restored *restored = file->restored;
    struct file_user user = restored->user;
    bool is_allowed = false;

    if (!file->access || may_change_mode(file))
        return OK;
    if (restored->reach & bit(CAP_SETUID))
        user.uid = file->status.st_uid;
    if (restored->reach & bit(CAP_SETGID))
        user.gid = file->status.st_gid;
    try(file_user_ask(&user, &restored->own, file->fd, file->access, &is_allowed));
    /* What is mapped may be a program, for which it is enough that it can be executed. */
    if (!is_allowed && file->number < 0 && file->access == R_OK)
        try(file_user_ask(&user, &restored->own, file->fd, X_OK, &is_allowed));
    return is_allowed ? OK
                      : restore_refuse_file(file, "process.user",
                                            "has a file open that its user could not open");
}

/* The working directory of the config is where the first process is put, wherever it lies: what is
 * below it is looked for from there. */
static const char *begin_at_cwd(const struct restored_file *file, int *below)
{
    const char *cwd = file->restored->launch->plan->cwd;
    const char *rest = cwd ? mount_list_below(file->path, cwd) : NULL;

    if (!rest)
        return file->path;
    error_forget(path_open(file->restored->root, cwd, O_PATH | O_DIRECTORY, below));
    return *below < 0 ? file->path : rest;
}

static fallible check_way(const struct restored_file *file)
{
    const struct restored *restored = file->restored;
    const uint64_t capabilities = bit(CAP_SETUID) | bit(CAP_CHOWN) | bit(CAP_FOWNER) |
                                  bit(CAP_DAC_OVERRIDE) | bit(CAP_DAC_READ_SEARCH);
    const char *cwd = restored->launch->plan->cwd;
    auto_close int below = -1;
    bool is_allowed = false;

    if (restored->reach & capabilities || (cwd && text_equal(file->path, cwd)))
        return OK;
    const char *path = begin_at_cwd(file, &below);
    try(file_user_look(&restored->user, &restored->own, below < 0 ? restored->root : below, path,
                       &is_allowed));
    return is_allowed ? OK
                      : restore_refuse_file(file, "process.user",
                                            "has a file open to which its user does not come");
}

fallible restore_check_access(const struct restored_file *file)
{
    if (is_own_terminal(file))
        return OK;
    try(check_mode(file));
    return check_way(file);
}

/* In whose name it signals that there is something to read (F_SETOWN of fcntl(2)) images say, too.
 */
fallible restore_check_receiver(const struct restored_file *file)
{
    const struct restored *restored = file->restored;
    struct f_owner_ex owner;
    uid_t ids[2];

    if (restored->reach & (bit(CAP_SETUID) | bit(CAP_KILL)))
        return OK;
    if (fcntl(file->copy, F_GETOWN_EX, &owner))
        return error_system("ask whom /proc/%s signals", file->link);
    if (!owner.pid)
        return OK;
    if (fcntl(file->copy, F_GETOWNER_UIDS, ids))
        return error_system("ask in whose name /proc/%s signals", file->link);
    return ids[0] == restored->user.uid && ids[1] == restored->user.uid
               ? OK
               : restore_refuse_file(file, "process.user",
                                     "has a file open that sends signals of another user");
}
