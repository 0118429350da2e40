/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came out of images that are anybody's work (R21).  They say who the processes are, which
 * rights they have, where they live and what is mounted; criu obeys.  The config says what of that
 * may be, and whoever is not confined as it wants is not let go on.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "cgroup/join.h"
#include "launch/host.h"
#include "launch/reasons.h"
#include "launch/restore.h"
#include "os/directory.h"
#include "os/proc.h"
#include "os/syscalls.h"

enum {
    PATH_SIZE = 64,
    STATUS_SIZE = 1 << 16,
    CHILDREN_SIZE = 1 << 16,
    PROCESSES_MOST = 1 << 16,
    LABEL_SIZE = 4096
};

static fallible refuse(const char *field, const char *reason)
{
    return error_field(error_new(ERROR_BUNDLE, "the images do not keep to the config: %s", reason),
                       "%s", field);
}

/* Namespaces ------------------------------------------------------------------------------------
 */

static fallible check_joined(const struct launch *launch, int proc)
{
    static const struct {
        uint64_t flag;
        const char *file;
    } files[] = {
        { CLONE_NEWNET, "net" }, { CLONE_NEWPID, "pid" },   { CLONE_NEWIPC, "ipc" },
        { CLONE_NEWUTS, "uts" }, { CLONE_NEWUSER, "user" }, { CLONE_NEWTIME, "time" },
    };
    const struct namespaces_plan *plan = &launch->plan->namespaces;
    struct stat theirs, wanted;
    char path[PATH_SIZE];

    for (uint32_t i = 0; i < plan->joined_count; i++) {
        size_t at = 0;
        while (at < LENGTH(files) && files[at].flag != plan->joined[i].flag)
            at++;
        if (at == LENGTH(files))
            continue;
        text_format(path, sizeof(path), "%d/ns/%s", launch->host->pid, files[at].file);
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
    uint64_t own, wanted = launch->plan->namespaces.own & ~later;

    try(namespaces_find_own(proc, pid, &own));
    own &= ~later;
    for (int bit = 0; bit < 64; bit++) {
        uint64_t flag = UINT64_C(1) << bit;
        if ((wanted ^ own) & flag & ~(wanted & flag ? 0 : CLONE_NEWTIME))
            return error_field(
                error_new(ERROR_BUNDLE,
                          "the images do not keep to the config: the process has %s %s namespace",
                          wanted & flag ? "the host's" : "its own", namespaces_name(flag)),
                "linux.namespaces");
    }
    return OK;
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

/* Processes -------------------------------------------------------------------------------------
 */

struct walk {
    const struct launch *launch;
    int proc;
    pid_t *pids;
    uint32_t n;
    char *text; /* STATUS_SIZE and CHILDREN_SIZE */
};

static bool is_one(const char *status, const char *name, char wanted)
{
    const char *found = proc_find_line(status, name);
    return found && *found == wanted;
}

static fallible check_rights(const struct plan *plan, const char *status)
{
    uint64_t bounding;

    if (plan->has_no_new_privileges && !is_one(status, "NoNewPrivs", '1'))
        return error_hint(refuse("process.noNewPrivileges", "a process may gain privileges"),
                          "criu can keep that since version 3.19");
    if (has_filter(plan) && !is_one(status, "Seccomp", '2'))
        return refuse("linux.seccomp", "a process is not filtered");
    if (!proc_find_mask(status, "CapBnd", &bounding))
        return error_new(ERROR_PROTOCOL, "the status of a process has no CapBnd");
    return bounding & ~plan->capabilities.bounding
               ? refuse("process.capabilities.bounding", "a process has more capabilities")
               : OK;
}

static fallible note_children(struct walk *walk)
{
    for (char *at = walk->text; *at;) {
        char *end = at;
        long pid = strtol(at, &end, 10);
        if (end == at)
            break;
        if (walk->n == PROCESSES_MOST)
            return error_new(ERROR_BUNDLE, "the images have too many processes");
        walk->pids[walk->n++] = (pid_t) pid;
        at = end + strspn(end, " ");
    }
    return OK;
}

static fallible check_thread(struct walk *walk, pid_t pid, const char *thread)
{
    char path[PATH_SIZE];

    text_format(path, sizeof(path), "%d/task/%s/status", pid, thread);
    try(proc_read(walk->proc, path, walk->text, STATUS_SIZE));
    try(check_rights(walk->launch->plan, walk->text));
    text_format(path, sizeof(path), "%d/task/%s/children", pid, thread);
    try(proc_read(walk->proc, path, walk->text, CHILDREN_SIZE));
    return note_children(walk);
}

static fallible check_threads(struct walk *walk, pid_t pid)
{
    struct directory directory;
    struct directory_entry entry;
    char path[PATH_SIZE];
    auto_close int tasks = -1;

    text_format(path, sizeof(path), "%d/task", pid);
    try(proc_open_directory(walk->proc, path, &tasks));
    try(directory_begin(tasks, &directory));
    for (;;) {
        try(directory_next(&directory, &entry));
        if (!entry.name)
            return OK;
        try(check_thread(walk, pid, entry.name));
    }
}

static fallible check_process(struct walk *walk, pid_t pid)
{
    const struct host *host = walk->launch->host;
    auto_close int cgroup = -1;

    if (host->cgroup >= 0)
        try_within(join_beside(host->cgroup, host->record.cgroup_path, pid, &cgroup), "process %d",
                   pid);
    return check_threads(walk, pid);
}

/* Every process is a child of another, or init. */
static fallible check_all(const struct launch *launch, int proc)
{
    struct walk walk = { .launch = launch, .proc = proc };

    try_new(walk.pids, launch->host->arena, PROCESSES_MOST);
    try_new(walk.text, launch->host->arena, STATUS_SIZE);
    walk.pids[walk.n++] = launch->host->pid;
    for (uint32_t at = 0; at < walk.n; at++)
        try(check_process(&walk, walk.pids[at]));
    return OK;
}

/* Labels ----------------------------------------------------------------------------------------
 */

/* "NAME (enforce)", or the label. */
static fallible check_label(const struct launch *launch, int proc, const char *wanted,
                            const char *field)
{
    char path[PATH_SIZE], text[LABEL_SIZE];

    if (!wanted)
        return OK;
    text_format(path, sizeof(path), "%d/attr/current", launch->host->pid);
    try(proc_read(proc, path, text, sizeof(text)));
    size_t length = strlen(wanted);
    bool is_same = strncmp(text, wanted, length) == 0 &&
                   (!text[length] || text[length] == '\n' || text[length] == ' ');
    return is_same ? OK : refuse(field, "the process is not under its label");
}

fallible restore_check_processes(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    int proc;

    try(proc_mounted(&proc));
    try(check_own(launch, proc, launch->host->pid, 0));
    try(check_joined(launch, proc));
    try(check_all(launch, proc));
    try(check_label(launch, proc, plan->apparmor_profile, "process.apparmorProfile"));
    try(check_label(launch, proc, plan->selinux.process_label, "process.selinuxLabel"));
    return restore_check_mounts(launch, proc);
}
