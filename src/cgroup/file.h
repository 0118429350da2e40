/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The control files of a cgroup, by its directory.  Errors are ERROR_CGROUP with the errno. */

enum { CGROUP_FILE_SIZE = 32768 }; /* for files with a line for each of many disks */

/* Whether the cgroup has been removed, also since the file was opened; then the error, which may be
 * OK, is forgotten. */
bool cgroup_file_is_gone(struct error *error);

/* Reads all of it, at most SIZE - 2 bytes, NUL-terminated.  EFBIG if it is longer: a part would say
 * of what is behind it that it is not there. */
fallible cgroup_file_read(int directory, const char *file, char *text, size_t size);

/* Reads its first bytes, SIZE - 1 at most, NUL-terminated. */
fallible cgroup_file_read_start(int directory, const char *file, char *text, size_t size);

/* The number that the file begins with; "max" is UINT64_MAX, and so is anything else.  OTHERWISE if
 * there is no such file. */
fallible cgroup_file_read_number(int directory, const char *file, uint64_t otherwise,
                                 uint64_t *number);

/* Whether it can be opened to write the text; writes nothing. */
fallible cgroup_file_check(int directory, const char *file, const char *text);

/* Writes the text in one write(2). */
fallible cgroup_file_write(int directory, const char *file, const char *text);

struct cgroup_events {
    bool is_populated; /* there are processes in it or below */
    bool is_frozen;
};

/* cgroup.events, as it is now, and by an open descriptor of it. */
fallible cgroup_file_read_events(int directory, struct cgroup_events *events);
fallible cgroup_file_parse_events(int file, struct cgroup_events *events);
