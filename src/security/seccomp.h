/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

struct arena;

/* The version of the libseccomp that is built in, "2.5.4" (in the arena), or NULL: without one
 * (--without-seccomp, seccomp_none.c), or when the arena is full. */
const char *seccomp_library_version(struct arena *arena);
