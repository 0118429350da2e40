/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * The init program, embedded in `tare`, as a file that nobody can change and that shares no page
 * with a file on disk (security rule R7): a sealed memfd (MFD_EXEC; without that flag
 * where the kernel does not know it), or, where vm.memfd_noexec=2 forbids it, a file on a detached
 * tmpfs, unlinked and reopened read-only.  Everybody may run it.
 *
 * IS_HIDDEN: nobody may read it.  Whoever runs it in a user namespace that does not map our user
 * has no right to read it all the same: then it runs without the dumpable flag, and to trace it
 * takes CAP_SYS_PTRACE in our user namespace, not in that one (os/dumpable.h; would_dump() of the
 * kernel's fs/exec.c).
 */
fallible sealed_self_open(bool is_hidden, int *fd);
