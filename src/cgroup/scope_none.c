/* SPDX-License-Identifier: Apache-2.0 */
/* linux.cgroupsPath with the systemd driver: a build without libsystemd. */

#include "cgroup/scope.h"

const bool scope_is_built = false;
