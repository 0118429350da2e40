/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * A child that does no more than to be there: what it is in, a namespace or a cgroup, stays as long
 * as it does.  It has our memory and our root, none of our files, and makes no use of them.  It
 * ends when it is told to, or with us.  Host only.
 */
struct keeper {
    pid_t pid;
    int pidfd;
    int lifeline; /* what it reads until the end */
};

/* NAMESPACES are the flags of clone(2) for those that it is born in, 0 for ours. */
fallible keeper_bear(uint64_t namespaces, struct keeper *keeper);

/* How it has ended before it was told to, ERROR_PROGRAM; OK while it lives, as far as is known. */
fallible keeper_check(const struct keeper *keeper);

/* One that was not borne, all -1, is fine. */
void keeper_end(struct keeper *keeper);
