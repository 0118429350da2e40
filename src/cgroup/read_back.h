/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * What was written to a control file, against what the kernel then says.  It has its own way to say
 * the same: pages instead of bytes, "0-1" for "0,1", "max" for what is as good as none
 * (Documentation/admin-guide/cgroup-v2.rst).
 */

/* ERROR_READ_BACK when they differ, or when a set of CPUs or nodes is not in force since those
 * above have none of them.  A file or value whose form we do not know is not judged: there the
 * kernel's word on the write is all there is. */
fallible read_back(int directory, const char *file, const char *value);

/* Whether the kernel's text for the file is what the value asked for. */
bool read_back_agrees(const char *file, const char *value, const char *text);
