/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bytes as the kernel takes them (memparse()): a whole number, and K, M, G, T, P or E of 1024
 * behind it, in either case; or "max".  What is too much for OUT, and "max", is UINT64_MAX.  False
 * for anything else; then OUT is untouched. */
bool byte_size_parse(const char *text, uint64_t *out);
