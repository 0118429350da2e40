/* SPDX-License-Identifier: Apache-2.0 */
/* What the host's process is; serves process.capabilities, process.user.umask, the signals that the
 * container's process is not to ignore, and those that end a launch.  One file knows all of it. */
#include "os/self.h"

#include <string.h>
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

fallible self_umask(mode_t *mask)
{
    static const char label[] = "\nUmask:\t";
    const char *status;
    mode_t value = 0;

    try(self_status(&status));
    const char *at = strstr(status, label);
    if (!at)
        return error_new(ERROR_SYSTEM, "/proc/self/status does not name the umask");
    for (at += sizeof(label) - 1; *at >= '0' && *at <= '7'; at++)
        value = value << 3 | (mode_t) (*at - '0');
    *mask = value;
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
