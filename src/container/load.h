/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct arena;
struct oci_config;

/* A bundle, opened and read (bundle.md): nothing of it is read twice. */
struct bundle {
    int directory;
    const char *path;        /* absolute */
    const char *config_name; /* as messages call it: "bundle/config.json" */
    const char *json;        /* the bytes of config.json */
    size_t length;
    const struct oci_config *config;
};

/* Opens the bundle PATH (NULL: the current directory) and decodes its config.json, or CONFIG_FILE
 * in its place (--config; relative to the bundle).  ERROR_BUNDLE, or ERROR_SYNTAX as
 * "FILE:LINE:COL: json.path: reason". */
fallible bundle_open(const char *path, const char *config_file, struct arena *arena,
                     struct bundle *bundle);
void bundle_close(struct bundle *bundle);

/* Puts "FILE:LINE:COL: field: " in front of an error that names a field and has no place yet (the
 * field only where the text does not say it); passes everything else through. */
fallible bundle_place(const struct bundle *bundle, struct error *error);
