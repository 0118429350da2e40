/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* The kinds of namespaces: their names, as in /proc/PID/ns and user.max_NAME_namespaces
 * (namespaces(7)), and the flags of clone(2) by which they are made. */
struct namespace_kind {
    const char *name;
    uint64_t flag;
};

/* That of users first, as the kernel makes it before the others, which belong to it. */
enum { NAMESPACE_KINDS = 8 };
extern const struct namespace_kind namespace_kinds[NAMESPACE_KINDS];

/* That clone(2) or unshare(2) has failed with errno when it was to make those of FLAGS, or none:
 * the error's object lists them ("user mnt"). */
fallible namespace_kinds_refused(const char *tried, enum error_call call, uint64_t flags) NEVER_OK;

/* The flags of those that an error of that kind lists; 0 if it is none. */
uint64_t namespace_kinds_asked(const struct error *error);
