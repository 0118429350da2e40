/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * The init program, embedded in `tare`, as a file that nobody can change and that shares no page
 * with a file on disk (security rule R7): a sealed memfd (MFD_EXEC; without that flag
 * where the kernel does not know it), or, where vm.memfd_noexec=2 forbids it, a file on a detached
 * tmpfs, unlinked and reopened read-only.  Everybody may run it.
 */
fallible sealed_self_open(int *fd);
