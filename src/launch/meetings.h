/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

struct plan;

/* Why the actors meet: both storyboards ask these, so that both skip a meeting or neither does. */

/* The host has something to do to a built container before it confines itself. */
bool meets_host(const struct plan *plan);
