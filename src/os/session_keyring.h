/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* Joins a new session keyring without a name, since a name could be another's, too; it is inherited
 * (session-keyring(7)).  A kernel without keys has none to leave; where a filter is in the way the
 * old one stays, with a warning.  Its label in SELinux is ours, not the container's.  Host only. */
fallible session_keyring_join(void);
