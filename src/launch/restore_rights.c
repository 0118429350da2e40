/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.user, capabilities, noNewPrivileges, labels and rlimits of a container that criu has
 * restored (R21).  A process may have come to less than the config gives it, never to more; to
 * another user only by the capability for that, or by its program.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/host.h"
#include "launch/reasons.h"
#include "launch/restore.h"
#include "os/proc.h"

enum { LABEL_SIZE = 4096, SCORE_SIZE = 32, IDS = 4, DECIMAL = 10 };

bool restore_can(const struct restored *restored, int capability)
{
    return restored->reach >> capability & 1;
}

/* Users and groups ------------------------------------------------------------------------------
 */

static bool is_id(const struct restored *restored, const struct id_map *map, uint32_t inside,
                  uint32_t seen)
{
    uint32_t outside = inside;

    return (!restored->has_maps || id_map_find(map, inside, &outside)) && outside == seen;
}

/* Whom the program of a process has made it: one that is set-user-ID or set-group-ID needs no
 * capability for that.  What has no name any more comes from the images. */
struct program {
    bool sets_user, sets_group;
    uid_t uid;
    gid_t gid;
};

static fallible look_at_program(const struct restored *restored, pid_t pid, struct program *program)
{
    char path[RESTORED_PATH_SIZE];
    struct statvfs filesystem;
    struct stat status;

    *program = (struct program){ .sets_user = false };
    if (restored->launch->plan->has_no_new_privileges)
        return OK;
    text_format(path, sizeof(path), "%d/exe", pid);
    auto_close int fd = openat(restored->proc, path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) || fstatvfs(fd, &filesystem))
        return error_system("look at /proc/%s", path);
    bool is_heard = status.st_nlink && !(filesystem.f_flag & ST_NOSUID);
    program->sets_user = is_heard && status.st_mode & S_ISUID;
    program->sets_group = is_heard && status.st_mode & S_ISGID && status.st_mode & S_IXGRP;
    program->uid = status.st_uid;
    program->gid = status.st_gid;
    return OK;
}

static bool is_group(const struct restored *restored, const struct program *program, uint32_t seen)
{
    const struct user_plan *user = &restored->launch->plan->user;

    if (program->sets_group && program->gid == seen)
        return true;
    for (uint32_t i = 0; i < user->group_count; i++)
        if (is_id(restored, &restored->gids, user->groups[i], seen))
            return true;
    return is_id(restored, &restored->gids, user->gid, seen);
}

static bool is_user(const struct restored *restored, const struct program *program, uint32_t seen)
{
    return (program->sets_user && program->uid == seen) ||
           is_id(restored, &restored->uids, restored->launch->plan->user.uid, seen);
}

/* The numbers behind NAME, as the status file has them; false when one of them is not allowed. */
static bool are_allowed(const struct restored *restored, const struct program *program,
                        const char *name)
{
    const char *at = proc_find_line(restored->text, name);
    bool has_users = text_equal(name, "Uid"), is_main = !text_equal(name, "Groups");
    int count = 0;

    at = at ? at + strspn(at, " ") : NULL; /* of no groups there is one */
    for (; at && *at && *at != '\n'; count++) {
        char *end;
        uint32_t seen = (uint32_t) strtoul(at, &end, DECIMAL);
        if (end == at)
            return false;
        at = end + strspn(end, " \t");
        if (has_users ? !is_user(restored, program, seen) : !is_group(restored, program, seen))
            return false;
    }
    return at && (!is_main || count == IDS);
}

static fallible check_user(const struct restored *restored, pid_t pid, pid_t thread)
{
    struct program program;

    try(look_at_program(restored, pid, &program));
    if (!restore_can(restored, CAP_SETUID) && !are_allowed(restored, &program, "Uid"))
        return restore_refuse("process.user.uid", thread, "is another user");
    if (restore_can(restored, CAP_SETGID) || restored->launch->plan->user.keeps_groups)
        return OK;
    if (!are_allowed(restored, &program, "Gid"))
        return restore_refuse("process.user.gid", thread, "is in another group");
    return are_allowed(restored, &program, "Groups")
               ? OK
               : restore_refuse("process.user.additionalGids", thread, "is in more groups");
}

/* Capabilities ----------------------------------------------------------------------------------
 */

static fallible check_capabilities(const struct restored *restored, pid_t thread)
{
    const struct capabilities_plan *plan = &restored->launch->plan->capabilities;
    uint64_t inheritable = restored->reach | plan->inheritable;
    struct capabilities_plan found;

    if (restore_can(restored, CAP_SETPCAP))
        inheritable |= plan->bounding;
    if (!capabilities_find(restored->text, &found))
        return error_new(ERROR_PROTOCOL, "the status of process %d names no capabilities", thread);
    const struct {
        uint64_t extra;
        const char *field;
    } sets[] = {
        { found.bounding & ~plan->bounding, "process.capabilities.bounding" },
        { found.permitted & ~restored->reach, "process.capabilities.permitted" },
        { found.effective & ~restored->reach, "process.capabilities.effective" },
        { found.inheritable & ~inheritable, "process.capabilities.inheritable" },
        { found.ambient & ~restored->reach, "process.capabilities.ambient" },
    };
    for (size_t i = 0; i < LENGTH(sets); i++)
        if (sets[i].extra)
            return restore_refuse(sets[i].field, thread, "has more capabilities");
    return OK;
}

static bool has_flag(const struct restored *restored, const char *name, char wanted)
{
    const char *found = proc_find_line(restored->text, name);
    return found && *found == wanted;
}

static fallible check_privileges(const struct restored *restored, pid_t thread)
{
    const struct plan *plan = restored->launch->plan;

    if (plan->has_no_new_privileges && !has_flag(restored, "NoNewPrivs", '1'))
        return error_hint(restore_refuse("process.noNewPrivileges", thread, "may gain privileges"),
                          "criu can keep that since version 3.19");
    if (has_filter(plan) && !has_flag(restored, "Seccomp", '2'))
        return restore_refuse("linux.seccomp", thread, "is not filtered");
    return OK;
}

/* Labels ----------------------------------------------------------------------------------------
 */

/* "NAME (enforce)", or the label; "" where there is no such module. */
static void read_label(const struct restored *restored, const char *path, char *text)
{
    struct error *error = proc_read(restored->proc, path, text, LABEL_SIZE);

    if (error)
        text[0] = '\0';
    error_forget(error);
    text[strcspn(text, "\n")] = '\0';
}

static bool is_under(const char *text, const char *wanted)
{
    size_t length = strlen(wanted);
    return strncmp(text, wanted, length) == 0 && (!text[length] || text[length] == ' ');
}

/* Without one in the config it would be ours. */
static fallible check_label(const struct restored *restored, pid_t pid, pid_t thread)
{
    const struct plan *plan = restored->launch->plan;
    const char *wanted =
        plan->apparmor_profile ? plan->apparmor_profile : plan->selinux.process_label;
    char path[RESTORED_PATH_SIZE], text[LABEL_SIZE], own[LABEL_SIZE];

    text_format(path, sizeof(path), "%d/task/%d/attr/current", pid, thread);
    read_label(restored, path, text);
    text_format(path, sizeof(path), "%d/attr/current", getpid());
    read_label(restored, path, own);
    if (wanted ? is_under(text, wanted) : text_equal(text, own))
        return OK;
    return restore_refuse(plan->selinux.process_label ? "process.selinuxLabel"
                                                      : "process.apparmorProfile",
                          thread, "is not under its label");
}

fallible restore_check_rights(const struct restored *restored, pid_t pid, pid_t thread)
{
    char path[RESTORED_PATH_SIZE];

    text_format(path, sizeof(path), "%d/task/%d/status", pid, thread);
    try(proc_read(restored->proc, path, restored->text, RESTORED_TEXT_SIZE));
    try(check_user(restored, pid, thread));
    try(check_capabilities(restored, thread));
    try(check_privileges(restored, thread));
    return check_label(restored, pid, thread);
}

/* What it may use -------------------------------------------------------------------------------
 */

static const struct rlimit_plan *find_limit(const struct rlimits_plan *plan, int resource)
{
    for (uint32_t i = 0; i < plan->n; i++)
        if (plan->v[i].resource == resource)
            return &plan->v[i];
    return NULL;
}

/* One that the config leaves out would be ours: it is made so. */
static fallible lower_limit(pid_t pid, int resource, struct rlimit *found)
{
    struct rlimit own;

    if (getrlimit(resource, &own))
        return error_system("read a limit of our own");
    if (found->rlim_max <= own.rlim_max)
        return OK;
    found->rlim_max = own.rlim_max;
    if (found->rlim_cur > own.rlim_max)
        found->rlim_cur = own.rlim_max;
    return prlimit(pid, resource, found, NULL) ? error_system("lower a limit of process %d", pid)
                                               : OK;
}

static fallible check_limits(const struct restored *restored, pid_t pid)
{
    if (restore_can(restored, CAP_SYS_RESOURCE))
        return OK;
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        const struct rlimit_plan *wanted = find_limit(&restored->launch->plan->rlimits, i);
        struct rlimit found;
        if (prlimit(pid, i, NULL, &found))
            return error_system("read the limits of process %d", pid);
        if (!wanted)
            try(lower_limit(pid, i, &found));
        else if (found.rlim_max > wanted->hard)
            return restore_refuse("process.rlimits", pid, "has a higher limit");
    }
    return OK;
}

static fallible read_score(const struct restored *restored, pid_t pid, int64_t *score)
{
    char path[RESTORED_PATH_SIZE], text[SCORE_SIZE];

    text_format(path, sizeof(path), "%d/oom_score_adj", pid);
    try(proc_read(restored->proc, path, text, sizeof(text)));
    text[strcspn(text, "\n")] = '\0';
    return text_to_signed(text, INT32_MIN, INT32_MAX, score)
               ? OK
               : error_new(ERROR_PROTOCOL, "/proc/%s is no number", path);
}

static fallible check_score(const struct restored *restored, pid_t pid)
{
    const struct oom_score_plan *plan = &restored->launch->plan->oom_score;
    int64_t least = plan->score, found;

    if (restore_can(restored, CAP_SYS_RESOURCE))
        return OK;
    if (!plan->has_score) {
        try(read_score(restored, getpid(), &least));
        least = least > 0 ? 0 : least;
    }
    try(read_score(restored, pid, &found));
    return found < least ? restore_refuse("process.oomScoreAdj", pid, "is better protected") : OK;
}

static bool is_plain(int policy)
{
    policy &= ~SCHED_RESET_ON_FORK;
    return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

/* RLIMIT_RTPRIO lets do so without a capability (sched(7)), up to that priority. */
static fallible find_limited(const struct restored *restored, pid_t thread, int policy,
                             bool *is_limited)
{
    const struct rlimit_plan *limit = find_limit(&restored->launch->plan->rlimits, RLIMIT_RTPRIO);
    struct sched_param found;

    policy &= ~SCHED_RESET_ON_FORK;
    *is_limited = false;
    if (!limit || (policy != SCHED_FIFO && policy != SCHED_RR))
        return OK;
    if (syscall(SYS_sched_getparam, thread, &found))
        return error_system("read the priority of process %d", thread);
    *is_limited = found.sched_priority >= 0 && (rlim_t) found.sched_priority <= limit->hard;
    return OK;
}

static fallible check_scheduler(const struct restored *restored, pid_t thread)
{
    const struct scheduler_plan *plan = &restored->launch->plan->scheduler;
    /* Not by sched_getscheduler(): musl has none, since POSIX means threads by it. */
    int policy = (int) syscall(SYS_sched_getscheduler, thread);
    int least = getpriority(PRIO_PROCESS, 0);
    bool is_limited;

    if (policy < 0)
        return error_system("read the scheduler of process %d", thread);
    if (restore_can(restored, CAP_SYS_NICE))
        return OK;
    if (plan->has_scheduler && plan->nice < least)
        least = plan->nice;
    bool is_wanted =
        plan->has_scheduler && plan->policy == (uint32_t) (policy & ~SCHED_RESET_ON_FORK);
    try(find_limited(restored, thread, policy, &is_limited));
    bool is_nicer = getpriority(PRIO_PROCESS, (id_t) thread) >= least;
    if ((!is_plain(policy) && !is_wanted && !is_limited) || (!is_nicer && plan->has_scheduler))
        return restore_refuse("process.scheduler", thread, "comes before others");
    /* As limits are. */
    if (!is_nicer && setpriority(PRIO_PROCESS, (id_t) thread, least))
        return error_system("set the nice value of process %d", thread);
    long priority = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, thread);
    if (priority >= 0 && IOPRIO_PRIO_CLASS(priority) == IOPRIO_CLASS_RT &&
        !restored->launch->plan->io_priority.has_priority)
        return restore_refuse("process.ioPriority", thread, "comes before others");
    return OK;
}

fallible restore_check_use(const struct restored *restored, pid_t pid)
{
    try(check_limits(restored, pid));
    try(check_score(restored, pid));
    return check_scheduler(restored, pid);
}
