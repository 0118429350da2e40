/* SPDX-License-Identifier: Apache-2.0 */
/* process.cwd, the host's half: it must be absolute; whether it is there only init can see. */

#include "process/cwd.h"

#include "libocispec/process.h"

fallible cwd_plan(const struct oci_process *process, const char **cwd)
{
    if (process->cwd[0] != '/')
        return error_config("process.cwd", "\"%s\" is not an absolute path", process->cwd);
    *cwd = process->cwd;
    return OK;
}
