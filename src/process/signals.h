/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"

/* A signal from text: "TERM", "SIGTERM", "term", "15", "RTMIN+3", "SIGRTMAX-1"; 1 to 64.
 * Anything else is ERROR_USAGE, with what may have been meant. */
fallible signals_parse(const char *text, int *signal);

/* Inside: gives the signals of the mask IGNORED (bit N-1 for signal N) their default action again,
 * and blocks no signal. */
fallible signals_reset(uint64_t ignored);
