/* SPDX-License-Identifier: Apache-2.0 */
/* Read by cppcheck in the place of the real one, as base/cleanup.h beside it. */
#pragma once

void fd_leave(int *fd);
void fd_close_left(void);

#define auto_leave static
