/* SPDX-License-Identifier: Apache-2.0 */
/* The session keyring of a program that is run; serves restore, whose processes have that of the
 * program that makes them.  Init has its own (process/keyring.h). */

#include "os/session_keyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

fallible session_keyring_join(void)
{
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) >= 0 || errno == ENOSYS)
        return OK;
    if (errno == EPERM) {
        log_warning("the session keyring stays the caller's: keyctl(2) is filtered here; "
                    "--no-new-keyring asks for no other");
        return OK;
    }
    return error_hint(error_system("join a new session keyring"),
                      "where the user's quota is used up, --no-new-keyring keeps the caller's");
}
