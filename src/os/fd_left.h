/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Descriptors that init is done with.  The exec of the user's program closes them, as it closes all
 * that init has; so only where somebody could find them before that, they are closed, together
 * (os/fd_batch.h).  In init alone: the host lives too long.
 */

/* Takes FD, which becomes -1, and may be so before; when there are too many, all are closed. */
void fd_leave(int *fd);

/* Closes those that have been left. */
void fd_close_left(void);

/* As auto_close (base/cleanup.h): who leaves the scope leaves the descriptor. */
#define auto_leave __attribute__((cleanup(fd_leave)))
