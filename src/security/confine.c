/* SPDX-License-Identifier: Apache-2.0 */
/* Serves no field: our own confinement.  What surprises: who has no CAP_SETPCAP cannot empty his
 * bounding set, and need not, since nothing of it can be had without an execve(2). */

#include "security/confine.h"

#include <linux/capability.h>

#include "security/capabilities.h"
#include "security/no_new_privileges.h"

static fallible give_up_capabilities(void)
{
    struct capabilities_plan had = { 0 };

    try(capabilities_read(&had));
    struct capabilities_plan none = { .last = had.last };
    if (!(had.effective >> CAP_SETPCAP & 1))
        none.bounding = had.bounding;
    try(capabilities_bound(&none));
    return capabilities_apply(&none);
}

fallible confine_relay(void)
{
    try(no_new_privileges_set());
    try(give_up_capabilities());
    return confine_reach();
}
