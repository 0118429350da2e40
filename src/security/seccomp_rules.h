/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct arena;
struct oci_seccomp;
struct seccomp_plan;

/* The half of seccomp_plan() that makes the program of the rules: fills it and its length. */
fallible seccomp_compile(const struct oci_seccomp *seccomp, bool is_strict, struct arena *arena,
                         struct seccomp_plan *plan);
