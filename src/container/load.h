/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "container/document.h"

struct arena;
struct oci_config;

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
