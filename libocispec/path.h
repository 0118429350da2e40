/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * JSON paths, "process.rlimits[1].soft", taken from the front.  Keys are as in the document, dots
 * and all, so only one who knows the keys can take a path apart: is this key, or index, the head?
 */

/* The rest behind the key and the dot that follows it; NULL if the path does not start so. */
const char *path_member(const char *path, const char *key, size_t length);

/* The rest behind "[N]" and the dot that follows it, and N; NULL if the path does not start so. */
const char *path_index(const char *path, uint32_t *index);
