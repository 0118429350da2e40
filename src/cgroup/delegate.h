/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct oci_config;
struct oci_string_array;

/* Ownership of the container's cgroup (config-linux.md#cgroup-ownership): whether the container can
 * reach it to write, by a mount of type cgroup on /sys/fs/cgroup that is not "ro".  A cgroup
 * namespace of its own is the caller's to know. */
bool delegate_is_wanted(const struct oci_config *config);

/* Gives to the user UID, as the host knows him, the directory and those files in it that the kernel
 * lists (/sys/kernel/cgroup/delegate), else cgroup.procs, cgroup.subtree_control and
 * cgroup.threads.  Files that are not there are passed over.  Without the right to, a warning. */
fallible delegate_give(int directory, uid_t uid);

/* Who owns these now, each as "file uid", the directory as ". uid"; and gives them back, where what
 * cannot be done is a warning. */
fallible delegate_note(int directory, struct arena *arena, struct oci_string_array *owners);
void delegate_restore(int directory, const struct oci_string_array *owners);
