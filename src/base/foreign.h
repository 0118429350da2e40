/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* WORDS of another program, in one line, without the phrases by which engines know failures that
 * they are not.  What has no room in TEXT of SIZE bytes is cut off. */
void foreign_reword(const char *words, char *text, size_t size);
