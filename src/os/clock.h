/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC, for deadlines and traces. */
uint64_t clock_now(void);
