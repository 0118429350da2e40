/* SPDX-License-Identifier: Apache-2.0 */
/* What a process of a container does to itself, be it init or one that comes later (exec): the rows
 * that both storyboards have.  Each is one call of a feature, with what the plan says. */

#include "launch/process_inside.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "launch/inside.h"
#include "launch/plan.h"
#include "launch/reasons.h"
#include "launch/step.h"
#include "os/dumpable.h"
#include "os/fd_left.h"
#include "os/proc.h"
#include "process/cwd.h"
#include "process/fds.h"
#include "process/keyring.h"
#include "rootfs/console.h"
#include "security/apparmor.h"
#include "security/no_new_privileges.h"
#include "security/seccomp.h"
#include "security/selinux.h"

enum { STATUS_SIZE = 4096 };

fallible process_start_session(struct launch *launch)
{
    (void) launch;
    return setsid() < 0 ? error_system("setsid") : OK;
}

fallible process_join_keyring(struct launch *launch)
{
    bool is_kept;

    try(keyring_join(launch->plan->selinux.process_label, &is_kept));
    if (!is_kept)
        return OK;
    struct error *warning =
        error_new(ERROR_SYSTEM, "the session keyring stays the caller's, with its keys: a filter "
                                "refuses keyctl(2) (EPERM); --no-new-keyring asks for no other");
    struct error *error = channel_send_warning(launch->channel, warning);
    error_forget(warning);
    return error;
}

fallible process_open_terminal(struct launch *launch)
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

fallible process_set_personality(struct launch *launch)
{
    return personality_apply(&launch->plan->personality);
}

fallible process_take_final_cpus(struct launch *launch)
{
    return cpu_affinity_apply(launch->plan->cpu_affinity.final);
}

fallible process_set_memory_policy(struct launch *launch)
{
    return memory_policy_apply(launch->plan->memory_policy);
}

fallible process_use_terminal(struct launch *launch)
{
    return terminal_become_standard(&launch->inside->terminal);
}

fallible process_set_apparmor_profile(struct launch *launch)
{
    return apparmor_apply(launch->plan->apparmor_profile);
}

fallible process_set_selinux_label(struct launch *launch)
{
    return selinux_apply(launch->plan->selinux.process_label);
}

fallible process_own_standard(struct launch *launch)
{
    return fds_own_standard(launch->plan->user.uid);
}

fallible process_bound_capabilities(struct launch *launch)
{
    return capabilities_bound(&launch->plan->capabilities);
}

/* From here on it may have no more rights than others of its user have, and still holds what lies
 * below masks.  Its exec closes that before it can be traced again. */
fallible process_become_user(struct launch *launch)
{
    try(user_apply(&launch->plan->user, &launch->inside->keeps_groups));
    return dumpable_hide();
}

fallible process_set_capabilities(struct launch *launch)
{
    return capabilities_apply(&launch->plan->capabilities);
}

fallible process_gain_nothing(struct launch *launch)
{
    (void) launch;
    return no_new_privileges_set();
}

/* All of it stands in one file; a container without a procfs has other ways. */
fallible process_read_back(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    char text[STATUS_SIZE];
    struct error *missing = proc_read_own("status", text, sizeof(text));
    const char *status = missing ? NULL : text;

    error_forget(missing);
    try(error_field(user_verify(&plan->user, launch->inside->keeps_groups, status),
                    "process.user"));
    try(error_field(capabilities_verify(&plan->capabilities, status), "process.capabilities"));
    if (gains_nothing(plan))
        try(error_field(no_new_privileges_verify(status), "process.noNewPrivileges"));
    return OK;
}

/* Without a process too: init must not wait in a directory that has been hidden by a mount. */
fallible process_enter_cwd(struct launch *launch)
{
    const char *cwd = launch->plan->cwd;

    return cwd_enter(cwd ? cwd : "/", launch->inside->root);
}

fallible process_set_rlimits(struct launch *launch)
{
    return rlimits_set(&launch->plan->rlimits);
}

/* Others may be here while init waits, and hooks are: behind a descriptor lies what is masked. */
fallible process_close_others(struct launch *launch)
{
    const struct plan *plan = launch->plan;

    proc_forget();
    if (waits_for_start(plan) || has_start_container_hooks(plan))
        fd_close_left();
    return fds_close_others(plan->preserved_fds);
}

fallible process_load_filter(struct launch *launch)
{
    return seccomp_apply(&launch->plan->seccomp, launch->channel);
}

/* The pages that are written to become init's own. */
static fallible unlock_environment(const struct plan *plan)
{
    if (mprotect((void *) plan->kept, (size_t) (plan->kept_end - plan->kept),
                 PROT_READ | PROT_WRITE))
        return error_system("mprotect the environment");
    return OK;
}

fallible process_find_home(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    struct inside *inside = launch->inside;

    try(environment_find_home(inside->root, plan->user.uid, inside->home, sizeof(inside->home)));
    try(unlock_environment(plan));
    plan->environment.v[plan->environment.n] = inside->home;
    return OK;
}

fallible process_say_pid(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    char *entry = launch->inside->listen_pid;

    try(unlock_environment(plan));
    text_format(entry, sizeof(launch->inside->listen_pid), "LISTEN_PID=%d", getpid());
    *plan->environment.pid = entry;
    return OK;
}

fallible process_find_executable(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    struct inside *inside = launch->inside;

    return executable_find(plan->args[0], plan->environment.path, inside->root, inside->path);
}

/* Silence after the farewell is success: the exec itself closes what is still open. */
fallible process_take_leave(struct launch *launch)
{
    if (launch->spans)
        try(channel_send_spans(launch->channel, launch->spans, launch->span_count));
    return channel_send_farewell(launch->channel);
}
