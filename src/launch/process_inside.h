/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct launch;

/* The rows that init's storyboard and that of exec share, inside the container; the feature that
 * each calls says what it does. */
fallible process_start_session(struct launch *launch);
fallible process_join_keyring(struct launch *launch);
fallible process_open_terminal(struct launch *launch);
fallible process_take_final_cpus(struct launch *launch);
fallible process_set_personality(struct launch *launch);
fallible process_set_memory_policy(struct launch *launch);
fallible process_use_terminal(struct launch *launch);
fallible process_set_apparmor_profile(struct launch *launch);
fallible process_set_selinux_label(struct launch *launch);
fallible process_own_standard(struct launch *launch);
fallible process_bound_capabilities(struct launch *launch);
fallible process_become_user(struct launch *launch);
fallible process_set_capabilities(struct launch *launch);
fallible process_gain_nothing(struct launch *launch);
fallible process_read_back(struct launch *launch);
fallible process_enter_cwd(struct launch *launch);
fallible process_set_rlimits(struct launch *launch);
fallible process_close_others(struct launch *launch);
fallible process_load_filter(struct launch *launch);
fallible process_find_home(struct launch *launch);
fallible process_say_pid(struct launch *launch);
fallible process_find_executable(struct launch *launch);
fallible process_take_leave(struct launch *launch);
