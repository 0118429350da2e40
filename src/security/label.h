/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

enum { LABEL_MOST = 1024 }; /* bytes of a profile's name or a label */

/* What every module would misread: FIELD is ERROR_CONFIG if the name is too long, or has control
 * characters, at which the kernel ends it. */
fallible label_check(const char *field, const char *name);
