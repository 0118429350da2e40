/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct launch_request;

/*
 * sd_notify(3) from a container to who started tare, usually systemd by a unit with Type=notify: a
 * relay between the container's socket (state/notify_socket.h) and ours.  Engines do this for their
 * containers themselves, and take NOTIFY_SOCKET out of tare's environment.
 *
 * What a container says is looked at: lines other than those of notify_filter() are dropped, and so
 * are descriptors.
 */
struct notify {
    int from; /* the container's; or -1: nothing is relayed */
    int to;   /* connected to ours, or -1 */
};

/* Whether ADDRESS, our NOTIFY_SOCKET, asks for it: NULL and "" do not. */
bool notify_is_wanted(const char *address);

/* Connects to ADDRESS, an absolute path or "@" and a name; ERROR_USAGE for others. */
fallible notify_connect(const char *address, int *to);

/* Gives the container of the request its NOTIFY_SOCKET, and a mount on which that is: PLACE, a
 * directory of the host (absolute, in the arena) that the launch makes.  A config that has either
 * of its own is left alone. */
fallible notify_give(struct launch_request *request, const char *place, struct arena *arena);

/* Copies to OUT, which has room for LENGTH + 1 bytes, the lines of MESSAGE that may pass: READY=1,
 * RELOADING=1, STOPPING=1, WATCHDOG=1, the numbers ERRNO, MONOTONIC_USEC and EXTEND_TIMEOUT_USEC,
 * and a STATUS without control characters.  Gives the length, and whether READY=1 is among them. */
size_t notify_filter(const char *message, size_t length, char *out, bool *is_ready);

/* Passes on what has arrived, or the first of that, so that nobody who says much holds the caller;
 * poll(2) tells of the rest.  IS_READY becomes true with READY=1; MAIN_PID, if not 0, is told with
 * that, which is the last then. */
fallible notify_forward(const struct notify *notify, pid_t main_pid, bool *is_ready);

/* For who leaves the container to itself: waits until it is ready, and says that our place is
 * init's (MAINPID).  That it has ended before, or that nobody listens, is a warning: it has been
 * started. A signal ends the wait alone.  PIDFD is init's, -1 when it is gone.  The caller confines
 * itself for good (R24), and needs no child and no file any more. */
fallible notify_await(const struct notify *notify, pid_t init, int pidfd);

void notify_close(struct notify *notify);
