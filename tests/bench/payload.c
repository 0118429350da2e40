/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process of the containers that are measured: `payload true` ends at once, `payload wait`
 * sleeps until it is killed.  It has no libc, so that nearly nothing of what is measured is its
 * own.
 */
#include "bare.h"

int bare_main(char **arguments)
{
    while (arguments[1] != NULL && arguments[1][0] == 'w')
        call(ppoll, NULL, 0, NULL, NULL, 0);
    return 0;
}
