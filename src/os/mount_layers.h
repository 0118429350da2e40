/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/*
 * The layers of an overlay whose names are too long together for one value of fsconfig(2), which
 * takes 255 bytes: they are opened, and named by their descriptors, on any kernel that has
 * overlays.
 */

enum { MOST_LAYERS = 12 };

struct mount_layers {
    int fds[MOST_LAYERS]; /* open until the filesystem has been made */
    unsigned count;
};

/*
 * Opens the layers of VALUE, which are as overlay's `lowerdir` has them (a colon between two, a
 * backslash before a colon that is none), and writes the short value.  -1 and errno on failure:
 * ENAMETOOLONG where there are more of them than fit, or layers for data alone ("::").
 */
int mount_layers_open(struct mount_layers *layers, const char *value, char *shorter, size_t size);

void mount_layers_close(struct mount_layers *layers);
