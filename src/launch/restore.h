/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct launch;

/*
 * Rows of restore that look at what criu has made from images that are anybody's work (R21).  Of
 * what the config confines nothing may be missing.
 *
 * The first looks at the namespaces of init, before anything of the images is opened; the second,
 * while they stand still for the last time, at all processes and what is mounted.
 */
fallible restore_check_namespaces(struct launch *launch);
fallible restore_check_processes(struct launch *launch);

/* The part of the second that looks at mounts. */
fallible restore_check_mounts(struct launch *launch, int proc);
