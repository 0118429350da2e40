/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* The size at the beginning of the text, "2MB" or "2MB.max": a number without leading zeros, then
 * KB, MB or GB.  Gives what follows it, or NULL. */
const char *hugetlb_take_size(const char *text, uint64_t *kilobytes);
