/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* process.noNewPrivileges; inside: prctl(2) PR_SET_NO_NEW_PRIVS, read back. */
fallible no_new_privileges_set(void);
