/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said to tare: the commands, and the options before them. */

#include "cli/commands.h"

// clang-format off
const struct command *const commands[] = {
    &run_command,
    &create_command,
    &start_command,
    &exec_command,
    &state_command,
    &kill_command,
    &pause_command,
    &resume_command,
    &update_command,
    &checkpoint_command,
    &restore_command,
    &ps_command,
    &wait_command,
    &mounts_command,
    &events_command,
    &stats_command,
    &delete_command,
    &gc_command,
    &list_command,
    &spec_command,
    &features_command,
    &check_command,
    &explain_command,
    &version_command,
    &help_command,
    NULL,
};

struct global_options global_options;

const struct option global_option_table[] = {
    OPTION_VALUE(0, "root", "DIR", &global_options.root,
                 "keep the state of containers in DIR"),
    OPTION_VALUE(0, "log", "FILE", &global_options.log,
                 "write messages to FILE, too (also journald:NAME, syslog:NAME)"),
    OPTION_VALUE(0, "log-format", "FORMAT", &global_options.log_format,
                 "format of the log: text or json"),
    OPTION_VALUE(0, "log-level", "LEVEL", &global_options.log_level,
                 "least level of messages: error, warn, info or debug"),
    OPTION_FLAG(0, "debug", &global_options.is_debug,
                "the same as --log-level debug"),
    OPTION_VALUE(0, "timeout", "TIME", &global_options.timeout,
                 "give up what is not done after TIME: 500ms, 5s, 1m30s"),
    OPTION_VALUE(0, "cgroup-manager", "NAME", &global_options.cgroup_manager,
                 "who makes cgroups: cgroupfs, systemd or disabled"),
    OPTION_FLAG(0, "systemd-cgroup", &global_options.is_systemd_cgroup,
                "let systemd make cgroups: cgroupsPath is slice:prefix:name"),
    OPTION_VALUE(0, "rootless", "WORD", &global_options.rootless,
                 "without effect, for engines: true, false or auto"),
    OPTION_FLAG('v', "version", &global_options.is_version,
                "print the version"),
    OPTION_FLAG('V', "version", &global_options.is_version,
                NULL), /* crun's */
    {},
};
// clang-format on
