/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct arena;
struct fd_file;
struct oci_schema;

/* A JSON document that a user has written: config.json, or what `exec --process` and `update
 * --resources` name.  It is read once: what is checked and what is used are the same bytes,
 * whatever happens to the file. */
struct document {
    const char *name;   /* as messages call it: "bundle/config.json" */
    const char *prefix; /* of fields in errors that its own paths lack: "process."; else "" */
    const char *json;
    size_t length;
    size_t added; /* bytes at the beginning of its first line that the file does not have */
};

/* Reads FILE, relative to DIRECTORY, into a document that has its name already.  ERROR_BUNDLE: it
 * is not there, no regular file, or larger than 16 MiB. */
fallible document_read(int directory, const char *file, struct arena *arena,
                       struct document *document);

/* The same from what is open, to its end: of any kind, as standard input. */
fallible document_read_from(const struct fd_file *file, struct arena *arena,
                            struct document *document);

/* Decodes it.  ERROR_SYNTAX as "FILE:LINE:COL: json.path: reason". */
fallible document_decode(const struct document *document, const struct oci_schema *schema,
                         struct arena *arena, const void **object);

/* Puts "FILE:LINE:COL: field: " in front of an error that names a field of it and has no place yet
 * (the field only where the text does not say it); passes everything else through. */
fallible document_place(const struct document *document, struct error *error);
