/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* The words for errors; part of `tare` alone, never of init. */

/* The stable name of a code, as in the manual: "E-CONFIG". */
const char *error_code_name(enum error_code code);

/* "openat"; empty for CALL_NONE. */
const char *error_call_name(enum error_call call);

/* "EPERM", until the next call; empty where there is none. */
const char *error_number_symbol(int number);

/* The errno of that symbol, whatever its case; 0 for any other word. */
int error_symbol_number(const char *symbol);

/* Lower-case words with the symbol: "not permitted (EPERM)".  Never the phrases that engines sort
 * by ("permission denied", "no such file or directory"): those are the user's executable's. */
const char *error_number_words(int number);

/* Writes the whole line, errno words included, and returns its length (cut to SIZE - 1). */
size_t error_print(const struct error *error, char *line, size_t size);

/* The same line, until the next call: for a warning. */
const char *error_line(const struct error *error);

/* The exit status a failed start or command ends with: 127 and 126 for the executable, 64 for
 * usage, 1 for a container that is not there or in the wrong state, otherwise OTHERWISE. */
int error_status(const struct error *error, int otherwise);
