/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* Inside: joins a new session keyring (keyctl(2)); a kernel without keys (ENOSYS) or a
 * filter in the way (EPERM) leaves the old one (R23), which a full quota must not do.  It has no
 * name: a name can be taken by another container of the same user, who would then share the keys.
 * LABEL is its label in SELinux, read back, or NULL. */
fallible keyring_join(const char *label);
