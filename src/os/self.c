/* SPDX-License-Identifier: Apache-2.0 */
/* What the host's process is; serves process.capabilities, the signals that the container's process
 * is not to ignore, and those that end a launch.  One file knows of all of them. */
#include "os/self.h"

#include <sys/auxv.h>

#include "os/proc.h"

enum { STATUS_SIZE = 4096 };

uid_t self_user(void)
{
    return (uid_t) getauxval(AT_EUID);
}

fallible self_status(const char **status)
{
    static char text[STATUS_SIZE];
    if (!text[0])
        try(proc_read_self("status", text, sizeof(text)));
    *status = text;
    return OK;
}

fallible self_ignored_signals(uint64_t *ignored)
{
    const char *status;
    try(self_status(&status));
    if (!proc_find_mask(status, "SigIgn", ignored))
        return error_new(ERROR_SYSTEM, "/proc/self/status does not name the ignored signals");
    return OK;
}
