/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptors that init leaves to its exec. */

#include "os/fd_left.h"

#include "os/fd_batch.h"

static struct fd_batch left;

void fd_leave(int *fd)
{
    fd_batch_take(&left, fd);
}

void fd_close_left(void)
{
    fd_batch_close(&left);
}
