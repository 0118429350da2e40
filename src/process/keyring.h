/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* Inside: joins a new session keyring named after the container (keyctl(2)); a kernel without keys
 * (ENOSYS) or a filter in the way (EPERM), or a full quota (EDQUOT), leaves the old one (R23).
 * A keyring of that name which somebody else has put there is not taken: the new one then has no
 * name. */
fallible keyring_join(const char *name);
