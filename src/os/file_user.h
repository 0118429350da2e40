/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;

/*
 * What somebody else could open, asked of the kernel in his place: so the mode counts, and access
 * lists (acl(5)), ids that a mount maps, and what a filesystem asks for itself.  For that moment
 * the caller is he, as far as files go (credentials(7), "filesystem user ID").  Host only.
 */
struct file_user {
    uid_t uid;
    gid_t gid;
    const gid_t *groups; /* supplementary ones */
    size_t group_count;
    uint64_t capabilities; /* effective ones, of those that the caller has */
};

/* What the caller returns to: asked once, in ARENA, before the questions. */
struct file_user_own {
    uint64_t capabilities;
    const gid_t *groups;
    size_t group_count;
};
fallible file_user_note_own(struct arena *arena, struct file_user_own *own);

/* Whether he could open what FD (O_PATH) refers to for ACCESS, R_OK, W_OK or X_OK, or several
 * together (access(2)).  Files of procfs are opened for the first two. */
fallible file_user_ask(const struct file_user *user, const struct file_user_own *own, int fd,
                       int access, bool *is_allowed);

/* Whether no directory on the way to PATH below ROOT stops him; what is not there stops nobody. */
fallible file_user_look(const struct file_user *user, const struct file_user_own *own, int root,
                        const char *path, bool *is_allowed);
