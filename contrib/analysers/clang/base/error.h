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

/* OK, or the error that was given, with more in it. */
#define passed_on(function, given, ...)                                                            \
    ({                                                                                             \
        struct error *given_error = (given);                                                       \
        struct error *more_error = function(given_error, __VA_ARGS__);                             \
        given_error ? never_ok(more_error) : OK;                                                   \
    })

#define error_within(given, ...) passed_on(error_within, given, __VA_ARGS__)
#define error_hint(given, ...) passed_on(error_hint, given, __VA_ARGS__)
#define error_field(given, ...) passed_on(error_field, given, __VA_ARGS__)
#define error_call(given, ...) passed_on(error_call, given, __VA_ARGS__)
