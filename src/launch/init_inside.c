/* SPDX-License-Identifier: Apache-2.0 */
/* The storyboard of init: what the container's first process does to itself, from its birth in the
 * new namespaces to the user's program.  Each row is one call of a feature, with what the plan
 * says. */

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "launch/inside.h"
#include "launch/plan.h"
#include "launch/reasons.h"
#include "launch/step.h"
#include "namespace/hostname.h"
#include "namespace/loopback.h"
#include "namespace/sysctl.h"
#include "process/cwd.h"
#include "process/fds.h"
#include "process/keyring.h"
#include "rootfs/console.h"
#include "security/apparmor.h"
#include "security/no_new_privileges.h"
#include "security/seccomp.h"
#include "security/selinux.h"
#include "state/start_socket.h"

static fallible settle_rights(struct launch *launch)
{
    (void) launch;
    return user_ns_settle();
}

static fallible make_cgroup_namespace(struct launch *launch)
{
    (void) launch;
    return unshare(CLONE_NEWCGROUP) ? error_system("unshare") : OK;
}

static fallible start_session(struct launch *launch)
{
    (void) launch;
    return setsid() < 0 ? error_system("setsid") : OK;
}

static fallible join_keyring(struct launch *launch)
{
    return keyring_join(launch->plan->selinux.process_label);
}

static fallible bring_up_loopback(struct launch *launch)
{
    (void) launch;
    return loopback_bring_up();
}

static fallible set_names(struct launch *launch)
{
    return hostname_apply(&launch->plan->hostname);
}

static fallible isolate_mounts(struct launch *launch)
{
    return rootfs_isolate(&launch->plan->rootfs);
}

/* What it opens is written into the plan, whose pages become init's own by that. */
static fallible open_early(struct launch *launch)
{
    struct plan *plan = launch->plan;

    if (mprotect((void *) plan->arena, (size_t) (plan->arena_end - plan->arena),
                 PROT_READ | PROT_WRITE))
        return error_system("mprotect the plan");
    try(rootfs_open_inside(&plan->rootfs));
    launch->inside->root = plan->rootfs.tree; /* until it is entered, which may be after mounting */
    try(masked_paths_open_inside(&plan->masked_paths));
    try(devices_open_inside(&plan->devices));
    try(mounts_open_inside(&plan->mounts));
    for (uint32_t i = 0; i < plan->mounts.n; i++) {
        struct error *warning = mounts_warning(&plan->mounts.v[i]);
        if (warning)
            try(channel_send_warning(launch->channel, warning));
        error_forget(warning);
    }
    return OK;
}

static fallible attach_root(struct launch *launch)
{
    return rootfs_attach(&launch->plan->rootfs);
}

static fallible mount_all(struct launch *launch)
{
    return mounts_apply(&launch->plan->mounts, launch->inside->root);
}

static fallible make_devices(struct launch *launch)
{
    return devices_apply(&launch->plan->devices, launch->inside->root);
}

static fallible write_sysctls(struct launch *launch)
{
    return sysctl_apply(&launch->plan->sysctl);
}

static fallible make_cwd(struct launch *launch)
{
    return cwd_make(launch->plan->cwd, launch->inside->root);
}

static fallible cover_paths(struct launch *launch)
{
    return masked_paths_apply(&launch->plan->masked_paths, launch->inside->root);
}

static fallible open_terminal(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    struct inside *inside = launch->inside;
    struct terminal terminal = { -1, -1, 0 };

    try(terminal_open(&plan->terminal, plan->user.uid, inside->root, &terminal));
    if (plan->console.is_wanted)
        try(console_mount(terminal.slave, inside->root));
    inside->terminal = terminal.slave;
    return terminal_hand_over(&plan->terminal, &terminal);
}

static fallible finish_root(struct launch *launch)
{
    return rootfs_finish(&launch->plan->rootfs, launch->inside->root);
}

static fallible set_personality(struct launch *launch)
{
    return personality_apply(&launch->plan->personality);
}

static fallible use_terminal(struct launch *launch)
{
    return terminal_become_standard(&launch->inside->terminal);
}

static fallible set_apparmor_profile(struct launch *launch)
{
    return apparmor_apply(launch->plan->apparmor_profile);
}

static fallible set_selinux_label(struct launch *launch)
{
    return selinux_apply(launch->plan->selinux.process_label);
}

static fallible own_standard(struct launch *launch)
{
    return fds_own_standard(launch->plan->user.uid);
}

static fallible bound_capabilities(struct launch *launch)
{
    return capabilities_bound(&launch->plan->capabilities);
}

static fallible become_user(struct launch *launch)
{
    return user_apply(&launch->plan->user);
}

static fallible set_capabilities(struct launch *launch)
{
    return capabilities_apply(&launch->plan->capabilities);
}

static fallible gain_nothing(struct launch *launch)
{
    (void) launch;
    return no_new_privileges_set();
}

static fallible enter_cwd(struct launch *launch)
{
    return cwd_enter(launch->plan->cwd, launch->inside->root);
}

static fallible set_rlimits(struct launch *launch)
{
    return rlimits_set(&launch->plan->rlimits);
}

static fallible close_others(struct launch *launch)
{
    return fds_close_others(launch->plan->preserved_fds);
}

static fallible load_filter(struct launch *launch)
{
    return seccomp_apply(&launch->plan->seccomp, launch->channel);
}

static fallible enter_root(struct launch *launch)
{
    return pivot_enter(&launch->plan->rootfs, &launch->inside->root);
}

static fallible find_home(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    struct inside *inside = launch->inside;

    try(environment_find_home(inside->root, plan->user.uid, inside->home, sizeof(inside->home)));
    /* The one write to the plan: its page becomes init's own. */
    if (mprotect((void *) plan->kept, (size_t) (plan->kept_end - plan->kept),
                 PROT_READ | PROT_WRITE))
        return error_system("mprotect the environment");
    plan->environment.v[plan->environment.n] = inside->home;
    return OK;
}

static fallible find_executable(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    struct inside *inside = launch->inside;

    return executable_find(plan->args[0], plan->environment.path, inside->root, inside->path);
}

/* Silence after the farewell is success: the exec itself closes what is still open. */
static fallible take_leave(struct launch *launch)
{
    if (launch->spans)
        try(channel_send_spans(launch->channel, launch->spans, launch->span_count));
    return channel_send_farewell(launch->channel);
}

static fallible hang_up(struct launch *launch)
{
    try(take_leave(launch));
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
    STEP("start a session",                  NULL,                          NULL,                          start_session),
    STEP("join a session keyring",           NULL,                          has_keyring,                   join_keyring),
    STEP("bring up the loopback",            "linux.namespaces",            has_own_network,               bring_up_loopback),
    STEP("set the host name",                "hostname",                    has_names,                     set_names),
    STEP("open what is mounted",             "mounts",                      opens_early,                   open_early),
    STEP("isolate the mounts",               "linux.rootfsPropagation",     has_own_mounts,                isolate_mounts),
    STEP("attach the root",                  "root.path",                   has_own_mounts,                attach_root),
    STEP("enter the root",                   "root.path",                   lacks_create_hooks,            enter_root),
    STEP("mount",                            "mounts",                      has_mounts,                    mount_all),
    STEP("make devices",                     "linux.devices",               NULL,                          make_devices),
    STEP("write sysctls",                    "linux.sysctl",                has_sysctls,                   write_sysctls),
    STEP("make the working directory",       "process.cwd",                 has_process,                   make_cwd),
    MEET("mounts are in place",              has_create_hooks),
    MEET("hooks have run",                   has_create_hooks),
    STEP("run the createContainer hooks",    "hooks.createContainer",       has_create_container_hooks,    hooks_run_create_container),
    STEP("enter the root after hooks",       "root.path",                   has_create_hooks,              enter_root),
    STEP("mask and protect paths",           "linux.maskedPaths",           has_paths,                     cover_paths),
    STEP("open the terminal",                "process.terminal",            has_terminal,                  open_terminal),
    STEP("finish the root",                  "root.readonly",               has_own_root,                  finish_root),
    STEP("set the personality",              "linux.personality",           has_personality,               set_personality),
    STEP("set the AppArmor profile",         "process.apparmorProfile",     has_apparmor_profile,          set_apparmor_profile),
    STEP("set the SELinux label",            "process.selinuxLabel",        has_selinux_label,             set_selinux_label),
    MEET("the container is built",           awaits_host),
    MEET("init may confine itself",          meets_host),
    STEP("find the home directory",          "process.env",                 lacks_home,                    find_home),
    STEP("speak through the terminal",       "process.terminal",            has_terminal,                  use_terminal),
    STEP("own the standard descriptors",     NULL,                          has_process,                   own_standard),
    STEP("load the seccomp filter early",    "linux.seccomp",               filters_early,                 load_filter),
    STEP("drop from the bounding set",       "process.capabilities",        has_process,                   bound_capabilities),
    STEP("become the user",                  "process.user",                has_process,                   become_user),
    STEP("set capabilities",                 "process.capabilities",        has_process,                   set_capabilities),
    STEP("gain no new privileges",           "process.noNewPrivileges",     gains_nothing,                 gain_nothing),
    STEP("enter the working directory",      "process.cwd",                 has_process,                   enter_cwd),
    STEP("find the executable",              "process.args",                has_process,                   find_executable),
    STEP("close other files",                NULL,                          NULL,                          close_others),
    STEP("forget the rest of the plan",      NULL,                          waits_for_start,               forget_plan),
    STEP("load the seccomp filter",          "linux.seccomp",               filters_late,                  load_filter),
    STEP("hang up",                          NULL,                          waits_for_start,               hang_up),
    STEP("wait for start",                   NULL,                          waits_for_start,               wait_for_start),
    STEP("run the startContainer hooks",     "hooks.startContainer",        has_start_container_hooks,     hooks_run_start_container),
    STEP("set rlimits",                      "process.rlimits",             has_rlimits,                   set_rlimits),
    STEP("take leave",                       NULL,                          NULL,                          take_leave),
    {},
};
/* clang-format on */
