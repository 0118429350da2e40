/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp in a build without libseccomp. */

#include <stddef.h>

#include "security/seccomp.h"

const char *seccomp_library_version(struct arena *arena)
{
    (void) arena;
    return NULL;
}
