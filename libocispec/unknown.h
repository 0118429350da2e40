/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/schema.h"

/* A member that a document has and the tables do not know. */
struct oci_unknown {
    const char *path;                /* of the member, cut to what struct oci_problem holds */
    const char *name;                /* as it is in the document (arena) */
    const struct oci_schema *object; /* that of the object that has it: what is known there */
};

/* Who is told of them; false: he wants to hear of no more. */
struct oci_unknown_hearer {
    bool (*hear)(const struct oci_unknown *unknown, void *context);
    void *context;
};

/*
 * Goes through a document that decodes, for the members that decoding skips, in their order.  These
 * are left out: the contents of maps and of what is unknown itself; names that nobody has written
 * by mistake, with a dot in them or "x-" in front; and, in config.json, the sections of other
 * platforms.  False: the arena is full.
 */
bool oci_find_unknown(const struct oci_schema *schema, struct arena *arena, const char *json,
                      size_t length, const struct oci_unknown_hearer *hearer);
