/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

enum { BOOT_ID_SIZE = 37 };

/* The UUID of the boot that we are in (random(4), /proc/sys/kernel/random/boot_id); "" where /proc
 * does not tell it. */
fallible boot_read_id(char id[BOOT_ID_SIZE]);
