/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct arena;

/* A plain user, who is to run the config himself. */
struct spec_user {
    uint32_t uid, gid;
};

/* The config that `tare spec` writes, as JSON: a shell in all new namespaces, with few rights, in a
 * root filesystem that it cannot change.  For a USER (else NULL) it needs no right of his: his ids
 * are root's in a user namespace, the network is the host's, and nothing is limited. */
fallible spec_describe(const struct spec_user *user, struct arena *arena, const char **json);
