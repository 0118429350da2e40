/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a container's path through its links.  It is the image's: what it says is taken for
 * hostile, and read for a guess alone, since it may be another one a moment later. */

#include "os/path_links.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "os/path.h"
#include "os/path_walk.h"

void path_links_begin(struct path_links *way, int root, const char *path)
{
    way->root = root;
    way->followed = 0;
    way->here[0] = '\0';
    if (text_format(way->rest, sizeof(way->rest), "%s", path) >= sizeof(way->rest))
        way->rest[0] = '\0';
}

/* False for what is no link, or cannot be read. */
static bool read_link(int root, const char *path, char text[PATH_MAX])
{
    auto_close int fd = -1;
    struct error *error = path_open(root, path, O_PATH | O_NOFOLLOW, &fd);

    error_forget(error);
    ssize_t length = error ? -1 : readlinkat(fd, "", text, PATH_MAX);
    if (length <= 0 || length == PATH_MAX)
        return false;
    text[length] = '\0';
    return true;
}

/* Puts the text of a link in front of the rest of the way. */
static bool follow(struct path_links *way, const char *link, size_t parent)
{
    char rest[PATH_MAX];
    size_t length = text_format(rest, sizeof(rest), "%s/%s", link, way->rest);

    if (way->followed++ == PATH_WALK_LINKS || length >= sizeof(rest))
        return false;
    memcpy(way->rest, rest, length + 1);
    way->here[link[0] == '/' ? 0 : parent] = '\0';
    return true;
}

static bool enter(struct path_links *way, const char *name)
{
    char link[PATH_MAX];
    size_t parent = strlen(way->here), room = sizeof(way->here) - parent;

    if (text_format(way->here + parent, room, "/%s", name) >= room)
        return false;
    return !read_link(way->root, way->here, link) || follow(way, link, parent);
}

static void leave(struct path_links *way)
{
    char *slash = strrchr(way->here, '/');

    if (slash)
        *slash = '\0';
}

/* False at the end of the path, and for what cannot be a name. */
static bool take_name(struct path_links *way, char name[NAME_MAX + 1])
{
    const char *begin = way->rest + strspn(way->rest, "/");
    size_t length = strcspn(begin, "/");

    if (!length || length > NAME_MAX)
        return false;
    text_format(name, NAME_MAX + 1, "%.*s", (int) length, begin);
    memmove(way->rest, begin + length, strlen(begin + length) + 1);
    return true;
}

bool path_links_next(struct path_links *way)
{
    char name[NAME_MAX + 1];

    if (!take_name(way, name))
        return false;
    if (text_equal(name, ".."))
        leave(way);
    else if (!text_equal(name, "."))
        return enter(way, name);
    return true;
}
