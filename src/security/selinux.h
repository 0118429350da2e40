/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct arena;
struct oci_config;

/* process.selinuxLabel (config.md#linux-process) and linux.mountLabel (config-linux.md): each NULL
 * when absent or empty, else as the kernel spells it. */
struct selinux_plan {
    const char *process_label; /* of the process from the exec on, and of its session keyring */
    const char *mount_label;   /* of the files of new mounts */
};

/* A label where SELinux is not in force is ERROR_UNSUPPORTED, one that the loaded policy does not
 * know is ERROR_CONFIG. */
fallible selinux_plan(const struct oci_config *config, struct arena *arena,
                      struct selinux_plan *plan);

/* Inside: the caller has the label from its next execve(2) on; read back (R12). */
fallible selinux_apply(const char *label);
