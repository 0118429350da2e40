/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp, with libseccomp.  Filters are refused by this version (container/refusals.c);
 * `features` names the library that this build has. */

#include "security/seccomp.h"

#include <seccomp.h>

#include "base/allocate.h"

const char *seccomp_library_version(struct arena *arena)
{
    const struct scmp_version *version = seccomp_version();

    if (!version)
        return NULL;
    return allocate_print(arena, "%u.%u.%u", version->major, version->minor, version->micro);
}
