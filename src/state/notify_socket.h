/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "state/store.h"

/*
 * Where a container says that it is ready (sd_notify(3)): a SOCK_DGRAM socket "notify.sock" in a
 * directory "notify" of the container's directory.  `create` makes the directory, which is bound
 * into the container, read-only; who starts the container binds the socket there and reads what is
 * said until it ends.
 */

#define NOTIFY_DIRECTORY "notify"
#define NOTIFY_NAME "notify.sock"
#define NOTIFY_PLACE "/run/notify" /* of the directory, in the container */

/* Makes the directory, which every user in the container may enter. */
fallible notify_socket_make_place(const struct entry *entry);

/* Whether it was made. */
bool notify_socket_has_place(const struct entry *entry);

/* Binds the socket there, for every user in the container, in the place of one that is left of a
 * `start` before; O_CLOEXEC and O_NONBLOCK, the caller's.  Without the directory SOCKET is -1. */
fallible notify_socket_open(const struct entry *entry, int *socket);
