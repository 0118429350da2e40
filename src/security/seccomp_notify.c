/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp.listenerPath: who answers SCMP_ACT_NOTIFY.  The host sends the listener to the
 * agent, once a connection, and keeps none: it closes when the agent does. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "os/deadline.h"
#include "os/fd.h"
#include "os/proc.h"
#include "security/seccomp.h"

enum { AGENT_MILLISECONDS = 10000, STATUS_SIZE = 8192, GROUP_SIZE = sizeof("4294967295") };

/* Never 0, which the kernel takes for no limit. */
static struct timeval find_patience(void)
{
    int left = deadline_left(AGENT_MILLISECONDS);
    int wait = left > AGENT_MILLISECONDS ? AGENT_MILLISECONDS : left < 1 ? 1 : left;

    return (struct timeval){ .tv_sec = wait / 1000, .tv_usec = wait % 1000 * 1000L };
}

fallible seccomp_connect(int bundle, const char *path, int *agent)
{
    const struct timeval patience = find_patience();
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    auto_close int named = openat(bundle, path, O_PATH | O_CLOEXEC);
    auto_close int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    /* The path may be longer than an address. */
    text_format(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", named);
    if (named < 0 || connection < 0 ||
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ||
        connect(connection, (const void *) &address, sizeof(address)))
        return error_hint(error_system("reach the seccomp agent at \"%s\"", path),
                          "a seccomp agent has to listen there before the container is created");
    *agent = take_fd(&connection);
    return OK;
}

fallible seccomp_send_listener(int agent, int listener, const char *state, size_t length)
{
    for (size_t sent = 0; sent < length;) {
        ssize_t count = sent ? send(agent, state + sent, length - sent, MSG_NOSIGNAL)
                             : fd_pass(agent, state, length, listener);
        if (count < 0 && errno != EINTR)
            return error_system("send the container process state to the agent");
        sent += count > 0 ? (size_t) count : 0;
    }
    return OK;
}

/* False before Linux 5.9. */
static bool count_filters(const char *status, uint64_t *count)
{
    char digits[sizeof("4294967295")];
    const char *line = proc_find_line(status, "Seccomp_filters");
    size_t length = line ? strcspn(line, "\n") : 0;

    text_format(digits, sizeof(digits), "%.*s", (int) length, line ? line : "");
    return text_to_unsigned(digits, UINT32_MAX, count);
}

/* Init has the filters that we are under, so that its mode says nothing where there are some. */
static bool has_one_more(const char *init, const char *own)
{
    uint64_t loaded, inherited;

    if (count_filters(init, &loaded) && count_filters(own, &inherited))
        return loaded > inherited;
    /* 3 is said of one that its filter has killed. */
    return strstr(init, "\nSeccomp:\t2\n") || strstr(init, "\nSeccomp:\t3\n");
}

fallible seccomp_verify(int proc, int pid, uint32_t groups, struct arena *arena)
{
    size_t size = STATUS_SIZE + (size_t) groups * GROUP_SIZE;
    char path[32], *init, *own;

    try_new(init, arena, size);
    try_new(own, arena, size);
    text_format(path, sizeof(path), "%d/status", pid);
    try(proc_read(proc, path, init, size));
    try(proc_read_self("status", own, size));
    if (!has_one_more(init, own))
        return error_new(ERROR_READ_BACK, "the filter was loaded, but the kernel says that init "
                                          "is without it");
    return OK;
}
