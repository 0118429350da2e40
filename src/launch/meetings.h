/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

struct plan;

/* What both storyboards ask: both skip a meeting, or the halves of a step, or neither does. */

/* There is something to mount; init waits for `start`. */
bool has_mounts(const struct plan *plan);
bool waits_for_start(const struct plan *plan);

/* The host has something to do to a built container before it confines itself. */
bool meets_host(const struct plan *plan);
