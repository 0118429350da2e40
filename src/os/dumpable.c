/* SPDX-License-Identifier: Apache-2.0 */
/* The dumpable flag; serves all that is borne with something of the host's in its hands. */

#include "os/dumpable.h"

#include <sys/prctl.h>
#include <unistd.h>

static fallible set(bool is_dumpable)
{
    if (prctl(PR_SET_DUMPABLE, is_dumpable, 0, 0, 0))
        return error_system("set the dumpable flag");
    return OK;
}

fallible dumpable_hide(void)
{
    return set(false);
}

fallible dumpable_show(void)
{
    return set(true);
}

fallible dumpable_hide_child(bool *was_shown)
{
    *was_shown = false;
    if (geteuid())
        return OK;
    *was_shown = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
    return dumpable_hide();
}

/* The kernel refuses no 1. */
void dumpable_restore(bool was_shown)
{
    if (was_shown)
        error_forget(dumpable_show());
}
