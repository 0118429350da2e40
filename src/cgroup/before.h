/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "libocispec/schema.h"

struct arena;
struct limits_plan;

/*
 * What a cgroup was before create, if it was there: its limits, and its owners (delegate.h).  Each
 * value is kept as "file text", the text as the file takes it: a file with a line for each of
 * several keys once a key.
 */

/* Reads, before they are written, the files of the limits.  What cannot be read has nothing to be
 * given back, but one that is too long to be noted is an error. */
fallible before_note(const struct limits_plan *plan, int directory, struct arena *arena,
                     struct oci_string_array *values);

/* Adds to VALUES what MORE says of files, or of devices in them, that VALUES says nothing of: what
 * was there before all changes is what was noted first. */
fallible before_add(struct oci_string_array *values, const struct oci_string_array *more,
                    struct arena *arena);

/* Writes back what is no longer so.  What the kernel does not take is a warning. */
void before_undo(int directory, const struct oci_string_array *values);

/* Writes them back to the cgroup, and gives its files to the owners that they had.  What the kernel
 * no longer takes is a warning.  A cgroup that is gone is fine. */
fallible before_restore(const char *mount, const char *path, const struct oci_string_array *values,
                        const struct oci_string_array *owners);
