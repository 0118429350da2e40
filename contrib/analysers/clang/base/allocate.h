/* SPDX-License-Identifier: Apache-2.0 */
/* Read by clang-tidy before the real one, as error.h beside it. */
#pragma once

#include_next "base/allocate.h"

#define allocate_failed() never_ok(allocate_failed())
