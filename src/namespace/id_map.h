/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct oci_idmap_array;

/* linux.uidMappings and linux.gidMappings (config-linux.md#user-namespace-mappings,
 * user_namespaces(7)): SIZE ids from INSIDE on in the container are those from OUTSIDE on to us. */
struct id_mapping {
    uint32_t inside, outside, size;
};
struct id_map {
    struct id_mapping *v;
    uint32_t n;
    const char *text; /* as /proc/PID/uid_map takes it: one line each */
};

enum { ID_MAPPINGS = 340 }; /* as many as the kernel takes (UID_GID_MAP_MAX_EXTENTS) */

/* Checks the mappings of FIELD ("linux.uidMappings"): sizes above zero, no id above 4294967294, no
 * id twice on either side, at most ID_MAPPINGS, and in all less than a page of text.  ERROR_CONFIG.
 */
fallible id_map_plan(const char *field, const struct oci_idmap_array *mappings, struct arena *arena,
                     struct id_map *map);

/* What an id of the container is to us; false if it is not mapped. */
bool id_map_find(const struct id_map *map, uint32_t inside, uint32_t *outside);

/* Reads the text of a map of ours or of another process (at most ID_MAPPINGS lines) as /proc shows
 * it; the map's text stays NULL.  ERROR_SYSTEM for anything else. */
fallible id_map_parse(const char *text, struct arena *arena, struct id_map *map);

/* Whether two maps map the same ids in the same way, however they are cut and ordered. */
bool id_map_is_same(const struct id_map *a, const struct id_map *b);
