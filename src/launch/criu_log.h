/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* The last errors that the text of a log of criu tells, one behind the other, without their times
 * and places; "" when there is none. */
void criu_log_find(const char *log, char *words, size_t size);
