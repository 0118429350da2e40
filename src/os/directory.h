/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdalign.h>
#include <stddef.h>

#include "base/error.h"

/* The names in a directory, read without an allocator (getdents64(2)). */

enum { DIRECTORY_BUFFER_SIZE = 2048 };

struct directory {
    int fd;
    size_t at, end; /* of what is still to give, in the buffer */
    alignas(8) char buffer[DIRECTORY_BUFFER_SIZE];
};

struct directory_entry {
    const char *name;   /* valid until the next call */
    unsigned char type; /* DT_DIR, DT_REG, ...; DT_UNKNOWN on some filesystems */
};

/* Starts at the first entry.  FD stays the caller's; its file offset is moved. */
fallible directory_begin(int fd, struct directory *directory);

/* Gives the next one but "." and ".."; its NAME is NULL at the end. */
fallible directory_next(struct directory *directory, struct directory_entry *entry);

/* Removes NAME of PARENT: a file, or a directory with all that is in it, however deep; nobody else
 * may change it meanwhile.  OK if it is not there. */
fallible directory_remove(int parent, const char *name);
