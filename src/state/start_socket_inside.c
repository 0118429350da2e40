/* SPDX-License-Identifier: Apache-2.0 */
/* start: init's side of the socket (runtime.md#start).  What is no "go" is nobody's: the next
 * message is waited for. */

#include "os/channel.h"
#include "state/start_socket.h"

/* So that a filter which makes recvmsg(2) do nothing is no endless loop. */
enum { NO_GO_MOST = 10000 };

/* Not our words, or none at all. */
static bool is_no_go(struct error *error)
{
    bool is = error->code == ERROR_PROTOCOL || error->code == ERROR_INIT_DIED;

    if (is)
        error_forget(error);
    return is;
}

fallible start_socket_await(int bound, int *connection)
{
    for (unsigned i = 0; i < NO_GO_MOST; i++) {
        struct error *error = channel_hear_descriptor(bound, connection);
        if (!error || !is_no_go(error))
            return error_within(error, "wait for start");
    }
    return error_new(ERROR_PROTOCOL, "wait for start: heard %d messages that are none", NO_GO_MOST);
}
