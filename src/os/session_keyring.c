/* SPDX-License-Identifier: Apache-2.0 */
/* The session keyring of the caller and what it executes: init, or criu, whose restored processes
 * have that of the program that makes them.  Joining by name takes an existing keyring if it may be
 * searched, and anybody can make one that may; so the new one has no name. */

#include "os/session_keyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

fallible session_keyring_join(enum session_keyring *outcome)
{
    *outcome = SESSION_KEYRING_NEW;
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) >= 0)
        return OK;
    if (errno != ENOSYS && errno != EPERM)
        return error_call(error_system("join a new session keyring"), CALL_KEYCTL, NULL);
    *outcome = errno == EPERM ? SESSION_KEYRING_OLD : SESSION_KEYRING_NONE;
    return OK;
}
