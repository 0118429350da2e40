/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * The options of cgroup version 2 (nsdelegate, memory_recursiveprot: cgroups(7)), which hold for
 * the whole hierarchy.  Whoever mounts it once more in the first cgroup namespace resets them
 * (kernel: apply_cgroup_root_flags), as criu does for its own view.  Host only.
 */
struct cgroup_options {
    char place[256]; /* where it is mounted; "" where nothing was noted */
    char words[128]; /* "rw,nsdelegate" */
};

/* Notes those in force. */
fallible cgroup_options_note(struct cgroup_options *options);

/* Sets those that have been noted and are not in force any more, once; warns where it cannot. */
void cgroup_options_put_back(struct cgroup_options *options);
