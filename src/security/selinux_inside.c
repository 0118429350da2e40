/* SPDX-License-Identifier: Apache-2.0 */
/* process.selinuxLabel, carried out.  The old label is kept until the exec. */

#include <errno.h>

#include "base/text.h"
#include "os/lsm.h"
#include "security/selinux.h"

static fallible explain(struct error *error)
{
    if (error && error->number == EINVAL)
        return error_hint(error, "the loaded policy does not know this label");
    if (error && (error->number == EACCES || error->number == EPERM))
        return error_hint(error, "the policy must let tare set it (process setexec)");
    return error;
}

fallible selinux_apply(const char *label)
{
    char now[LSM_VALUE_SIZE] = "";

    try(explain(lsm_set(LSM_SELINUX_EXEC, label)));
    try(lsm_get(LSM_SELINUX_EXEC, now, sizeof(now)));
    if (!text_equal(now, label))
        return error_new(ERROR_READ_BACK, "\"%s\": the kernel says \"%s\"", label, now);
    return OK;
}
