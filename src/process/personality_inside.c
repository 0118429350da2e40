/* SPDX-License-Identifier: Apache-2.0 */
/* linux.personality, carried out.  What surprises: the call returns the old persona, and reads it
 * when it is asked to set one that cannot be. */

#include <sys/personality.h>

#include "process/personality.h"

enum { NO_PERSONA = 0xffffffff };

fallible personality_apply(const struct personality_plan *plan)
{
    if (personality(plan->persona) < 0)
        return error_system("persona 0x%x", plan->persona);
    int got = personality(NO_PERSONA);
    if (got < 0)
        return error_system("read it back");
    if ((uint32_t) got != plan->persona)
        return error_new(ERROR_READ_BACK, "persona 0x%x: the kernel says 0x%x", plan->persona,
                         (unsigned) got);
    return OK;
}
