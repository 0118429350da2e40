/* SPDX-License-Identifier: Apache-2.0 */
/* linux.personality, the host's half. */

#include "process/personality.h"

#include <sys/personality.h>

#include "libocispec/linux.h"

static const uint32_t domains[] = {
    [OCI_PERSDOMAIN_LINUX] = PER_LINUX,
    [OCI_PERSDOMAIN_LINUX32] = PER_LINUX32,
};

fallible personality_plan(const struct oci_linux *linux_, struct personality_plan *plan)
{
    const struct oci_personality *personality = linux_ ? linux_->personality : NULL;

    if (!personality) {
        *plan = (struct personality_plan){ .has_personality = false };
        return OK;
    }
    if (!personality->domain.present)
        return error_config("linux.personality.domain", "is required");
    if (personality->flags.n)
        return error_hint(error_unsupported("linux.personality.flags[0]",
                                            "\"%s\" is no flag: none has been defined yet",
                                            personality->flags.v[0]),
                          "leave it out, and run the program under setarch");
    *plan = (struct personality_plan){ true, domains[personality->domain.value] };
    return OK;
}
