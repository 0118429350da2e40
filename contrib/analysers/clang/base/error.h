/* SPDX-License-Identifier: Apache-2.0 */
/* Read by clang-tidy before the real one: clang 14 makes nothing of returns_nonnull, and would go on
 * behind a try() of what has failed. */
#pragma once

#include_next "base/error.h"

static inline struct error *never_ok(struct error *error)
{
    if (!error)
        __builtin_unreachable();
    return error;
}

#define error_new(...) never_ok(error_new(__VA_ARGS__))
#define error_system(...) never_ok(error_system(__VA_ARGS__))
#define error_errno(...) never_ok(error_errno(__VA_ARGS__))
#define error_config(...) never_ok(error_config(__VA_ARGS__))
#define error_unsupported(...) never_ok(error_unsupported(__VA_ARGS__))
