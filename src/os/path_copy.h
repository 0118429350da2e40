/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * Copies what is in the directory FROM, which the container's image may have made and somebody may
 * be changing, into the empty directory TO, which nobody else can reach.
 *
 * Copied are directories, regular files, symbolic links and fifos, with owner, mode and times; the
 * links as they are, whatever they point to.  Left out are devices, sockets, extended attributes
 * and what is mounted below FROM; a file of several names becomes several.  An owner that has no id
 * in the user namespace becomes the caller.  TO keeps its own mode, and its owner if KEEPS_OWNER.
 *
 * ERROR_PATH: with the name in the text.  ENOSPC when TO is full; ELOOP more than
 * PATH_COPY_DEPTH directories deep; EAGAIN when a file was exchanged for something else meanwhile.
 */
enum { PATH_COPY_DEPTH = 128 };

fallible path_copy_tree(int from, int to, bool keeps_owner);
