/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct arena;

/* A plain user, who is to run the config himself. */
struct spec_user {
    uint32_t uid, gid;
};

/* What it is to be instead of the usual; all zero is what `tare spec` writes. */
struct spec_wish {
    const struct spec_user *user; /* or NULL: root's */
    const char *rootfs;           /* or NULL: "rootfs", in the bundle */
    const char *const *args;      /* NULL at the end; NULL or none: a shell */
    bool has_no_terminal;
    bool is_writable; /* the root filesystem */
    bool is_filtered; /* where tare is built with libseccomp: by a seccomp profile of its own */
};

/* A config, as JSON: a process in all new namespaces, with few rights, in a root filesystem that it
 * cannot change.  For a plain user it needs no right of his: his ids are root's in a user
 * namespace, the network is the host's, and nothing is limited.  The profile refuses what changes
 * the host, or has often been the way out of containers; all else is allowed. */
fallible spec_describe(const struct spec_wish *wish, struct arena *arena, const char **json);
