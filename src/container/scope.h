/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct arena;
struct container;
struct device_rules_plan;
struct limits_plan;
struct oci_config;
struct oci_string_array;
struct record;
struct scope;
struct store;

/* The unit of systemd that the record names (cgroup/scope.h). */
fallible container_find_scope(const struct store *store, const struct record *record,
                              struct arena *arena, struct scope *scope);

/* What update changes, for a container whose cgroup systemd has made; for any other nothing is
 * done. */
struct scope_update {
    const struct container *container;
    const struct oci_config *config; /* the container's own */
    int cgroup;                      /* the container's; its files are written first */
    const struct limits_plan *limits;
    const struct device_rules_plan *devices; /* NULL: they stay */
};

/* Whether the scope could be changed. */
fallible update_scope_check(const struct scope_update *update);

/* Changes its properties: all but the limits on memory, or, at last, those alone. */
fallible update_scope_set(const struct scope_update *update, bool is_last);

/* Gives them back what the files held, BEFORE ("file text", cgroup/before.h).  Whose devices an
 * earlier update has changed allows all of them: nobody knows the list any more, but our own
 * program, which holds.  What systemd refuses is a warning. */
void update_scope_undo(const struct scope_update *update, const struct oci_string_array *before);
