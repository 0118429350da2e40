/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum { BOOT_ID_SIZE = 37 };

/* The UUID of the boot that we are in (random(4), /proc/sys/kernel/random/boot_id); "" where /proc
 * does not tell it.  It is there to be compared, and no more: what is mounted on it is taken, too.
 */
void boot_read_id(char id[BOOT_ID_SIZE]);
