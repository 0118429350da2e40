/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp in a build without libseccomp: refused. */

#include <stddef.h>

#include "libocispec/features.h"
#include "security/seccomp.h"

fallible seccomp_plan(const struct oci_seccomp *seccomp, bool is_strict, struct arena *arena,
                      struct seccomp_plan *plan)
{
    (void) is_strict;
    (void) arena;
    if (seccomp)
        return error_hint(
            error_unsupported("linux.seccomp", "this tare is built without libseccomp"),
            "leave it out if the program may make every system call");
    *plan = (struct seccomp_plan){ 0 };
    return OK;
}

fallible seccomp_describe(struct arena *arena, struct oci_f_seccomp *features)
{
    (void) arena;
    *features = (struct oci_f_seccomp){ .enabled = { false, true } };
    return OK;
}

const char *seccomp_library_version(struct arena *arena)
{
    (void) arena;
    return NULL;
}
