/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came out of images that are anybody's work (R21).  They say who the processes are, which
 * rights they have, where they live and what is mounted; criu obeys.  The config says what of that
 * may be, and whoever is not confined as it wants is not let go on.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/join.h"
#include "launch/host.h"
#include "launch/reasons.h"
#include "launch/restore.h"
#include "os/memory.h"
#include "os/proc.h"
#include "os/ptrace.h"
#include "os/syscalls.h"

enum { PATH_SIZE = 64, MAP_SIZE = 16384 };

static fallible refuse(const char *field, const char *reason)
{
    return error_field(error_new(ERROR_BUNDLE, "the images do not keep to the config: %s", reason),
                       "%s", field);
}

fallible restore_refuse(const char *field, pid_t pid, const char *reason)
{
    return error_field(
        error_new(ERROR_BUNDLE, "the images do not keep to the config: process %d %s", pid, reason),
        "%s", field);
}

/* Namespaces ------------------------------------------------------------------------------------
 */

static fallible check_joined(const struct launch *launch, int proc)
{
    const struct namespaces_plan *plan = &launch->plan->namespaces;
    struct stat theirs, wanted;
    char path[PATH_SIZE];

    for (uint32_t i = 0; i < plan->joined_count; i++) {
        text_format(path, sizeof(path), "%d/ns/%s", launch->host->pid,
                    namespaces_file(plan->joined[i].flag));
        if (fstatat(proc, path, &theirs, 0) || fstat(plan->joined[i].fd, &wanted))
            return error_system("look at /proc/%s", path);
        if (theirs.st_ino != wanted.st_ino || theirs.st_dev != wanted.st_dev)
            return refuse("linux.namespaces", "a namespace is not the one that has been named");
    }
    return OK;
}

/* A time namespace more is what criu may make, so that clocks go on. */
static fallible check_own(const struct launch *launch, int proc, pid_t pid, uint64_t later)
{
    uint64_t own, wanted = launch->plan->namespaces.own;

    try(namespaces_find_own(proc, pid, &own));
    uint64_t wrong = (wanted ^ own) & ~later & ~(CLONE_NEWTIME & ~wanted);
    uint64_t first = wrong & -wrong;
    if (!first)
        return OK;
    return error_field(
        error_new(ERROR_BUNDLE,
                  "the images do not keep to the config: the process has %s %s namespace",
                  wanted & first ? "the host's" : "its own", namespaces_name(first)),
        "linux.namespaces");
}

fallible restore_check_namespaces(struct launch *launch)
{
    struct user_ns_plan users = launch->plan->user_ns;
    int proc;

    try(proc_mounted(&proc));
    try(check_own(launch, proc, launch->host->pid, CLONE_NEWCGROUP | CLONE_NEWTIME));
    if (!users.is_new)
        return OK;
    /* criu has written the maps already: they are compared with ours. */
    users.is_new = false;
    users.is_joined = true;
    return user_ns_map(&users, launch->host->pid, launch->host->arena);
}

/* Where they are --------------------------------------------------------------------------------
 */

static fallible check_place(const struct host *host, pid_t pid)
{
    auto_close int cgroup = -1;

    return error_within(join_beside(host->cgroup, host->record.cgroup_path, pid, &cgroup),
                        "process %d", pid);
}

/* One outside of it would not be frozen, nor killed, nor limited. */
fallible restore_check_places(struct launch *launch)
{
    struct restore_walk walk;

    try(restore_walk_begin(launch->host->arena, &walk));
    walk.pids[walk.n++] = launch->host->pid;
    for (uint32_t at = 0; at < walk.n; at++) {
        try(check_place(launch->host, walk.pids[at]));
        try(restore_walk_children(&walk, walk.pids[at]));
    }
    return OK;
}

/* What they are ---------------------------------------------------------------------------------
 */

const char *const restore_namespaces[] = { "cgroup", "ipc",
                                           "mnt",    "net",
                                           "pid",    "pid_for_children",
                                           "time",   "user",
                                           "uts",    "time_for_children",
                                           NULL };

/* Nested namespaces the config does not give; they would have mounts and devices of their own. */
static fallible check_namespaces(const struct restored *restored, pid_t pid, pid_t thread)
{
    char path[RESTORED_PATH_SIZE];
    struct stat theirs, first;

    for (const char *const *kind = restore_namespaces; *kind; kind++) {
        text_format(path, sizeof(path), "%d/ns/%s", restored->launch->host->pid, *kind);
        if (fstatat(restored->proc, path, &first, 0)) {
            if (errno == ENOENT)
                continue; /* an older kernel has no such kind */
            return error_system("look at /proc/%s", path);
        }
        text_format(path, sizeof(path), "%d/task/%d/ns/%s", pid, thread, *kind);
        if (fstatat(restored->proc, path, &theirs, 0))
            return error_system("look at /proc/%s", path);
        if (theirs.st_ino != first.st_ino || theirs.st_dev != first.st_dev)
            return restore_refuse("linux.namespaces", thread, "has namespaces of its own");
    }
    return OK;
}

static fallible check_thread(void *context, pid_t pid, pid_t thread)
{
    const struct restored *restored = context;

    try(check_namespaces(restored, pid, thread));
    try(restore_check_rights(restored, pid, thread));
    try(restore_check_use(restored, thread));
    return restore_check_filter(restored, thread);
}

static fallible read_map(const struct restored *restored, const char *name, struct id_map *map)
{
    char path[PATH_SIZE], text[MAP_SIZE];

    text_format(path, sizeof(path), "%d/%s", restored->launch->host->pid, name);
    try(proc_read(restored->proc, path, text, sizeof(text)));
    return id_map_parse(text, restored->launch->host->arena, map);
}

/* That of the process is that of its mount namespace: else some mounts would not be listed. */
static fallible open_root(struct restored *restored)
{
    char path[PATH_SIZE], name[2] = "";

    text_format(path, sizeof(path), "%d/root", restored->launch->host->pid);
    if (readlinkat(restored->proc, path, name, sizeof(name)) != 1 || name[0] != '/')
        return restore_refuse("root.path", restored->launch->host->pid,
                              "has another root than its mounts");
    restored->root = openat(restored->proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return restored->root < 0 ? error_system("open /proc/%s", path) : OK;
}

static fallible begin(struct restored *restored)
{
    const struct plan *plan = restored->launch->plan;
    const struct host *host = restored->launch->host;
    const struct capabilities_plan *sets = &plan->capabilities;

    try(proc_mounted(&restored->proc));
    try_new(restored->text, host->arena, RESTORED_TEXT_SIZE);
    try_new(restored->program, host->arena, PTRACE_PROGRAM_MOST);
    restored->reach = sets->permitted | sets->ambient;
    if (!plan->has_no_new_privileges)
        restored->reach |= sets->bounding;
    restored->has_maps = plan->user_ns.is_new || plan->user_ns.is_joined;
    if (restored->has_maps) {
        try(read_map(restored, "uid_map", &restored->uids));
        try(read_map(restored, "gid_map", &restored->gids));
    }
    try(restore_find_user(restored, host->arena));
    try(restore_find_first_port(restored));
    try(open_root(restored));
    try(memory_open_file("like theirs", &restored->memory));
    try(mount_list_read(restored->proc, host->pid, host->arena, &restored->mounts));
    return cgroup_list_processes(host->cgroup, host->arena, &restored->processes);
}

static fallible check_all(struct restored *restored)
{
    const struct launch *launch = restored->launch;

    try(begin(restored));
    try(check_own(launch, restored->proc, launch->host->pid, 0));
    try(check_joined(launch, restored->proc));
    if (!cgroup_has_process(&restored->processes, launch->host->pid))
        return error_new(ERROR_PROTOCOL, "the first process is not in its cgroup");
    try(restore_check_mounts(restored));
    for (size_t i = 0; i < restored->processes.n; i++) {
        try(restore_each_thread(restored->proc, restored->processes.v[i], check_thread, restored));
        try(restore_check_files(restored, restored->processes.v[i]));
    }
    return OK;
}

fallible restore_check_processes(struct launch *launch)
{
    struct restored restored = { .launch = launch, .root = -1, .memory = -1 };
    struct error *error = check_all(&restored);

    close_fd(&restored.root);
    close_fd(&restored.memory);
    return error;
}
