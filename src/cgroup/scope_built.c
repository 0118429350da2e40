/* SPDX-License-Identifier: Apache-2.0 */
/* linux.cgroupsPath with the systemd driver: a build with libsystemd, and so with our program
 * `scope`. */

#include "cgroup/scope.h"

const bool scope_is_built = true;
