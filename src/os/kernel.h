/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { KERNEL_NAME_SIZE = 160 };

/* The kernel as uname(2) has it: "Linux 6.1.0-18-amd64, x86_64".  ERROR_UNSUPPORTED where it is
 * older than what tare needs. */
fallible kernel_check_version(char name[KERNEL_NAME_SIZE]);

/* Which system calls are missing, or filtered, that have another way here (src/README.md, "Where
 * the kernel lacks something"): "openat2, clone3"; "" if all are there.  Returns how many. */
size_t kernel_list_missing(char *names, size_t size);
