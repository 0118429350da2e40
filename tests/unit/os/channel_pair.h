/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "os/channel.h"
#include "tests/unit/os/in_child.h"

/* Both ends of a channel, for tests that speak for both: made before each and closed behind it. */

static int mine = -1, theirs = -1;

static inline int open_pair(void **state)
{
    (void) state;
    return channel_open(&mine, &theirs) ? -1 : 0;
}

static inline int close_pair(void **state)
{
    (void) state;
    close(mine);
    close(theirs);
    return 0;
}

static inline void assert_code(struct error *error, enum error_code code)
{
    assert_non_null(error);
    assert_int_equal(error->code, code);
    error_forget(error);
}
