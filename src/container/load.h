/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "container/document.h"

struct arena;
struct oci_config;
struct spec_wish;

/* A bundle, opened and read (bundle.md): nothing of it is read twice. */
struct bundle {
    int directory;
    const char *path;         /* absolute */
    struct document document; /* config.json */
    const struct oci_config *config;
};

/* Opens the bundle PATH (NULL: the current directory) and decodes its config.json, or CONFIG_FILE
 * in its place (--config; relative to the bundle).  ERROR_BUNDLE, or ERROR_SYNTAX as
 * "FILE:LINE:COL: json.path: reason". */
fallible bundle_open(const char *path, const char *config_file, struct arena *arena,
                     struct bundle *bundle);

/* The same for a root filesystem without a bundle: that directory stands for the bundle, and the
 * config is the one of spec.h for WISH with its absolute path, to be run as it is by who we are: a
 * plain user's if we are one, and with the seccomp profile. */
fallible bundle_improvise(const char *rootfs, const struct spec_wish *wish, struct arena *arena,
                          struct bundle *bundle);
