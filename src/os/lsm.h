/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"

/*
 * What a process asks of a Linux security module for itself: lsm_set_self_attr(2), which needs no
 * filesystem, or before Linux 6.8 the file below /proc/self/attr, reached through a verified procfs
 * (security rules R3, R12).
 */
enum lsm_attribute {
    LSM_APPARMOR_EXEC,     /* the profile from the next execve(2) on: "exec NAME" */
    LSM_SELINUX_EXEC,      /* the label from then on */
    LSM_SELINUX_KEYCREATE, /* the label of new keys */
};

enum { LSM_VALUE_SIZE = 2048 };

/* Sets one for the caller; "" takes it back.  Errors name the file, as "`/proc/self/attr/exec`":
 * engines look for that, with the quotes, to tell that it was a label that failed. */
fallible lsm_set(enum lsm_attribute attribute, const char *value);

/* What the kernel now says it is, without a line feed; one that is not set may be an error. */
fallible lsm_get(enum lsm_attribute attribute, char *text, size_t size);
