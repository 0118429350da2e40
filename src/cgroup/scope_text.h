/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct arena;
struct device_rules_plan;
struct limit;
struct limits_plan;
struct oci_string_map;

/* A request to the program `scope` while it grows, in its lines (src/scope.c says which). */
struct scope_text {
    struct arena *arena;
    char *v; /* NUL-terminated; NULL: nothing yet */
    size_t length, room;
};

/* Appends formatted text (base/text.h). */
fallible scope_text_add(struct scope_text *text, const char *format, ...) PRINTF(2, 3);

/* Appends a property with one basic value. */
fallible scope_text_add_string(struct scope_text *text, const char *name, const char *value);
fallible scope_text_add_bool(struct scope_text *text, const char *name, bool value);
fallible scope_text_add_number(struct scope_text *text, const char *name, uint64_t value);

/*
 * The limits as properties (systemd.resource-control(5)), as far as there are any for them.  What
 * systemd can say only less strictly is so in the property: quotas are whole percents of a CPU,
 * rounded up, and TasksMax is at least 1.  The control files have the exact values, in a cgroup
 * below that of the scope.
 */
fallible scope_add_limits(const struct limits_plan *plan, struct scope_text *text);

/* The same of one of them. */
fallible scope_add_limit(const struct limit *limit, struct scope_text *text);

/* The device rules as DevicePolicy and DeviceAllow, which know no exception: they allow all that
 * the rules do, and may allow more.  Without rules they allow all. */
fallible scope_add_devices(const struct device_rules_plan *plan, struct scope_text *text);

/* Annotations org.systemd.property.NAME, the values in the text format of GVariant.  ERROR_CONFIG
 * for what is no such text, and for names that are no property's, or that are left to us. */
fallible scope_add_annotations(const struct oci_string_map *annotations, struct scope_text *text);

/*
 * Appends the property NAME with a value in the text format of GVariant: true, -1, uint64 5,
 * 'text',
 * ['a', 'b'], ('a', 1), @as [].  Variants and dictionaries are not taken.  FAULT is why it is no
 * such text, or NULL.
 */
fallible scope_add_variant(const char *name, const char *value, struct scope_text *text,
                           const char **fault);
