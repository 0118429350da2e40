/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "base/error.h"

/* Where in a container's cgroup another process of it belongs (exec).  What is below that cgroup
 * may have been made by the container: nothing there can lead out of it. */

/* Opens PATH ("web", "/web/workers"), of --cgroup, below the open CGROUP; "/" is that itself.
 * ERROR_CGROUP: it is not there, or no name of a cgroup (cgroup/path.h). */
fallible join_below(int cgroup, const char *path, int *directory);

/* Opens the cgroup that process PID is in, which must be CGROUP, whose path from the mount is
 * CGROUP_PATH, or below it.  ERROR_CGROUP otherwise. */
fallible join_beside(int cgroup, const char *cgroup_path, pid_t pid, int *directory);
