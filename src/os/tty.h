/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "base/error.h"

/* The terminal that a user sits at (termios(3), ioctl_tty(2)).  Host only. */

/* False when FD is no terminal. */
bool tty_read_size(int fd, struct winsize *size);

/* Of either end; the foreground job hears of a change by SIGWINCH. */
fallible tty_set_size(int fd, const struct winsize *size);

/* Whether FD is our controlling terminal, and another job is in its foreground. */
bool tty_is_background(int fd);

/* Makes a terminal pass every byte as it is; BEFORE gets what tty_restore() needs.  From the
 * background it stops us, as any job that changes the terminal; errno EIO, and nothing changed,
 * when nobody could continue us, or SIGTTOU is blocked or ignored. */
fallible tty_make_raw(int fd, struct termios *before);

/* Gives the settings back, unless we are in the background: they are not ours then.  Cannot do
 * more than try. */
void tty_restore(int fd, const struct termios *before);

/* The byte that says that input ends, on a terminal given by either end: to the terminal itself
 * while it reads line by line; else to a program that edits lines, as shells do, and still has its
 * output processed (OPOST).  -1, and nothing else said, where it would be a byte like any other. */
int tty_read_end_of_input(int fd, bool *is_by_line);
