/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "security/seccomp_calls.h"

struct arena;
struct oci_enum_array;

/* The token by which libseccomp knows an architecture (enum oci_scmp_arch), or 0. */
uint32_t seccomp_find_architecture(uint8_t architecture);

/* The architectures of a filter, each once: this machine's own, whether it is in the list or not,
 * and then those of the list. */
struct seccomp_architectures {
    uint32_t default_action;
    uint32_t count;
    struct seccomp_calls *calls;
};

/* Reads linux.seccomp.architectures.  One that libseccomp does not know is ERROR_UNSUPPORTED, one
 * of the other byte order warns and is left out. */
fallible seccomp_read_architectures(const struct oci_enum_array *list, uint32_t default_action,
                                    struct arena *arena, struct seccomp_architectures *all);

/* Divides their calls into intervals, when all rules are there; x86_64 and x32 are one division. */
fallible seccomp_divide(const struct seccomp_architectures *all, struct arena *arena,
                        struct seccomp_division **divisions, uint32_t *count);
