/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* What cgroup_signal_all() does with SIGKILL where there is no cgroup.kill (before Linux 5.14), and
 * cgroup_kill() where that would do harm: freezes the cgroup, so that nothing is born, kills each
 * process, and thaws. */
fallible cgroup_kill_each(int directory);
