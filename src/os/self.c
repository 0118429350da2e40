/* SPDX-License-Identifier: Apache-2.0 */
/* What the host's process is; serves process.capabilities, process.user.umask, linux.namespaces,
 * the signals that the container's process is not to ignore, and those that end a launch.  One file
 * knows all of it. */
#include "os/self.h"

#include <signal.h>
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

/* The line stands behind that of the supplementary groups, which may take all the room. */
bool self_has_capability(unsigned number)
{
    const char *status;
    uint64_t effective;
    struct error *error = self_status(&status);
    if (error || !proc_find_mask(status, "CapEff", &effective)) {
        error_forget(error);
        return true;
    }
    return effective >> number & 1;
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

/* One by one; those that the C library keeps for itself it does not tell. */
static uint64_t ask_for_ignored(void)
{
    uint64_t ignored = 0;
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (!sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN)
            ignored |= UINT64_C(1) << (number - 1);
    }
    return ignored;
}

/* The line stands behind that of the supplementary groups, which may take all the room. */
fallible self_ignored_signals(uint64_t *ignored)
{
    const char *status;
    try(self_status(&status));
    if (!proc_find_mask(status, "SigIgn", ignored))
        *ignored = ask_for_ignored();
    return OK;
}
