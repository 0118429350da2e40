/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* What the caller has then: a new one, the old one, since a filter is in the way (EPERM), or none,
 * as on a kernel without keys (ENOSYS). */
enum session_keyring { SESSION_KEYRING_NEW, SESSION_KEYRING_OLD, SESSION_KEYRING_NONE };

/* Joins a new session keyring without a name, since a name could be another's, too; it is inherited
 * (session-keyring(7)).  A full quota is an error. */
fallible session_keyring_join(enum session_keyring *outcome);
