/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "state/store.h"

/*
 * How `start` reaches an init that waits: a SOCK_DGRAM socket named "start" in the container's
 * directory.  Its name is there exactly as long as the container is created and not started.  Init
 * holds the socket, which closes on exec; "go" brings one end of a channel (os/channel.h), which
 * does so too.  Over that it sends an error, or its farewell: the end-of-file behind it means that
 * the program runs.
 */

/* Binds it to a name that does not count yet; O_CLOEXEC. */
fallible start_socket_open(const struct entry *entry, int *bound);

/* For a container that nobody will start: the name alone, with nobody behind it. */
fallible start_socket_withhold(const struct entry *entry);

/* Gives it the name that counts: the container is created. */
fallible start_socket_publish(const struct entry *entry);

/* Takes the first name back: nobody will wait there, the container runs. */
fallible start_socket_withdraw(const struct entry *entry);

/* Whether `create` has opened it and not published it, or `run` and `restore` have not withdrawn
 * it: not yet, or never if they were killed.  To be asked before the next. */
fallible start_socket_is_unpublished(const struct entry *entry, bool *is_unpublished);

/* Whether somebody waits behind the name (a `start` that was killed may have left it). */
fallible start_socket_is_waiting(const struct entry *entry, bool *is_waiting);

/* Whether the name is there, so that no `start` was done; with nobody behind it init has ended, or
 * is about to, or that start was killed. */
bool start_socket_is_left(const struct entry *entry);

/* Whether a `start` has said "go", and the program does not run yet, or that start was killed. */
bool start_socket_is_going(const struct entry *entry);

/* Says "go"; gives our end of the channel, O_CLOEXEC.  An init that is gone, or was told so before,
 * is ERROR_STATE; one whose queue has had no room for five seconds, ERROR_TIMEOUT.  Needs the lock,
 * an init that waited under it, and channel_interrupts. */
fallible start_socket_say_go(const struct entry *entry, int *connection);

/* Waits, for as long as the startContainer hooks take, for the end-of-file, or returns init's
 * error; one that dies now is ERROR_INIT_DIED.  Needs no lock: it changes nothing but what
 * start_socket_say_go() has left in this entry. */
fallible start_socket_hear_end(const struct entry *entry, int connection);

/* Inside: waits for "go" (what is none is dropped, and the next is waited for) and gives the end of
 * the channel in it, O_CLOEXEC, for channel_send_error(). */
fallible start_socket_await(int bound, int *connection);
