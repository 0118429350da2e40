/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "libocispec/schema.h"

struct arena;
struct limits_plan;

/*
 * What a cgroup was before create, if it was there: its limits, and its owner.  Each value is kept
 * as "file text", the text as the file takes it: a file with a line for each device once a device.
 */

/* Reads, before they are written, the files of the limits.  What cannot be read has nothing to be
 * given back. */
fallible before_note(const struct limits_plan *plan, int directory, struct arena *arena,
                     struct oci_string_array *values);

/* Writes them back to the cgroup, and gives it to the OWNER that it had, if that is present.  A
 * value that the kernel no longer takes is a warning.  A cgroup that is gone is fine. */
fallible before_restore(const char *mount, const char *path, const struct oci_string_array *values,
                        struct oci_opt_u32 owner);
