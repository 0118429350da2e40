/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct arena;
struct launch_request;

/* Sockets that whoever started us has opened for the container (sd_listen_fds(3)): descriptors from
 * 3 on, as many as LISTEN_FDS says, if LISTEN_PID is our own.  ERROR_USAGE if it then says no
 * number, or one above MOST.  They are passed on in front of those of --preserve-fds. */
fallible listen_fds_count(uint32_t most, uint32_t *count);

/* Tells the process of them, by variables in a copy of the request's config.  LISTEN_PID is 1
 * there: where the process will have another number, it says that itself (environment.h). */
fallible listen_fds_announce(uint32_t count, struct arena *arena, struct launch_request *request);
