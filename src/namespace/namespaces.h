/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct oci_linux;

/* linux.namespaces (config-linux.md#namespaces). */

enum { NAMESPACE_TYPES = 8 };

/* One to be joined. */
struct namespace_join {
    uint64_t flag;  /* CLONE_NEW* */
    uint32_t index; /* in linux.namespaces */
    const char *path;
    int fd; /* of the namespace, the plan's */
};

struct namespaces_plan {
    uint64_t created; /* CLONE_NEW* of those that are new */
    uint64_t own;     /* of those that are not the caller's: new, or joined */
    struct namespace_join joined[NAMESPACE_TYPES];
    uint32_t joined_count;
};

/*
 * Checks the list (LINUX may be NULL: nothing is new) and opens what is to be joined: a path must
 * be absolute and lead to a namespace of the type (NS_GET_NSTYPE, ioctl_ns(2)).  A type twice is
 * ERROR_CONFIG.  A path to a namespace that the caller is in already says the same as no entry.
 * The mount namespace of process 1 is ERROR_UNSUPPORTED.
 */
fallible namespaces_plan(const struct oci_linux *linux_, struct namespaces_plan *plan);

/* exec: which of process PID's namespaces are not the caller's, as CLONE_NEW* flags.  PROC is a
 * procfs on which the pid counts (os/proc.h). */
fallible namespaces_find_own(int proc, pid_t pid, uint64_t *own);

/* Lists what of the plan's own is there by a path, and opens nothing: for a container that has
 * joined it already. */
void namespaces_list_joined(const struct oci_linux *linux_, struct namespaces_plan *plan);

/* Closes what is open; may be called again. */
void namespaces_close(struct namespaces_plan *plan);

/* Inside, in the bridge: joins all of them (setns(2)) and closes their descriptors.  What may be
 * joined only with the rights that the joined user namespace gives is joined behind that; the mount
 * namespace, which changes what every path means, comes last of its kind. */
fallible namespaces_join(const struct namespaces_plan *plan);

/* The word of the specification for one CLONE_NEW* flag: "mount"; NULL for anything else. */
const char *namespaces_name(uint64_t flag);

/* Likewise its file below /proc/PID/ns: "mnt". */
const char *namespaces_file(uint64_t flag);
