/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"

/*
 * Names of cgroups, from the root of the mount: "/tare/web".
 *
 * The one rule: a slash before each part; a part has 1 to 255 bytes of UTF-8 without control
 * characters, and is neither "." nor "..".  So "//" and a slash at the end are refused (CG5, T61).
 */
enum { CGROUP_PATH_MAX = PATH_MAX - 64, CGROUP_PATH_SIZE = PATH_MAX };

/* Why a text that starts with a slash breaks the rule ("a part of it is empty"), or NULL. */
const char *cgroup_path_fault(const char *path);

/* Whether it is "slice:prefix:name", as the systemd driver takes it. */
bool cgroup_path_is_systemd(const char *text);

/* Writes mount and path, checked, into OUT, of CGROUP_PATH_SIZE bytes.  ERROR_CGROUP: the path
 * broke the rule, which means that it does not come from us. */
fallible cgroup_path_join(const char *mount, const char *path, char *out);
