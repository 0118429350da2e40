/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Descriptors that are done with, and are closed together: one close_range(2) for each run of
 * numbers that follow each other, instead of a close(2) for each.  Where the kernel lacks that, it
 * is close(2).
 */

enum { FD_BATCH_MOST = 32 };

struct fd_batch {
    int fds[FD_BATCH_MOST]; /* sorted */
    unsigned count;
};

/* Takes FD, which becomes -1, and may be so before; when there are too many, all are closed. */
void fd_batch_take(struct fd_batch *batch, int *fd);

void fd_batch_close(struct fd_batch *batch);
