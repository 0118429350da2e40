/* SPDX-License-Identifier: Apache-2.0 */
/* process.noNewPrivileges: no execve(2) gives the process more than it has.  It cannot be undone,
 * and lets a seccomp filter be loaded without CAP_SYS_ADMIN. */

#include <sys/prctl.h>

#include "os/proc.h"
#include "security/no_new_privileges.h"

fallible no_new_privileges_set(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return error_system("set no new privileges");
    return OK;
}

fallible no_new_privileges_verify(const char *status)
{
    uint64_t is_set = 0;
    if (!status || !proc_find_mask(status, "NoNewPrivs", &is_set))
        is_set = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    if (is_set != 1)
        return error_new(ERROR_READ_BACK, "no new privileges was set, but the kernel says not");
    return OK;
}
