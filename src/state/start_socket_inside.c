/* SPDX-License-Identifier: Apache-2.0 */
/* start: init's side of the socket (runtime.md#start).  What is no "go" is nobody's: the next
 * message is waited for. */

#include <errno.h>

#include "os/channel.h"
#include "state/start_socket.h"

/* Not our words, none at all, or more descriptors than one. */
static bool is_no_go(struct error *error)
{
    bool is =
        error->code == ERROR_PROTOCOL || error->code == ERROR_INIT_DIED || error->number == EPROTO;

    if (is)
        error_forget(error);
    return is;
}

fallible start_socket_await(int bound, int *connection)
{
    for (;;) {
        struct error *error = channel_hear_descriptor(bound, connection);
        if (!error || !is_no_go(error))
            return error_within(error, "wait for start");
    }
}
