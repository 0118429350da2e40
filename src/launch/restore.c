/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: the storyboard of a container that comes from images.  What the host makes for it is
 * what it makes for a start; criu plays the part of init, and says where it is by notifications
 * (criu.org/RPC), each of which it waits to have answered.
 *
 * It works in a copy of our mount namespace, where the root filesystem is a mount, as it demands;
 * nothing of that has to be undone.  The container's first process becomes our child, and is an
 * orphan as soon as we end.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/freezer.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/reasons.h"
#include "launch/restore.h"
#include "libocispec/config.h"
#include "os/channel.h"
#include "os/fd.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/mount_list.h"
#include "os/path.h"
#include "os/pidfd.h"

enum { TERMINAL_NAME_SIZE = 32, FREEZE_MILLISECONDS = 10000 };

/* What is there beforehand ----------------------------------------------------------------------
 */

static fallible open_root(struct launch *launch)
{
    struct host *host = launch->host;
    const struct launch_request *request = host->request;

    try(restore_check_plan(launch->plan));
    return rootfs_open(request->config->root->path, request->bundle, host->arena,
                       &launch->plan->rootfs, &host->record.rootfs);
}

static void close_root(struct launch *launch)
{
    close_fd(&launch->plan->rootfs.tree);
}

/* What lies below another mount is there when that has been restored. */
static bool is_in_root(const struct mounts_plan *mounts, uint32_t index)
{
    const char *destination = mounts->v[index].destination;

    for (uint32_t i = 0; i < mounts->n; i++)
        if (mount_list_below(destination, mounts->v[i].destination))
            return false;
    return true;
}

static bool is_of_file(const struct launch *launch, const struct mount_plan *mount)
{
    struct stat status;
    return mount->kind == MOUNT_KIND_BIND && !mount->is_cgroup &&
           !fstatat(launch->host->request->bundle, mount->source, &status, 0) &&
           !S_ISDIR(status.st_mode);
}

/* A root filesystem that comes from elsewhere may lack them. */
static fallible make_destinations(struct launch *launch)
{
    const struct mounts_plan *mounts = &launch->plan->mounts;
    int root = launch->plan->rootfs.tree;

    for (uint32_t i = 0; i < mounts->n; i++) {
        const struct mount_plan *mount = &mounts->v[i];
        auto_close int made = -1;
        if (!is_in_root(mounts, i))
            continue;
        struct error *error =
            is_of_file(launch, mount)
                ? path_make_file(root, mount->destination, 0644, &made)
                : path_make_directory(root, mount->destination, mount->directory_mode, &made);
        try_within(error_field(error, "%s", mount->field), "%s on %s", mount->field,
                   mount->destination);
    }
    return OK;
}

/* The label is that of the config, whatever the images say. */
static void write_label(struct criu_work *work, const struct plan *plan)
{
    if (work->options->lsm_profile)
        return;
    if (plan->apparmor_profile)
        criu_label_add(work, "apparmor", plan->apparmor_profile);
    else if (plan->selinux.process_label)
        criu_label_add(work, "selinux", plan->selinux.process_label);
}

static fallible write_options(struct launch *launch)
{
    const struct host *host = launch->host;
    const struct launch_request *request = host->request;
    struct criu_work *work = host->criu;

    try(criu_config_open(work, request->config));
    try(criu_options_write(work, host->arena));
    criu_restore_add(work, host->record.rootfs);
    if (host->record.cgroup_path)
        criu_cgroup_add(work, host->record.cgroup_path);
    write_label(work, launch->plan);
    try(criu_externals_for(work, host, launch->plan));
    return criu_streams_for(work, host->arena);
}

/* criu --------------------------------------------------------------------------------------------
 */

static uint32_t list_inherited(const struct launch *launch, int *fds)
{
    const struct namespaces_plan *namespaces = &launch->plan->namespaces;
    const struct criu_work *work = launch->host->criu;
    uint32_t count = 0;

    for (uint32_t i = 0; i < namespaces->joined_count; i++)
        fds[count++] = namespaces->joined[i].fd;
    for (int i = 0; i < 3; i++)
        if (work->streams[i] >= 0)
            fds[count++] = work->streams[i];
    return count;
}

static fallible start_criu(struct launch *launch)
{
    const struct host *host = launch->host;
    const struct user_ns_plan *users = &launch->plan->user_ns;
    struct criu_work *work = host->criu;
    struct criu_places places;
    struct criu_start start = {
        .tree = launch->plan->rootfs.tree,
        .root = host->record.rootfs,
        /* Since version 4.2 it gets the flags of the images (launch/restore_mount_images.c). */
        .is_root_read_only = launch->plan->rootfs.is_read_only,
        /* A user namespace's root could write to nothing of it, nor make its binds writable. */
        .arena = users->is_new || users->is_joined ? NULL : host->arena,
        .has_keyring = launch->plan->has_keyring,
        .has_standard_input = work->options->has_shell_job,
        .inherited_count = list_inherited(launch, places.fds),
    };

    try(criu_places_fill(work, &places, &start));
    try(restore_note_others(launch));
    struct error *error = criu_start(&start, &work->criu);
    /* Where it does nothing about cgroups, they are born where it is. */
    if (!error && work->options->cgroups == CRIU_CGROUPS_IGNORE)
        error = cgroup_add(host->cgroup, work->criu.pid);
    if (!error)
        error = criu_ask(&work->criu, CRIU_RESTORE, &work->message);
    if (error)
        criu_end(&work->criu, true);
    for (int i = 0; i < 3; i++)
        close_fd(&work->streams[i]);
    return error;
}

/* The master of a terminal whose slave is the container's. */
static fallible take_terminal(struct launch *launch, int *master)
{
    struct host *host = launch->host;
    char name[TERMINAL_NAME_SIZE];
    unsigned number;

    if (!launch->plan->terminal.is_wanted || *master < 0 || host->criu->has_terminal)
        return error_field(error_new(ERROR_BUNDLE, "the images have a terminal that the config "
                                                   "does not ask for"),
                           "process.terminal");
    host->criu->has_terminal = true;
    if (launch->plan->terminal.is_relayed) {
        host->terminal = take_fd(master);
        return OK;
    }
    if (ioctl(*master, TIOCGPTN, &number))
        return error_system("find the name of the terminal");
    text_format(name, sizeof(name), "/dev/pts/%u", number);
    return fd_send(host->console, name, *master);
}

/* Answers what criu says until it says SCRIPT, which is left to be answered; or until it is done,
 * and none is wanted. */
static fallible hear_until(struct launch *launch, const char *script)
{
    struct criu_work *work = launch->host->criu;

    for (;;) {
        auto_close int fd = -1;
        if (work->owes_answer)
            try(criu_answer(&work->criu, true));
        work->owes_answer = false;
        try(criu_explain_end(work, criu_hear(&work->criu, channel_interrupts, &work->heard)));
        fd = work->heard.fd;
        work->heard.fd = -1;
        if (work->heard.type != CRIU_NOTIFY) {
            if (!work->heard.is_success)
                return criu_explain(work, &work->heard);
            return script ? error_new(ERROR_PROTOCOL, "criu does not say '%s'", script) : OK;
        }
        work->owes_answer = true;
        if (text_equal(work->heard.script, "orphan-pts-master"))
            try(take_terminal(launch, &fd));
        if (script && text_equal(work->heard.script, script))
            return OK;
    }
}

/* It has opened nothing of the images by then. */
static fallible hear_init(struct launch *launch)
{
    struct host *host = launch->host;
    siginfo_t info;

    try(hear_until(launch, "setup-namespaces"));
    pid_t pid = host->criu->heard.pid;
    if (pid <= 0 || waitid(P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT))
        return error_new(ERROR_PROTOCOL, "criu names no process that it has made for us");
    try(pidfd_open_process(pid, &host->pidfd));
    host->pid = pid;
    host->criu->criu.restored = host->pidfd;
    return OK;
}

static fallible hear_restored(struct launch *launch)
{
    try(hear_until(launch, "pre-resume"));
    if (launch->plan->terminal.is_wanted && !launch->host->criu->has_terminal)
        return error_new(ERROR_BUNDLE, "the images have no terminal");
    return OK;
}

/* criu lets go of them one by one: from here on none of them comes to run, whoever lets go. */
static fallible hold_still(struct launch *launch)
{
    const struct host *host = launch->host;
    const struct freezer_wait wait = { FREEZE_MILLISECONDS, channel_interrupts };

    /* start_criu() has put it there. */
    if (host->criu->options->cgroups == CRIU_CGROUPS_IGNORE)
        try(cgroup_take_back(host->criu->criu.pid));
    return freezer_hold(host->cgroup, &wait);
}

static fallible let_criu_go(struct launch *launch)
{
    const struct freezer_wait wait = { FREEZE_MILLISECONDS, channel_interrupts };
    struct criu_work *work = launch->host->criu;

    try(hear_until(launch, NULL));
    criu_end(&work->criu, false);
    return freezer_hold(launch->host->cgroup, &wait);
}

static fallible let_run(struct launch *launch)
{
    const struct freezer_wait wait = { FREEZE_MILLISECONDS, channel_interrupts };

    try(freezer_thaw(launch->host->cgroup, &wait));
    try(host_let_in(launch));
    criu_directories_close(launch->host->criu);
    close_root(launch);
    namespaces_close(&launch->plan->namespaces);
    return OK;
}

static void close_terminal(struct launch *launch)
{
    close_fd(&launch->host->terminal);
}

/* One row a line. */
/* clang-format off */
const struct step restore_steps[] = {
    { "open the root filesystem",         "root.path",                   NULL,                          open_root,             close_root },
    { "open the directory of the images", NULL,                          NULL,                          restore_open_images,   restore_close_images },
    { "look at the images",               NULL,                          NULL,                          restore_check_images,  NULL },
    { "claim the name",                   NULL,                          NULL,                          host_claim_name,       host_forget_name },
    { "connect to the console socket",    NULL,                          sends_terminal,                console_socket_connect, NULL },
    { "connect to the pidfd socket",      NULL,                          sends_pidfd,                   pidfd_socket_connect,  NULL },
    { "make the cgroup",                  "linux.cgroupsPath",           makes_cgroup,                  host_make_cgroup,      host_remove_cgroup },
    { "start the scope",                  NULL,                          has_scope,                     scope_begin,           scope_end },
    { "make the resctrl groups",          "linux.intelRdt",              has_intel_rdt,                 resctrl_make,          resctrl_unmake },
    { "hand down controllers",            "linux.resources",             has_limits,                    resources_hand_down,   NULL },
    { "filter devices",                   "linux.resources.devices",     has_cgroup,                    host_filter_devices,   NULL },
    { "open the pid file",                NULL,                          has_pid_file,                  pid_file_open,         pid_file_close },
    { "make what is mounted on",          "mounts",                      has_mounts,                    make_destinations,     NULL },
    { "say what to restore",              NULL,                          NULL,                          write_options,         NULL },
    { "start criu",                       NULL,                          NULL,                          start_criu,            restore_end },
    { "let criu make the first process",  NULL,                          NULL,                          hear_init,             NULL },
    { "check its namespaces",             "linux.namespaces",            NULL,                          restore_check_namespaces, NULL },
    { "write sysctls",                    "linux.sysctl",                has_sysctls,                   restore_write_sysctls, NULL },
    { "keep others out",                  NULL,                          NULL,                          host_keep_out,         NULL },
    { "note the pid",                     NULL,                          NULL,                          host_note_pid,         NULL },
    { "limit the scope",                  "linux.resources",             limits_scope,                  scope_limit,           NULL },
    { "limit resources",                  "linux.resources",             has_limits,                    resources_limit,       NULL },
    { "begin with hooks",                 NULL,                          has_create_hooks,              hooks_begin,           NULL },
    { "run the prestart hooks",           "hooks.prestart",              has_prestart_hooks,            hooks_run_prestart,    NULL },
    { "run the createRuntime hooks",      "hooks.createRuntime",         has_create_runtime_hooks,      hooks_run_create_runtime, NULL },
    { "let criu restore the rest",        NULL,                          NULL,                          hear_restored,         close_terminal },
    { "let the scope's keeper go",        NULL,                          has_scope,                     scope_let_keeper_go,   NULL },
    { "see where the processes are",      "linux.cgroupsPath",           NULL,                          restore_check_places,  NULL },
    { "hold the container still",         "linux.cgroupsPath",           NULL,                          hold_still,            NULL },
    { "let criu go",                      NULL,                          NULL,                          let_criu_go,           NULL },
    { "write sysctls again",              "linux.sysctl",                has_sysctls,                   restore_write_sysctls, NULL },
    { "check what is restored",           NULL,                          NULL,                          restore_check_processes, NULL },
    { "limit resources again",            "linux.resources",             has_limits,                    resources_limit,       NULL },
    { "delegate the cgroup",              "linux.cgroupsPath",           delegates_cgroup,              resources_delegate,    NULL },
    { "enter the resctrl groups",         "linux.intelRdt",              has_intel_rdt,                 resctrl_enter,         NULL },
    { "let the container go on",          NULL,                          NULL,                          let_run,               NULL },
    { "send the pidfd",                   NULL,                          sends_pidfd,                   pidfd_socket_send,     NULL },
    { "write the pid file",               NULL,                          has_pid_file,                  pid_file_write,        NULL },
    {},
};
/* clang-format on */
