/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * For a process of ours that from here on only carries bytes between descriptors which it has open
 * (security rule R24): no new privileges, no capabilities, none in the bounding set as far as we
 * may, no file by name (landlock(7), where the kernel has it), and only the system calls that
 * reading, writing and waiting take (seccomp(2)); all others are EPERM.  What it reads is the work
 * of a container; should a parser have a fault, there is nothing to be had by it.
 *
 * There is no way back, and no child of the caller may be needed any more.
 */
fallible confine_relay(void);

/* The part of files by name, for who has no new privileges; OK where there is no landlock(7). */
fallible confine_files(void);

/* The last two parts, files and calls; builds whose run-time needs more calls have
 * confine_reach_none.c instead. */
fallible confine_reach(void);
