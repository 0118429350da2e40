/* SPDX-License-Identifier: Apache-2.0 */
/* Serves mounts[] of overlays.  What surprises: Podman's mounts of images and Buildah's have two
 * names of its store in one option, which are longer than the kernel takes where the store is in
 * somebody's home. */

#include "os/mount_layers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/text.h"

/* Takes the first name of LAYERS without its backslashes; what follows it, or NULL if it is empty
 * or too long. */
static const char *take_name(const char *layers, char *name, size_t size)
{
    size_t used = 0;
    for (; *layers && *layers != ':'; layers++) {
        if (*layers == '\\' && layers[1])
            layers++;
        if (used + 1 >= size)
            return NULL;
        name[used++] = *layers;
    }
    name[used] = '\0';
    return used > 0 ? layers : NULL;
}

/* Opens the next layer and adds its name to the shorter value. */
static int open_next(struct mount_layers *layers, const char **rest, char *shorter, size_t size)
{
    char name[PATH_MAX];
    const char *after = take_name(*rest, name, sizeof(name));
    if (!after || layers->count == MOST_LAYERS) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(name, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return -1;
    layers->fds[layers->count++] = fd;
    if (text_format(shorter, size, "%s/proc/self/fd/%d", layers->count > 1 ? ":" : "", fd) >=
        size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    *rest = after;
    return 0;
}

int mount_layers_open(struct mount_layers *layers, const char *value, char *shorter, size_t size)
{
    size_t used = 0;
    layers->count = 0;
    while (true) {
        if (open_next(layers, &value, shorter + used, size - used))
            return -1;
        if (!*value)
            return 0;
        value++;
        while (shorter[used])
            used++;
    }
}

void mount_layers_close(struct mount_layers *layers)
{
    while (layers->count > 0)
        close(layers->fds[--layers->count]);
}
