/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct mount_entry;
struct mount_plan;

/*
 * The options of a new filesystem in a restored container, which criu has from the images (R21):
 * those that confine are as the config wants them.  They are size, nr_inodes and noswap of a tmpfs;
 * hidepid, subset and gid of proc; mode and ptmxmode of devpts.  What a tmpfs's root may do, whose
 * it is and what it is in SELinux are not asked: of those the container changes the first two.
 *
 * FOUND is the mount, FD (O_PATH) its root.  ERROR_BUNDLE.
 */
fallible restore_check_options(const struct mount_plan *mount, const struct mount_entry *found,
                               int fd);
