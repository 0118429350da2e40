/* SPDX-License-Identifier: Apache-2.0 */
/* NOTIFY_SOCKET: that a container is ready is told to who started tare.  What surprises: in the
 * foreground tare stays the main process of its unit, since it has to delete the container; only
 * who leaves it to itself says MAINPID. */

#include "container/notify.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "launch/launch.h"
#include "libocispec/config.h"
#include "os/deadline.h"
#include "security/confine.h"
#include "state/notify_socket.h"

enum { MESSAGES = 16, MESSAGE_SIZE = 4096, MAIN_PID_SIZE = 32, PATIENCE_MILLISECONDS = 5000 };

bool notify_is_wanted(const char *address)
{
    return address && *address;
}

fallible notify_connect(const char *address, int *to)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };

    size_t length = strlen(address);
    if ((*address != '/' && *address != '@') || length >= sizeof(name.sun_path))
        return error_hint(error_new(ERROR_USAGE,
                                    "NOTIFY_SOCKET '%s' is neither an absolute path nor '@' and "
                                    "a name, of at most %zu bytes",
                                    address, sizeof(name.sun_path) - 1),
                          "systemd sets it for units with Type=notify; unset it otherwise");
    memcpy(name.sun_path, address, length);
    if (*address == '@')
        name.sun_path[0] = '\0';
    auto_close int connection = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length);
    if (connection < 0 || connect(connection, (const void *) &name, size))
        return error_system("reach NOTIFY_SOCKET '%s'", address);
    *to = take_fd(&connection);
    return OK;
}

void notify_close(struct notify *notify)
{
    close_fd(&notify->from);
    close_fd(&notify->to);
}

static bool has_its_own(const struct oci_config *config)
{
    for (uint32_t i = 0; i < config->process->env.n; i++)
        if (text_starts(config->process->env.v[i], "NOTIFY_SOCKET="))
            return true;
    for (uint32_t i = 0; i < config->mounts.n; i++)
        if (text_equal(config->mounts.v[i]->destination, NOTIFY_PLACE))
            return true;
    return false;
}

static fallible add_variable(struct oci_string_array *env, struct arena *arena)
{
    struct oci_string_array more = { .n = env->n + 1 };

    try_new(more.v, arena, more.n);
    for (uint32_t i = 0; i < env->n; i++)
        more.v[i] = env->v[i];
    more.v[env->n] = "NOTIFY_SOCKET=" NOTIFY_PLACE "/" NOTIFY_NAME;
    *env = more;
    return OK;
}

/* Who may write to the socket need not be able to change the directory. */
static fallible add_mount(struct oci_mount_array *mounts, const char *place, struct arena *arena)
{
    static const char *options[] = { "bind", "ro", "nosuid", "nodev", "noexec" };
    struct oci_mount_array more = { .n = mounts->n + 1 };
    struct oci_mount *mount;

    try_new(mount, arena, 1);
    *mount =
        (struct oci_mount){ NOTIFY_PLACE, "bind", place, { options, LENGTH(options) }, {}, {} };
    try_new(more.v, arena, more.n);
    for (uint32_t i = 0; i < mounts->n; i++)
        more.v[i] = mounts->v[i];
    more.v[mounts->n] = mount;
    *mounts = more;
    return OK;
}

fallible notify_give(struct launch_request *request, const char *place, struct arena *arena)
{
    const struct oci_config *config = request->config;
    struct oci_config *changed;

    if (!config->process || has_its_own(config))
        return OK;
    try_new(changed, arena, 1);
    *changed = *config;
    try_new(changed->process, arena, 1);
    *changed->process = *config->process;
    try(add_variable(&changed->process->env, arena));
    try(add_mount(&changed->mounts, place, arena));
    request->config = changed;
    request->notifies = true;
    return OK;
}

static bool is_number(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return length && length <= 20;
}

static bool is_plain_text(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char) text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

static bool is_one(const char *text, size_t length)
{
    return length == 1 && *text == '1';
}

static const struct {
    const char *name; /* with its "=" */
    bool (*is_valid)(const char *value, size_t length);
} lines[] = {
    { "READY=", is_one },
    { "RELOADING=", is_one },
    { "STOPPING=", is_one },
    { "WATCHDOG=", is_one },
    { "STATUS=", is_plain_text },
    { "ERRNO=", is_number },
    { "MONOTONIC_USEC=", is_number },
    { "EXTEND_TIMEOUT_USEC=", is_number },
};

static bool may_pass(const char *line, size_t length)
{
    for (size_t i = 0; i < LENGTH(lines); i++) {
        size_t name = strlen(lines[i].name);
        if (length >= name && !memcmp(line, lines[i].name, name))
            return lines[i].is_valid(line + name, length - name);
    }
    return false;
}

size_t notify_filter(const char *message, size_t length, char *out, bool *is_ready)
{
    const char *end = message + length;
    size_t filled = 0;

    *is_ready = false;
    for (const char *line = message; line < end;) {
        const char *stop = memchr(line, '\n', (size_t) (end - line));
        size_t size = (size_t) ((stop ? stop : end) - line);
        if (may_pass(line, size)) {
            memcpy(out + filled, line, size);
            out[filled + size] = '\n';
            filled += size + 1;
            *is_ready |= text_starts(line, "READY=");
        }
        line += size + 1;
    }
    return filled;
}

/* Who listens may be slow: a container that says much must not hold us, but that it is ready, which
 * it is once, is not lost. */
static fallible say(int to, const char *text, size_t length, bool is_ready)
{
    struct pollfd room = { .fd = to, .events = POLLOUT };

    for (;;) {
        if (write(to, text, length) >= 0)
            return OK;
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN && !is_ready)
            return OK;
        if (errno != EAGAIN || poll(&room, 1, PATIENCE_MILLISECONDS) <= 0)
            return error_system("pass on to NOTIFY_SOCKET what the container says");
    }
}

/* read(2) drops descriptors that come with a message. */
fallible notify_forward(const struct notify *notify, pid_t main_pid, bool *is_ready)
{
    char message[MESSAGE_SIZE + 1], text[sizeof(message) + 1 + MAIN_PID_SIZE];

    for (int i = 0; i < MESSAGES && (!*is_ready || !main_pid); i++) {
        bool is_ready_now;
        ssize_t got = read(notify->from, message, sizeof(message));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return OK;
        if (got < 0)
            return error_system("hear what the container says on its NOTIFY_SOCKET");
        if (got > MESSAGE_SIZE)
            continue; /* and cut off by that: nobody's line */
        size_t length = notify_filter(message, (size_t) got, text, &is_ready_now);
        if (is_ready_now && main_pid)
            length += (size_t) text_format(text + length, MAIN_PID_SIZE, "MAINPID=%d\n", main_pid);
        if (length)
            try(say(notify->to, text, length, is_ready_now && !*is_ready));
        *is_ready |= is_ready_now;
    }
    return OK;
}

static fallible wait_until_ready(const struct notify *notify, pid_t init, int pidfd)
{
    struct pollfd events[] = {
        { .fd = notify->from, .events = POLLIN },
        { .fd = pidfd, .events = POLLIN },
    };
    bool is_ready = false, has_ended = pidfd < 0;

    for (;;) {
        if (poll(events, LENGTH(events), has_ended ? 0 : deadline_left(-1)) < 0 && errno != EINTR)
            return error_system("wait for the container to be ready");
        has_ended |= events[1].revents != 0;
        try(notify_forward(notify, init, &is_ready));
        if (is_ready)
            return OK;
        if (!deadline_left(-1))
            return error_new(ERROR_TIMEOUT, "the container has not said that it is ready, and %s",
                             DEADLINE_IS_OVER);
        if (has_ended && !events[0].revents)
            return error_new(ERROR_STATE, "the container has ended, and not said that it is ready");
    }
}

fallible notify_await(const struct notify *notify, pid_t init, int pidfd)
{
    if (notify->from < 0)
        return OK;
    try(confine_relay());
    struct error *error = wait_until_ready(notify, init, pidfd);
    if (error)
        log_warning("%s", error_line(error));
    error_forget(error);
    return OK;
}
