/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct oci_process;

/* process.cwd: absolute. */
fallible cwd_plan(const struct oci_process *process, const char **cwd);

/* Inside, as root: makes CWD and its parents (0755) below ROOT when it is missing; engines rely on
 * it.  ERROR_CWD in the words engines know. */
fallible cwd_make(const char *cwd, int root);

/* The error of cwd_make() for an errno, and of cwd_enter(). */
fallible cwd_refuse_making(const char *cwd, int number) NEVER_OK;
fallible cwd_refuse(const char *cwd, int number) NEVER_OK;

/* On the host: whether CWD is there below ROOT, or else, as far as can be known with nothing made,
 * whether cwd_make() could make it, in its words. */
fallible cwd_try(const char *cwd, int root, bool *is_there);

/* Inside, as the user of the process: enters CWD, and proves with getcwd(2) that it lies in the
 * container (R10), unless it is ROOT itself.  ERROR_CWD in the words engines know. */
fallible cwd_enter(const char *cwd, int root);
