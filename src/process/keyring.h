/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Inside: joins a new session keyring (keyctl(2)).  A kernel without keys (ENOSYS) has none to
 * leave; a filter in the way (EPERM) leaves the old one (R23), and then IS_KEPT says so; a full
 * quota is an error.  It has no name: a name can be taken by another container of the same user,
 * who would then share the keys.  LABEL is its label in SELinux, read back, or NULL. */
fallible keyring_join(const char *label, bool *is_kept);
