/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "cli/launch_options.h"

/* Makes a container whose process runs at once.  Without --detach the command then waits for its
 * end, with what the terminal and signals bring, and deletes the container unless it KEEPS that.
 * --dry-run only prints the plan. */
fallible play_to_end(struct launch_call *call, struct invocation *invocation, bool keeps);
