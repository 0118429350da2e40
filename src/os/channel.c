/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What host and init say to each other (security rule R16).
 *
 * A peer that dies with our message unread makes the next call here fail with ECONNRESET once, and
 * only the call after that gives what the peer had said before; so a reset is never believed.
 */
#include "os/channel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "os/deadline.h"
#include "os/fd.h"
#include "os/syscalls.h"

enum kind {
    KIND_MEET = 0x7461726d,
    KIND_ERROR,
    KIND_SPANS,
    KIND_FAREWELL,
    KIND_READY,
    KIND_DESCRIPTOR,
    KIND_WARNING,
};

enum { RELEASE = 'r' };

/* How many messages one call hears.  Init warns once of each mount, of which Linux allows 100000
 * in a namespace (fs.mount-max), and says little else. */
enum { HEARD_MOST = 200000 };

struct message {
    uint32_t kind;
    uint32_t value; /* of a meeting its number, of spans their count, of ready a pid */
    union {
        struct error error;
        struct channel_span spans[CHANNEL_SPANS];
    };
};

/* How long a message of this kind is; 0 if there is none such. */
static size_t message_size(uint32_t kind)
{
    switch (kind) {
    case KIND_MEET:
    case KIND_FAREWELL:
    case KIND_READY:
    case KIND_DESCRIPTOR:
        return offsetof(struct message, error);
    case KIND_ERROR:
    case KIND_WARNING:
        return offsetof(struct message, error) + sizeof(struct error);
    case KIND_SPANS:
        return offsetof(struct message, spans) + sizeof(struct channel_span) * CHANNEL_SPANS;
    default:
        return 0;
    }
}

static bool is_gone(int number)
{
    return number == EPIPE || number == ECONNRESET;
}

fallible channel_open(int *mine, int *theirs)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return error_system("open a channel to init");
    *mine = ends[0];
    *theirs = ends[1];
    return OK;
}

static fallible send_bytes(int channel, const void *bytes, size_t size)
{
    ssize_t sent;
    do
        sent = send(channel, bytes, size, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && is_gone(errno))
        return error_errno(ERROR_INIT_DIED, "init ended without a word");
    if (sent < 0)
        return error_system("send to the peer");
    if ((size_t) sent != size)
        return error_new(ERROR_PROTOCOL, "sent %zd of %zu bytes to the peer", sent, size);
    return OK;
}

int channel_interrupts = -1;

fallible channel_interrupt(int fd)
{
    struct signalfd_siginfo info;

    if (read(fd, &info, sizeof(info)) != sizeof(info))
        return error_system("read a signal");
    if (info.ssi_signo == SIGALRM)
        return error_new(ERROR_INTERRUPTED, "gave up, since %s", DEADLINE_IS_OVER);
    return error_new(ERROR_INTERRUPTED, "gave up, since signal %u came", info.ssi_signo);
}

/* Until the peer says something, or a signal comes.  What is said comes first, but not behind a
 * warning: a peer that warns without end would make us deaf. */
static fallible await(int channel, bool has_warned)
{
    struct pollfd events[] = { { .fd = channel, .events = POLLIN },
                               { .fd = channel_interrupts, .events = POLLIN } };

    if (channel_interrupts < 0)
        return OK;
    while (poll(events, LENGTH(events), -1) < 0)
        if (errno != EINTR)
            return error_system("wait for the peer");
    bool is_interrupted = events[1].revents && (has_warned || !events[0].revents);
    return is_interrupted ? channel_interrupt(channel_interrupts) : OK;
}

/* Takes the next message, and the descriptor with it where FD is there to take it, which is the
 * caller's also on failure; IS_END says that the peer closed its end instead. */
static fallible receive_any(int channel, struct message *message, int *fd, bool *is_end)
{
    ssize_t got;
    bool was_reset = false;

    do {
        got = fd_take(channel, message, sizeof(*message), fd);
        if (got < 0 && errno == ECONNRESET && !was_reset) {
            was_reset = true;
            errno = EINTR;
        }
    } while (got < 0 && errno == EINTR);

    if (got < 0 && errno != ECONNRESET)
        return error_system("hear from the peer");
    *is_end = got <= 0;
    if (*is_end)
        return OK;
    if ((size_t) got < sizeof(message->kind) || (size_t) got != message_size(message->kind))
        return error_new(ERROR_PROTOCOL, "received a message of %zd bytes that is none", got);
    if (fd && *fd >= 0 && message->kind != KIND_DESCRIPTOR)
        return error_new(ERROR_PROTOCOL, "received a descriptor with message %x", message->kind);
    return OK;
}

void (*channel_hear_warning)(const struct error *warning);

/* Whether it was one, which has been told. */
static bool tell_warning(const struct message *message)
{
    if (message->kind != KIND_WARNING || !channel_hear_warning)
        return false;
    struct error *warning = error_receive(&message->error);
    channel_hear_warning(warning);
    error_forget(warning);
    return true;
}

static fallible refuse_more(void)
{
    return error_new(ERROR_PROTOCOL, "the peer sent more than %d messages at once", HEARD_MOST);
}

/* The next message that is no warning. */
static fallible receive_with(int channel, struct message *message, int *fd, bool *is_end)
{
    for (unsigned warnings = 0; warnings < HEARD_MOST; warnings++) {
        try(await(channel, warnings > 0));
        try(receive_any(channel, message, fd, is_end));
        if (*is_end || !tell_warning(message))
            return OK;
    }
    return refuse_more();
}

static fallible receive(int channel, struct message *message, bool *is_end)
{
    return receive_with(channel, message, NULL, is_end);
}

/* What the peer has failed with, if that is the message, or its end. */
static fallible check(const struct message *message, bool is_end)
{
    if (is_end)
        return error_new(ERROR_INIT_DIED, "init ended without a word");
    return message->kind == KIND_ERROR ? error_receive(&message->error) : OK;
}

fallible channel_meet(int channel, uint32_t meeting)
{
    const struct message arrived = { .kind = KIND_MEET, .value = meeting };
    struct error *unsent = send_bytes(channel, &arrived, message_size(KIND_MEET));
    if (unsent && unsent->code != ERROR_INIT_DIED)
        return unsent;
    /* What a dead peer said last says why it died. */
    error_forget(unsent);

    struct message message;
    bool is_end = false;
    try(receive(channel, &message, &is_end));
    try(check(&message, is_end));
    if (message.kind != KIND_MEET || message.value != meeting)
        return error_new(ERROR_PROTOCOL, "at meeting %u the peer sent message %x, %u", meeting,
                         message.kind, message.value);
    return OK;
}

fallible channel_hear_failure(int channel)
{
    struct pollfd event = { .fd = channel, .events = POLLIN };

    for (unsigned heard = 0; poll(&event, 1, 0) > 0; heard++) {
        if (heard == HEARD_MOST)
            return refuse_more();
        struct message message;
        bool is_end = false;
        try(receive_any(channel, &message, NULL, &is_end)); /* behind a warning we may not wait */
        try(check(&message, is_end));
        if (message.kind == KIND_FAREWELL)
            return OK;
        tell_warning(&message);
    }
    return OK;
}

/* By bytes: an assignment may leave those between members as our stack has them. */
static fallible send_words(int channel, uint32_t kind, const struct error *error)
{
    struct message message;

    message.kind = kind;
    message.value = 0;
    memcpy(&message.error, error, sizeof(*error));
    return send_bytes(channel, &message, message_size(kind));
}

fallible channel_send_error(int channel, const struct error *error)
{
    return send_words(channel, KIND_ERROR, error);
}

fallible channel_send_warning(int channel, const struct error *warning)
{
    return send_words(channel, KIND_WARNING, warning);
}

fallible channel_send_descriptor(int channel, int fd)
{
    const struct message given = { .kind = KIND_DESCRIPTOR };

    return fd_pass(channel, &given, message_size(KIND_DESCRIPTOR), fd) < 0
               ? error_system("send a descriptor to the peer")
               : OK;
}

fallible channel_hear_descriptor(int channel, int *fd)
{
    struct message message;
    bool is_end = false;
    auto_close int got = -1;

    try(receive_with(channel, &message, &got, &is_end));
    try(check(&message, is_end));
    if (message.kind != KIND_DESCRIPTOR || got < 0)
        return error_new(ERROR_PROTOCOL, "instead of a descriptor the peer sent message %x, %u",
                         message.kind, message.value);
    *fd = take_fd(&got);
    return OK;
}

fallible channel_send_spans(int channel, const struct channel_span *spans, uint32_t count)
{
    struct message message;
    memset(&message, 0, sizeof(message));
    message.kind = KIND_SPANS;
    message.value = count < CHANNEL_SPANS ? count : CHANNEL_SPANS;
    memcpy(message.spans, spans, message.value * sizeof(*spans));
    return send_bytes(channel, &message, message_size(KIND_SPANS));
}

fallible channel_send_farewell(int channel)
{
    const struct message farewell = { .kind = KIND_FAREWELL };
    return send_bytes(channel, &farewell, message_size(KIND_FAREWELL));
}

static fallible keep_spans(const struct message *message, struct channel_span *spans,
                           uint32_t *count)
{
    if (message->kind != KIND_SPANS || message->value > CHANNEL_SPANS)
        return error_new(ERROR_PROTOCOL, "at the end the peer sent message %x, %u", message->kind,
                         message->value);
    if (spans) {
        memcpy(spans, message->spans, message->value * sizeof(*spans));
        *count = message->value;
    }
    return OK;
}

/* Spans and the farewell come in the order of their kinds, each once. */
fallible channel_hear_end(int channel, struct channel_span *spans, uint32_t *count)
{
    uint32_t last = 0;

    if (spans)
        *count = 0;
    for (;;) {
        struct message message;
        bool is_end = false;
        try(receive(channel, &message, &is_end));
        if (is_end && last == KIND_FAREWELL)
            return OK;
        try(check(&message, is_end));
        if (message.kind <= last)
            return error_new(ERROR_PROTOCOL, "at the end the peer sent message %x behind %x",
                             message.kind, last);
        last = message.kind;
        if (message.kind != KIND_FAREWELL)
            try(keep_spans(&message, spans, count));
    }
}

fallible channel_send_ready(int channel, pid_t pid)
{
    const struct message ready = { .kind = KIND_READY, .value = (uint32_t) pid };
    return send_bytes(channel, &ready, message_size(KIND_READY));
}

fallible channel_hear_ready(int channel, pid_t *pid)
{
    struct message message;
    bool is_end = false;

    try(receive(channel, &message, &is_end));
    try(check(&message, is_end));
    if (message.kind != KIND_READY)
        return error_new(ERROR_PROTOCOL, "the bridge sent message %x, %u", message.kind,
                         message.value);
    *pid = (pid_t) message.value;
    return OK;
}

fallible channel_release(int channel)
{
    const char byte = RELEASE;
    return send_bytes(channel, &byte, sizeof(byte));
}

bool channel_await_release(int channel)
{
    /* Room for one byte too many, so that a longer message is not taken for the release. */
    char bytes[2];
    int kept = errno;
    long got;
    do
        got = syscall(SYS_read, channel, bytes, sizeof(bytes));
    while (got < 0 && errno == EINTR);
    errno = kept;
    return got == 1 && bytes[0] == RELEASE;
}
