/* SPDX-License-Identifier: Apache-2.0 */
/* The storyboard of init: what the container's first process does to itself, from its birth in the
 * new namespaces to the user's program.  Each row is one call of a feature, with what the plan
 * says. */

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "launch/idmaps.h"
#include "launch/inside.h"
#include "launch/plan.h"
#include "launch/process_inside.h"
#include "launch/reasons.h"
#include "launch/step.h"
#include "namespace/hostname.h"
#include "namespace/loopback.h"
#include "namespace/net_devices.h"
#include "namespace/sysctl.h"
#include "os/fd_left.h"
#include "os/namespace_kinds.h"
#include "process/cwd.h"
#include "state/start_socket.h"

static fallible settle_rights(struct launch *launch)
{
    (void) launch;
    return user_ns_settle();
}

static fallible make_cgroup_namespace(struct launch *launch)
{
    (void) launch;
    return unshare(CLONE_NEWCGROUP)
               ? namespace_kinds_refused("unshare", CALL_UNSHARE, CLONE_NEWCGROUP)
               : OK;
}

static fallible bring_up_loopback(struct launch *launch)
{
    (void) launch;
    return loopback_bring_up();
}

static fallible hand_over_network(struct launch *launch)
{
    auto_close int fd = -1;

    try(net_devices_open_socket(&fd));
    return channel_send_descriptor(launch->channel, fd);
}

static fallible set_names(struct launch *launch)
{
    return hostname_apply(&launch->plan->hostname);
}

static fallible isolate_mounts(struct launch *launch)
{
    return rootfs_isolate(&launch->plan->rootfs);
}

static fallible warn(struct launch *launch, struct error *warning)
{
    struct error *failure = warning ? channel_send_warning(launch->channel, warning) : OK;

    error_forget(warning);
    return failure;
}

/* What it opens is written into the plan. */
static fallible open_early(struct launch *launch)
{
    struct plan *plan = launch->plan;

    try(plan_unlock(plan));
    try(rootfs_open_inside(&plan->rootfs));
    try(warn(launch, rootfs_warning(&plan->rootfs)));
    launch->inside->root = plan->rootfs.tree; /* until it is entered, which may be after mounting */
    try(masked_paths_open_inside(&plan->masked_paths));
    try(devices_open_inside(&plan->devices));
    try(mounts_open_inside(&plan->mounts));
    for (uint32_t i = 0; i < plan->mounts.n; i++)
        try(warn(launch, mounts_warning(&plan->mounts.v[i])));
    return OK;
}

static fallible attach_root(struct launch *launch)
{
    return rootfs_attach(&launch->plan->rootfs);
}

/* Which mounts are to become read-only is written into the plan. */
static fallible mount_all(struct launch *launch)
{
    if (ends_read_only(launch->plan))
        try(plan_unlock(launch->plan));
    return mounts_apply(&launch->plan->mounts, launch->inside->root);
}

static fallible make_devices(struct launch *launch)
{
    return devices_apply(&launch->plan->devices, launch->inside->root);
}

static fallible write_sysctls(struct launch *launch)
{
    return sysctl_apply(&launch->plan->sysctl, lacks_create_hooks(launch->plan));
}

static fallible make_cwd(struct launch *launch)
{
    return cwd_make(launch->plan->cwd, launch->inside->root);
}

/* A hook could not unmount what is held by a descriptor. */
static fallible let_go(struct launch *launch)
{
    (void) launch;
    fd_close_left();
    return OK;
}

static fallible cover_paths(struct launch *launch)
{
    return masked_paths_apply(&launch->plan->masked_paths, launch->inside->root);
}

static fallible finish_mounts(struct launch *launch)
{
    return mounts_finish(&launch->plan->mounts);
}

static fallible finish_root(struct launch *launch)
{
    return rootfs_finish(&launch->plan->rootfs, launch->inside->root);
}

static fallible enter_root(struct launch *launch)
{
    return pivot_enter(&launch->plan->rootfs, &launch->inside->root);
}

static fallible hang_up(struct launch *launch)
{
    try(process_take_leave(launch));
    close_fd(&launch->channel);
    return OK;
}

/* Parked, init holds no more than it needs: the plan goes, but for what will be executed. */
static fallible forget_plan(struct launch *launch)
{
    struct plan *plan = &launch->inside->kept;

    *plan = *launch->plan;
    launch->plan = plan;
    if (munmap((void *) plan->arena, (size_t) (plan->kept - plan->arena)) ||
        munmap((void *) plan->kept_end, (size_t) (plan->arena_end - plan->kept_end)))
        return error_system("unmap the plan");
    return OK;
}

static fallible wait_for_start(struct launch *launch)
{
    const struct plan *plan = launch->plan;

    launch->spans = NULL;
    try(start_socket_await(plan->listener, &launch->channel));
    return plan->has_process ? OK : error_new(ERROR_STATE, "the config has no process to start");
}

/* One row a line. */
/* clang-format off */
const struct step init_steps[] = {
    MEET("init runs",                        has_limits),
    STEP("settle in the user namespace",     "linux.uidMappings",           keeps_rights,                  settle_rights),
    STEP("make the cgroup namespace",        "linux.namespaces",            has_late_cgroup_namespace,     make_cgroup_namespace),
    STEP("start a session",                  NULL,                          NULL,                          process_start_session),
    STEP("join a session keyring",           NULL,                          has_keyring,                   process_join_keyring),
    STEP("bring up the loopback",            "linux.namespaces",            brings_up_loopback,            bring_up_loopback),
    STEP("hand over the network",            "linux.netDevices",            has_net_devices,               hand_over_network),
    MEET("the network is complete",          has_net_devices),
    STEP("set the host name",                "hostname",                    has_names,                     set_names),
    STEP("open what is mounted",             "mounts",                      opens_early,                   open_early),
    STEP("hand over what is idmapped",       "mounts",                      maps_ids_of_init,              idmaps_hand_over),
    MEET("the ids are mapped",               maps_ids_of_init),
    STEP("isolate the mounts",               "linux.rootfsPropagation",     has_own_mounts,                isolate_mounts),
    STEP("attach the root",                  "root.path",                   has_own_mounts,                attach_root),
    STEP("enter the root",                   "root.path",                   lacks_create_hooks,            enter_root),
    STEP("mount",                            "mounts",                      has_mounts,                    mount_all),
    STEP("make devices",                     "linux.devices",               NULL,                          make_devices),
    STEP("write sysctls",                    "linux.sysctl",                has_sysctls,                   write_sysctls),
    STEP("make the working directory",       "process.cwd",                 has_process,                   make_cwd),
    STEP("let go of the mounts",             NULL,                          has_create_hooks,              let_go),
    MEET("mounts are in place",              has_create_hooks),
    MEET("hooks have run",                   has_create_hooks),
    STEP("run the createContainer hooks",    "hooks.createContainer",       has_create_container_hooks,    hooks_run_create_container),
    STEP("enter the root after hooks",       "root.path",                   has_create_hooks,              enter_root),
    STEP("mask and protect paths",           "linux.maskedPaths",           has_paths,                     cover_paths),
    STEP("open the terminal",                "process.terminal",            has_terminal,                  process_open_terminal),
    STEP("make mounts read-only",            "mounts",                      ends_read_only,                finish_mounts),
    STEP("finish the root",                  "root.readonly",               has_own_root,                  finish_root),
    STEP("set the personality",              "linux.personality",           has_personality,               process_set_personality),
    STEP("set the AppArmor profile",         "process.apparmorProfile",     has_apparmor_profile,          process_set_apparmor_profile),
    STEP("set the SELinux label",            "process.selinuxLabel",        has_selinux_label,             process_set_selinux_label),
    MEET("the container is built",           awaits_host),
    STEP("set the memory policy",            "linux.memoryPolicy",          has_memory_policy,             process_set_memory_policy),
    MEET("init may confine itself",          meets_host),
    STEP("find the home directory",          "process.env",                 lacks_home,                    process_find_home),
    STEP("say its number to itself",         NULL,                          listens,                       process_say_pid),
    STEP("speak through the terminal",       "process.terminal",            has_terminal,                  process_use_terminal),
    STEP("own the standard descriptors",     NULL,                          has_process,                   process_own_standard),
    STEP("load the seccomp filter early",    "linux.seccomp",               filters_early,                 process_load_filter),
    STEP("drop from the bounding set",       "process.capabilities",        has_process,                   process_bound_capabilities),
    STEP("become the user",                  "process.user",                has_process,                   process_become_user),
    STEP("set capabilities",                 "process.capabilities",        has_process,                   process_set_capabilities),
    STEP("gain no new privileges",           "process.noNewPrivileges",     gains_nothing,                 process_gain_nothing),
    STEP("read back who it is",              NULL,                          has_process,                   process_read_back),
    STEP("enter the working directory",      "process.cwd",                 NULL,                          process_enter_cwd),
    STEP("find the executable",              "process.args",                has_process,                   process_find_executable),
    STEP("close other files",                NULL,                          NULL,                          process_close_others),
    STEP("forget the rest of the plan",      NULL,                          waits_for_start,               forget_plan),
    STEP("load the seccomp filter",          "linux.seccomp",               filters_late,                  process_load_filter),
    STEP("hang up",                          NULL,                          waits_for_start,               hang_up),
    STEP("wait for start",                   NULL,                          waits_for_start,               wait_for_start),
    STEP("run the startContainer hooks",     "hooks.startContainer",        has_start_container_hooks,     hooks_run_start_container),
    STEP("set rlimits",                      "process.rlimits",             has_rlimits,                   process_set_rlimits),
    STEP("take leave",                       NULL,                          NULL,                          process_take_leave),
    {},
};
/* clang-format on */
