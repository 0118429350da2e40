/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

enum { TRIAL_FOUND_SIZE = 512 };

/*
 * A question that is put to the kernel by a child that is thrown away: what it joins, opens, makes
 * for itself or gives up ends with it.  Host only.
 *
 * ASK may take MILLISECONDS, then the child is killed: ERROR_TIMEOUT.  Its error is the caller's,
 * as is what it has written to FOUND, one line (also where it fails; "" if it says nothing).  Once
 * it has returned nothing else counts: it may have left us no way to exit.
 */
struct trial {
    fallible (*ask)(void *context, char found[TRIAL_FOUND_SIZE]);
    void *context;
    int milliseconds;
};
fallible trial_run(const struct trial *trial, char found[TRIAL_FOUND_SIZE]);
