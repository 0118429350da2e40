/* SPDX-License-Identifier: Apache-2.0 */
/* Closes descriptors together.  What surprises: the numbers are seldom one run, since those that
 * are in use lie between them, and these must stay open. */

#include "os/fd_batch.h"

#include "base/cleanup.h"
#include "os/syscalls.h"

static void close_run(const int *fds, unsigned count)
{
    if (count > 1 && !syscall(SYS_close_range, fds[0], fds[count - 1], 0))
        return;
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
}

void fd_batch_close(struct fd_batch *batch)
{
    unsigned begin = 0;
    for (unsigned i = 1; i <= batch->count; i++) {
        if (i < batch->count && batch->fds[i] == batch->fds[i - 1] + 1)
            continue;
        close_run(batch->fds + begin, i - begin);
        begin = i;
    }
    batch->count = 0;
}

void fd_batch_take(struct fd_batch *batch, int *fd)
{
    if (*fd < 0)
        return;
    if (batch->count == FD_BATCH_MOST)
        fd_batch_close(batch);
    unsigned place = batch->count++;
    for (; place > 0 && batch->fds[place - 1] > *fd; place--)
        batch->fds[place] = batch->fds[place - 1];
    batch->fds[place] = take_fd(fd);
}
