/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct mounts_plan;

/* /dev/console (config-linux.md#default-devices): the container's terminal, if it has one. */
struct console_plan {
    bool is_wanted;
};

/* For a container with a terminal.  Refuses mounts that put no devpts on /dev/pts for sure: there
 * the terminal comes from (a bind may bring one; init looks).  None is wanted on a /dev whose
 * mounts the host would see. */
fallible console_plan(const struct mounts_plan *mounts, struct console_plan *plan);

/* Inside: mounts the terminal SLAVE on /dev/console below ROOT, which is made if it is missing, and
 * must not be a symbolic link or a directory (R6).  Checks that it is on top. */
fallible console_mount(int slave, int root);
