/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct arena;

/*
 * Where containers are remembered: one directory a container, 0700, named by its id, in the state
 * directory (R22).  Opened once; everything is reached by descriptor.
 */
struct store {
    int directory;
    const char *path;
    int patience; /* milliseconds for which a lock is waited for; store_open() says 30 s, or
                   * what is left until the deadline */
};

struct entry {
    int directory;  /* of the container */
    bool is_locked; /* by an exclusive flock(2) on it, until entry_unlock() or entry_close() */
    const char *id;
    const char *retired; /* the directory's name, if that is not the id: store_retire() */
};

/* Opens the state directory: ROOT (--root), or the default for this user.  Made (0700) if
 * IS_NEEDED; else, when it is not there, DIRECTORY is -1 and every id is unknown. */
fallible store_open(const char *root, bool is_needed, struct arena *arena, struct store *store);
void store_close(struct store *store);

/* [A-Za-z0-9][A-Za-z0-9_+.-]*, at most 128 bytes: ERROR_ID. */
fallible store_check_id(const char *id);

/* Makes the directory of a new container, locked; ERROR_EXISTS when the id is taken.  It may be
 * another's who was faster, until entry_begin(). */
fallible store_claim(const struct store *store, const char *id, struct entry *entry);

/* Opens and locks the directory of a container; ERROR_UNKNOWN, with the words engines know:
 * container "ID" does not exist.  Held by another command for too long: ERROR_TIMEOUT, which names
 * the process if that is known. */
fallible store_find(const struct store *store, const char *id, struct entry *entry);

/* The same without the lock, to read alone: what is there may change at any moment. */
fallible store_peek(const struct store *store, const char *id, struct entry *entry);

/* The ids of all containers, sorted, in the arena. */
fallible store_list(const struct store *store, struct arena *arena, const char *const **ids,
                    unsigned *count);

/* Removes the directory and all in it, so that the id is free; the entry stays to be closed. */
fallible store_remove(const struct store *store, struct entry *entry);

/* Frees the id of a container that is gone, but for its poststop hooks: the directory gets a name
 * that is no id, and keeps the record until store_remove(), so that who comes after a kill can run
 * them. */
fallible store_retire(const struct store *store, struct entry *entry, struct arena *arena);

/* The names that store_retire() gave, as store_list() gives ids.  ID: of this alone; NULL: all. */
fallible store_list_retired(const struct store *store, const char *id, struct arena *arena,
                            const char *const **names, unsigned *count);

/* Opens and locks such a directory, as store_find() does; the id is in the arena. */
fallible store_find_retired(const struct store *store, const char *name, struct arena *arena,
                            struct entry *entry);

/* Lets others have the container, which can still be read and written. */
void entry_unlock(struct entry *entry);
void entry_close(struct entry *entry);

/* Whether what is in the directory is still there after a reboot: all but tmpfs(5) and ramfs. */
fallible entry_outlives_boot(const struct entry *entry, bool *outlives);

/* ERROR_EXISTS: what is said when the id is taken. */
fallible entry_exists(const char *id);

/* A container's first file and its last: whoever made it has the id. */
#define CONFIG_COPY "config.json"

/* Makes that file (0600) of what store_claim() gave; ERROR_EXISTS, with nothing changed, when the
 * directory is another's after all. */
fallible entry_begin(const struct entry *entry, const void *bytes, unsigned long length);

/* Writes a file of the container atomically (a temporary name, then rename; 0600), reads one (owned
 * by us, a regular file, at most MOST bytes). */
fallible entry_write(const struct entry *entry, const char *name, const void *bytes,
                     unsigned long length);
struct entry_text {
    const char *text; /* in the arena, with a NUL behind */
    size_t length;
};
fallible entry_read(const struct entry *entry, const char *name, unsigned long most,
                    struct arena *arena, struct entry_text *out);
