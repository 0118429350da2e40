/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Adds what the user can do about an error by its errno alone (errno(3)), whatever was being done:
 * a kernel that is too old, a limit of the caller's, a capability that root lacks here.  An error
 * that has a hint keeps it.  The error stays the caller's; OK passes through.
 */
fallible advice_add(struct error *error);
