/* SPDX-License-Identifier: Apache-2.0 */
/* The session keyring: without one of its own the process would share its caller's keys.  Joining
 * by name takes an existing keyring if it may be searched, and anybody can make one that may; so
 * the new one has no name. */

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process/keyring.h"

fallible keyring_join(void)
{
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) >= 0)
        return OK;
    if (errno == ENOSYS || errno == EPERM || errno == EDQUOT)
        return OK;
    return error_system("join a new session keyring");
}
