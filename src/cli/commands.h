/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/command.h"

/* The records of all commands, each in the file of its name. */
extern const struct command run_command;
extern const struct command create_command;
extern const struct command start_command;
extern const struct command exec_command;
extern const struct command state_command;
extern const struct command kill_command;
extern const struct command pause_command;
extern const struct command resume_command;
extern const struct command update_command;
extern const struct command checkpoint_command;
extern const struct command restore_command;
extern const struct command ps_command;
extern const struct command wait_command;
extern const struct command events_command;
extern const struct command stats_command;
extern const struct command mounts_command;
extern const struct command delete_command;
extern const struct command gc_command;
extern const struct command list_command;
extern const struct command spec_command;
extern const struct command features_command;
extern const struct command check_command;
extern const struct command explain_command;
extern const struct command version_command;
extern const struct command help_command;
