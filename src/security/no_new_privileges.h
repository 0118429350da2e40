/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* process.noNewPrivileges; inside: prctl(2) PR_SET_NO_NEW_PRIVS. */
fallible no_new_privileges_set(void);

/* Inside, later: compares with STATUS, the text of the process's status file; asks prctl(2) where
 * that is NULL. */
fallible no_new_privileges_verify(const char *status);
