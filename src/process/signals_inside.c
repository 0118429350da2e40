/* SPDX-License-Identifier: Apache-2.0 */
/* The program starts with no signal blocked and none ignored: what shells and service managers
 * ignore for their own sake is not the container's.  Raw calls: a libc keeps some signals for
 * itself, and refuses to reset them. */

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process/signals.h"

enum { SIGNALS = 64 };

/* struct sigaction of the kernel; all zero is the default action. */
struct kernel_action {
    unsigned long handler, flags, restorer;
    uint64_t mask;
};

fallible signals_reset(uint64_t ignored)
{
    static const struct kernel_action standard;
    const uint64_t none = 0;

    for (int signal = 1; signal <= SIGNALS; signal++)
        if (ignored >> (signal - 1) & 1 &&
            syscall(SYS_rt_sigaction, signal, &standard, NULL, sizeof(standard.mask)))
            return error_system("reset signal %d", signal);
    if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none)))
        return error_system("unblock all signals");
    return OK;
}
