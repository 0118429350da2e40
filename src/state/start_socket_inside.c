/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start: init's side of the socket (runtime.md#start).
 *
 * Most connections end without a word: that is how `state` finds out that init still waits.
 */
#include <errno.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "os/channel.h"
#include "state/start_socket.h"

fallible start_socket_await(int listener, int *connection)
{
    for (;;) {
        auto_close int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (accepted < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (accepted < 0)
            return error_system("wait for start");
        if (!channel_await_release(accepted))
            continue;
        *connection = take_fd(&accepted);
        return OK;
    }
}
