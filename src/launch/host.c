/* SPDX-License-Identifier: Apache-2.0 */
/* The storyboard of the host: what is done for a container from outside of it.  All planning is
 * behind us here (plan.c); each row makes or changes something, and knows how to undo it. */

#include "launch/host.h"

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "cgroup/before.h"
#include "launch/idmaps.h"
#include "launch/reasons.h"
#include "libocispec/config.h"
#include "os/pidfd.h"
#include "os/proc.h"
#include "state/notify_socket.h"
#include "state/start_socket.h"

enum { CGROUP_REMOVE_MILLISECONDS = 10000 };

fallible host_claim_name(struct launch *launch)
{
    struct host *host = launch->host;
    const struct launch_request *request = host->request;

    /* Where no process is found by its pid, none of ours could be killed or deleted later. */
    try(pidfd_demand());
    try(store_claim(request->store, request->id, &host->entry));
    struct error *error = entry_begin(&host->entry, request->config_json, request->config_length);
    bool is_ours = !error || error->code != ERROR_EXISTS;
    if (!error)
        error = record_save(&host->entry, &host->record, host->arena);
    if (error && is_ours)
        error_forget(store_remove(request->store, &host->entry));
    if (error)
        entry_close(&host->entry);
    return error;
}

static bool owes_poststop_hooks(const struct host *host)
{
    const struct oci_hooks *hooks = host->record.hooks;

    return host->owes_poststop && !host->is_init_left && hooks && hooks->poststop.n;
}

static void forget_entry(struct host *host)
{
    struct error *error = store_remove(host->request->store, &host->entry);

    if (error)
        log_warning("forget '%s': %s", host->request->id, error_line(error));
    error_forget(error);
    entry_close(&host->entry);
}

/* What its poststop hooks are told stays until they have run; if need be, with the name. */
void host_forget_name(struct launch *launch)
{
    struct host *host = launch->host;

    if (host->is_init_left)
        entry_close(&host->entry);
    else if (!owes_poststop_hooks(host))
        forget_entry(host);
    else
        error_forget(store_retire(host->request->store, &host->entry, host->arena));
}

void host_run_poststop(struct host *host)
{
    if (!owes_poststop_hooks(host))
        return;
    hooks_run_poststop(&host->record, host->arena);
    forget_entry(host);
}

static fallible open_start_socket(struct launch *launch)
{
    return start_socket_open(&launch->host->entry, &launch->plan->listener);
}

static void close_start_socket(struct launch *launch)
{
    close_fd(&launch->plan->listener);
}

/* Init has a pid long before it has the container's root: until then nobody may come in. */
fallible host_keep_out(struct launch *launch)
{
    return start_socket_withhold(&launch->host->entry);
}

fallible host_let_in(struct launch *launch)
{
    return start_socket_withdraw(&launch->host->entry);
}

static fallible open_notify_socket(struct launch *launch)
{
    struct host *host = launch->host;

    try(notify_socket_make_place(&host->entry));
    return host->request->starts_at_once ? notify_socket_open(&host->entry, &host->notify) : OK;
}

static void close_notify_socket(struct launch *launch)
{
    close_fd(&launch->host->notify);
}

/* Where it is noted what init is to open, if it is. */
static struct arena *notes_of(const struct launch *launch)
{
    return launch->plan->opens_inside ? launch->host->arena : NULL;
}

static fallible open_root(struct launch *launch)
{
    struct host *host = launch->host;
    const struct launch_request *request = host->request;

    try(rootfs_open(request->config->root->path, request->bundle, host->arena,
                    &launch->plan->rootfs, &host->record.rootfs));
    return masked_paths_open(&launch->plan->masked_paths, &launch->plan->mounts, notes_of(launch));
}

static void close_root(struct launch *launch)
{
    close_fd(&launch->plan->rootfs.tree);
    close_fd(&launch->plan->masked_paths.null);
}

fallible host_make_cgroup(struct launch *launch)
{
    struct host *host = launch->host;
    try(cgroup_create(&host->cgroup_plan, &host->record.cgroup_kept.value, &host->cgroup));
    host->may_share = !record_keeps_cgroup(&host->record);
    return resources_note(host);
}

void host_remove_cgroup(struct launch *launch)
{
    const struct record *record = &launch->host->record;

    resources_see_end(launch->host);
    close_fd(&launch->host->cgroup);
    if (launch->host->is_init_left)
        return;
    uint32_t kept = record->cgroup_kept.value;
    struct error *error = cgroup_kill(record->cgroup_mount, record->cgroup_path, kept);
    if (!error)
        error = cgroup_remove(record->cgroup_mount, record->cgroup_path, kept,
                              CGROUP_REMOVE_MILLISECONDS);
    if (!error)
        error = before_restore(record->cgroup_mount, record->cgroup_path, &record->cgroup_before,
                               &record->cgroup_owners);
    if (error)
        log_warning("remove cgroup '%s': %s", record->cgroup_path, error_line(error));
    error_forget(error);
}

fallible host_open_mount_sources(struct launch *launch)
{
    const struct mounts_sources sources = {
        .bundle = launch->host->request->bundle,
        .cgroup = launch->host->cgroup,
        .notes = launch->plan->prefers_inside ? launch->host->arena : notes_of(launch),
        .is_noted_only = launch->plan->opens_inside,
    };
    return mounts_open_sources(&launch->plan->mounts, &sources);
}

void host_close_mount_sources(struct launch *launch)
{
    mounts_close_sources(&launch->plan->mounts);
}

static fallible open_devices(struct launch *launch)
{
    return devices_open(&launch->plan->devices, notes_of(launch));
}

static void close_devices(struct launch *launch)
{
    devices_close(&launch->plan->devices);
}

fallible host_filter_devices(struct launch *launch)
{
    return device_rules_apply(&launch->host->device_rules, launch->host->cgroup);
}

static void give_trees(struct plan *plan, struct fd_batch *given)
{
    fd_batch_take(given, &plan->rootfs.tree);
    fd_batch_take(given, &plan->masked_paths.null);
    for (uint32_t i = 0; i < plan->mounts.n; i++)
        fd_batch_take(given, &plan->mounts.v[i].tree);
    for (uint32_t i = 0; i < plan->devices.n; i++)
        fd_batch_take(given, &plan->devices.v[i].tree);
}

fallible host_copy_plan(struct launch *launch)
{
    const struct plan *theirs = launch->plan;
    const struct hook_list *their_hooks = &theirs->hooks.create_container;
    struct arena *arena = launch->host->arena;
    struct mount_plan *mounts;
    struct hook *hooks;
    struct device_plan *devices;
    struct plan *ours;

    try_new(ours, arena, 1);
    try_new(mounts, arena, theirs->mounts.n);
    for (uint32_t i = 0; i < theirs->mounts.n; i++)
        mounts[i] = theirs->mounts.v[i];
    try_new(devices, arena, theirs->devices.n);
    for (uint32_t i = 0; i < theirs->devices.n; i++)
        devices[i] = theirs->devices.v[i];
    try_new(hooks, arena, their_hooks->n);
    for (uint32_t i = 0; i < their_hooks->n; i++)
        hooks[i] = their_hooks->v[i];
    *ours = *theirs;
    ours->mounts.v = mounts;
    ours->devices.v = devices;
    ours->hooks.create_container.v = hooks;
    launch->plan = ours;
    namespaces_close(&ours->namespaces);
    hooks_close(launch);
    console_socket_let_go(ours);
    give_trees(ours, &launch->host->given);
    return OK;
}

/* A tree that init has made anew goes with its last descriptor, for which the kernel waits: better
 * here than in init. */
fallible host_let_go(struct launch *launch)
{
    fd_batch_close(&launch->host->given);
    return OK;
}

fallible host_note_pid(struct launch *launch)
{
    struct host *host = launch->host;
    unsigned long long started;
    char state;
    int proc;

    try(proc_mounted(&proc));
    try(proc_read_start(proc, host->pid, &started, &state));
    try(record_note_pid(&host->entry, &host->record, host->pid, started, host->arena));
    return record_save(&host->entry, &host->record, host->arena);
}

/* From here on there is a container.  An init that starts at once says nothing between its last
 * meeting and its end: where that is an error, its startContainer hooks may have run.  The poststop
 * hooks clean up behind those, and rather once too often than never. */
static fallible hear_end(struct launch *launch)
{
    struct host *host = launch->host;
    const struct plan *plan = launch->plan;
    struct error *error =
        channel_hear_end(launch->channel, host->init_spans, &host->init_span_count);

    if (!error || (has_start_container_hooks(plan) && !waits_for_start(plan)))
        host->owes_poststop = true;
    return error;
}

static fallible publish(struct launch *launch)
{
    return start_socket_publish(&launch->host->entry);
}

/* One row a line. */
/* clang-format off */
const struct step host_steps[] = {
    { "open the root filesystem",         "root.path",                   NULL,                          open_root,             close_root },
    { "claim the name",                   NULL,                          NULL,                          host_claim_name,       host_forget_name },
    { "open the start socket",            NULL,                          waits_for_start,               open_start_socket,     close_start_socket },
    { "keep others out",                  NULL,                          starts_at_once,                host_keep_out,         NULL },
    { "open the notify socket",           NULL,                          notifies,                      open_notify_socket,    close_notify_socket },
    { "connect to the console socket",    NULL,                          sends_terminal,                console_socket_connect, NULL },
    { "connect to the pidfd socket",      NULL,                          sends_pidfd,                   pidfd_socket_connect,  NULL },
    { "make a pair for the terminal",     NULL,                          relays_terminal,               console_socket_pair,   console_socket_close_pair },
    { "make the cgroup",                  "linux.cgroupsPath",           makes_cgroup,                  host_make_cgroup,      host_remove_cgroup },
    { "start the scope",                  NULL,                          has_scope,                     scope_begin,           scope_end },
    { "make the resctrl groups",          "linux.intelRdt",              has_intel_rdt,                 resctrl_make,          resctrl_unmake },
    { "hand down controllers",            "linux.resources",             has_limits,                    resources_hand_down,   NULL },
    { "open mount sources",               "mounts",                      has_mounts,                    host_open_mount_sources, host_close_mount_sources },
    { "map the ids of mounts",            "mounts",                      maps_ids_of_sources,           idmaps_apply,          NULL },
    { "open devices",                     "linux.devices",               binds_devices,                 open_devices,          close_devices },
    { "find network devices",             "linux.netDevices",            has_net_devices,               network_find_devices,  network_close },
    { "open the hooks' programs",         "hooks.createContainer",       has_create_container_hooks,    hooks_open,            hooks_close },
    { "open the hooks' output",           "annotations",                 has_hook_output,               hooks_open_output,     hooks_close_output },
    { "connect to the seccomp agent",     "linux.seccomp.listenerPath",  has_agent,                     filter_connect,        filter_disconnect },
    { "open the pid file",                NULL,                          has_pid_file,                  pid_file_open,         pid_file_close },
    { "set the score to be born with",    "process.oomScoreAdj",         inherits_oom_score,            process_lend_oom_score, process_forget_oom_score },
    { "give birth to init",               "linux.namespaces",            NULL,                          birth_give,            birth_undo },
    { "let the scope's keeper go",        NULL,                          has_scope,                     scope_let_keeper_go,   NULL },
    { "set our own oom score back",       "process.oomScoreAdj",         inherits_oom_score,            process_take_back_oom_score, NULL },
    { "copy the plan",                    NULL,                          NULL,                          host_copy_plan,        NULL },
    { "note the pid",                     NULL,                          NULL,                          host_note_pid,         NULL },
    { "delegate the cgroup",              "linux.cgroupsPath",           delegates_cgroup,              resources_delegate,    NULL },
    MEET("init runs",                        has_limits),
    { "limit the scope",                  "linux.resources",             limits_scope,                  scope_limit,           NULL },
    { "limit resources",                  "linux.resources",             has_limits,                    resources_limit,       NULL },
    { "move network devices",             "linux.netDevices",            has_net_devices,               network_move_devices,  network_take_back },
    MEET("the network is complete",          has_net_devices),
    { "map the ids of init's mounts",     "mounts",                      maps_ids_of_init,              idmaps_apply_handed,   NULL },
    MEET("the ids are mapped",               maps_ids_of_init),
    { "bring up the loopback",            "linux.namespaces",            gets_loopback,                 network_bring_up_loopback, NULL },
    { "filter devices",                   "linux.resources.devices",     has_cgroup,                    host_filter_devices,   NULL },
    { "let go of what init has",          NULL,                          NULL,                          host_let_go,           NULL },
    MEET("mounts are in place",              has_create_hooks),
    { "begin with hooks",                 NULL,                          has_create_hooks,              hooks_begin,           NULL },
    { "run the prestart hooks",           "hooks.prestart",              has_prestart_hooks,            hooks_run_prestart,    NULL },
    { "run the createRuntime hooks",      "hooks.createRuntime",         has_create_runtime_hooks,      hooks_run_create_runtime, NULL },
    MEET("hooks have run",                   has_create_hooks),
    MEET("the container is built",           awaits_host),
    { "enter the delegated cgroup",       "annotations",                 has_delegated_cgroup,          delegated_cgroup_enter, NULL },
    { "enter the resctrl groups",         "linux.intelRdt",              has_intel_rdt,                 resctrl_enter,         NULL },
    { "set the oom score",                "process.oomScoreAdj",         has_oom_score,                 process_set_oom_score, NULL },
    { "raise rlimits",                    "process.rlimits",             raises_rlimits,                process_raise_rlimits, NULL },
    { "set the scheduler",                "process.scheduler",           has_scheduler,                 process_set_scheduler, NULL },
    { "set the I/O priority",             "process.ioPriority",          has_io_priority,               process_set_io_priority, NULL },
    MEET("init may confine itself",          meets_host),
    { "hand over the seccomp listener",   "linux.seccomp.listenerPath",  has_agent,                     filter_hand_over,      NULL },
    { "hear init hang up",                NULL,                          NULL,                          hear_end,              NULL },
    { "verify the seccomp filter",        "linux.seccomp",               has_filter,                    filter_verify,         NULL },
    { "take the terminal",                "process.terminal",            relays_terminal,               console_socket_take,   console_socket_put_back },
    { "remember the container",           NULL,                          waits_for_start,               publish,               NULL },
    { "let others in",                    NULL,                          starts_at_once,                host_let_in,           NULL },
    { "send the pidfd",                   NULL,                          sends_pidfd,                   pidfd_socket_send,     NULL },
    { "write the pid file",               NULL,                          has_pid_file,                  pid_file_write,        NULL },
    {},
};
/* clang-format on */
