/* SPDX-License-Identifier: Apache-2.0 */
/* The session keyring: without one of its own the process would share its caller's keys.
 * Joining by name takes an existing keyring if it may be searched, and anybody can make one that
 * may.  So: first a new one without a name, which also ends the possession of the old; then one by
 * name, kept only if it is ours. */

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "process/keyring.h"

static long join(const char *name)
{
    return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name, 0, 0, 0);
}

/* The description begins with "keyring;UID;GID;". */
static bool is_ours(void)
{
    char description[256] = "", beginning[64];
    text_format(beginning, sizeof(beginning), "keyring;%u;%u;", (unsigned) geteuid(),
                (unsigned) getegid());
    long length = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, description,
                          sizeof(description), 0);
    /* If it does not fit, nothing has been written. */
    return length > 0 && text_starts(description, beginning);
}

static bool is_tolerable(int number)
{
    return number == ENOSYS || number == EPERM || number == EDQUOT;
}

fallible keyring_join(const char *name)
{
    if (join(NULL) < 0) {
        if (is_tolerable(errno))
            return OK;
        return error_system("join a new session keyring");
    }
    if (join(name) < 0) {
        if (is_tolerable(errno))
            return OK;
        return error_system("join the session keyring \"%s\"", name);
    }
    if (!is_ours() && join(NULL) < 0)
        return error_system("leave the session keyring \"%s\" of somebody else", name);
    return OK;
}
