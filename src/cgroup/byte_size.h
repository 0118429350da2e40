/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bytes as the kernel takes them (memparse()): a whole number, and K, M, G, T, P or E of 1024
 * behind it, in either case; or "max".  What is too much for OUT, and "max", is UINT64_MAX.  False
 * for anything else; then OUT is untouched. */
bool byte_size_parse(const char *text, uint64_t *out);

/* Bytes as users write them (RAMInBytes() of docker/go-units): a decimal number, perhaps a space,
 * and K, M, G, T, P or E of 1024, which "B" or "iB" may follow, or "B" alone: "1.5G", ".5 MiB",
 * "10b".  Exact, and cut to whole bytes; digits behind the 18th of a fraction do not count.  False
 * for anything else, and for more than INT64_MAX; then OUT is untouched. */
bool byte_size_parse_words(const char *text, int64_t *out);
