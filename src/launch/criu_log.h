/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* The last errors that the text of a log of criu tells, one behind the other, without their times
 * and places; "" when there is none. */
void criu_log_find(const char *log, char *words, size_t size);

/* The same words without the phrases that engines sort failures by, which are not criu's to say, on
 * one line; TEXT is cut to SIZE - 1. */
void criu_log_reword(const char *words, char *text, size_t size);
