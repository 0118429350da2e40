/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct arena;

/* Where what is open lies, as the kernel tells it now (proc(5), /proc/pid/fd/), in the arena. */
fallible fd_path(int fd, struct arena *arena, const char **path);
