/* SPDX-License-Identifier: Apache-2.0 */
/* The storyboard of exec, inside: what a process that comes into a container does to itself.  The
 * first two rows are played as the bridge is (bridge_inside.c); from the third on the process is
 * where the container's others can see it, and holds nothing of the host any more. */

#include "launch/bridge.h"
#include "launch/inside.h"
#include "launch/plan.h"
#include "launch/process_inside.h"
#include "launch/reasons.h"
#include "launch/step.h"
#include "os/mount_api.h"

static fallible open_root(struct launch *launch)
{
    return mount_open_root(&launch->inside->root);
}

/* One row a line. */
/* clang-format off */
const struct step exec_inside_steps[] = {
    STEP("run on the final CPUs",            "process.execCPUAffinity.final", has_final_cpus,              process_take_final_cpus),
    STEP("enter the container",              NULL,                          NULL,                          bridge_enter),
    STEP("be born in the pid namespace",     NULL,                          has_bridge,                    bridge_bear),
    STEP("start a session",                  NULL,                          NULL,                          process_start_session),
    STEP("join a session keyring",           NULL,                          has_keyring,                   process_join_keyring),
    STEP("open the root",                    NULL,                          NULL,                          open_root),
    STEP("open the terminal",                "process.terminal",            has_terminal,                  process_open_terminal),
    STEP("set the personality",              "linux.personality",           has_personality,               process_set_personality),
    STEP("set the memory policy",            "linux.memoryPolicy",          has_memory_policy,             process_set_memory_policy),
    STEP("set the AppArmor profile",         "process.apparmorProfile",     has_apparmor_profile,          process_set_apparmor_profile),
    STEP("set the SELinux label",            "process.selinuxLabel",        has_selinux_label,             process_set_selinux_label),
    MEET("the process has come in",          meets_host),
    MEET("it may confine itself",            meets_host),
    STEP("find the home directory",          "process.env",                 lacks_home,                    process_find_home),
    STEP("say its number to itself",         NULL,                          listens,                       process_say_pid),
    STEP("speak through the terminal",       "process.terminal",            has_terminal,                  process_use_terminal),
    STEP("own the standard descriptors",     NULL,                          NULL,                          process_own_standard),
    STEP("load the seccomp filter early",    "linux.seccomp",               filters_early,                 process_load_filter),
    STEP("drop from the bounding set",       "process.capabilities",        NULL,                          process_bound_capabilities),
    STEP("become the user",                  "process.user",                NULL,                          process_become_user),
    STEP("set capabilities",                 "process.capabilities",        NULL,                          process_set_capabilities),
    STEP("gain no new privileges",           "process.noNewPrivileges",     gains_nothing,                 process_gain_nothing),
    STEP("read back who it is",              NULL,                          NULL,                          process_read_back),
    STEP("enter the working directory",      "process.cwd",                 NULL,                          process_enter_cwd),
    STEP("find the executable",              "process.args",                NULL,                          process_find_executable),
    STEP("close other files",                NULL,                          NULL,                          process_close_others),
    STEP("load the seccomp filter",          "linux.seccomp",               filters_late,                  process_load_filter),
    STEP("set rlimits",                      "process.rlimits",             has_rlimits,                   process_set_rlimits),
    STEP("take leave",                       NULL,                          NULL,                          process_take_leave),
    {},
};
/* clang-format on */
