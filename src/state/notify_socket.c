/* SPDX-License-Identifier: Apache-2.0 */
/* sd_notify(3) for direct users.  What surprises: the directory above is ours alone (0700), so that
 * only who is in the container, where this one is bound, finds a socket that all may write to. */

#include "state/notify_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/fd.h"

enum { PLACE_MODE = 0755, SOCKET_MODE = 0666 };

fallible notify_socket_make_place(const struct entry *entry)
{
    int failed = mkdirat(entry->directory, NOTIFY_DIRECTORY, PLACE_MODE);
    if (!failed)
        failed = fchmodat(entry->directory, NOTIFY_DIRECTORY, PLACE_MODE, 0);
    if (failed)
        return error_system("make the place where container \"%s\" says that it is ready",
                            entry->id);
    return OK;
}

bool notify_socket_has_place(const struct entry *entry)
{
    struct stat status;

    return !fstatat(entry->directory, NOTIFY_DIRECTORY, &status, AT_SYMLINK_NOFOLLOW);
}

/* Its mode is that of the socket before it has a name: the container may have swapped that since.
 */
static int bind_in(int place, int receiver)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    text_format(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" NOTIFY_NAME, place);
    if (unlinkat(place, NOTIFY_NAME, 0) && errno != ENOENT)
        return -1;
    if (fchmod(receiver, SOCKET_MODE))
        return -1;
    mode_t mask = umask(0);
    int failed = bind(receiver, (const void *) &address, sizeof(address));
    umask(mask);
    return failed;
}

fallible notify_socket_open(const struct entry *entry, int *socket_)
{
    auto_close int place =
        openat(entry->directory, NOTIFY_DIRECTORY, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (place < 0 && errno == ENOENT) {
        *socket_ = -1;
        return OK;
    }
    auto_close int receiver =
        place < 0 ? -1 : socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (receiver < 0 || bind_in(place, receiver))
        return error_system("make the socket on which container \"%s\" says that it is ready",
                            entry->id);
    *socket_ = take_fd(&receiver);
    return OK;
}
