/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.terminal in the foreground.  What surprises:
 *
 * A terminal that nobody has open reads as an error, and poll(2) says so at once, for ever; but it
 * may be opened again by its name.  So it is left alone until an edge-triggered epoll(7) wakes us.
 * (To hold it open ourselves would lose output: when the leader of a session ends, the kernel hangs
 * up a terminal that is open, and throws away what has not been read.)
 *
 * Our standard streams are shared with others, and stay as blocking as they are: poll(2) is asked
 * before each read or write.  That a terminal can be written to means room for one byte: what goes
 * there is written to an opening of our own, which does not block.
 */
#include "container/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "os/proc.h"
#include "os/tty.h"

enum {
    ENDS = 16,      /* that a program which goes on all the same is told of */
    REST = 64 << 10 /* no less than a terminal holds: 20 KiB have been seen */
};

static bool is_empty(const struct relay_bytes *bytes)
{
    return bytes->begin == bytes->end;
}

static bool is_momentary(int number)
{
    return number == EAGAIN || number == EINTR;
}

static fallible prepare_terminal(struct relay *relay)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLET };

    int flags = fcntl(relay->terminal, F_GETFL);
    if (flags < 0 || fcntl(relay->terminal, F_SETFL, flags | O_NONBLOCK))
        return error_system("read the container's terminal without waiting");
    relay->waker = epoll_create1(EPOLL_CLOEXEC);
    if (relay->waker < 0 || epoll_ctl(relay->waker, EPOLL_CTL_ADD, relay->terminal, &event))
        return error_system("watch the container's terminal");
    return OK;
}

/* -1 if it cannot be opened once more, as a terminal of another user's. */
static fallible open_screen(int *screen)
{
    int proc;

    if (!isatty(STDOUT_FILENO))
        return OK;
    try(proc_mounted(&proc));
    *screen = openat(proc, "self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return OK;
}

fallible relay_open(struct relay *relay, int terminal)
{
    *relay = (struct relay){ .terminal = terminal, .waker = -1, .window = -1, .screen = -1 };
    if (terminal < 0)
        return OK;
    relay->has_input = relay->has_output = true;
    relay->last = '\n';
    try(prepare_terminal(relay));
    try(open_screen(&relay->screen));
    if (isatty(STDIN_FILENO))
        relay->window = STDIN_FILENO;
    else if (isatty(STDOUT_FILENO))
        relay->window = STDOUT_FILENO;
    if (relay->window != STDIN_FILENO)
        return OK;
    struct error *error = tty_make_raw(STDIN_FILENO, &relay->before);
    relay->is_raw = !error;
    /* EIO: a background job whose group is an orphan, and so is not stopped.  What is typed belongs
     * to the foreground job. */
    return error_forget_if(error, EIO) ? OK : error;
}

void relay_close(struct relay *relay)
{
    if (relay->is_raw)
        tty_restore(STDIN_FILENO, &relay->before);
    relay->is_raw = false;
    close_fd(&relay->screen);
    close_fd(&relay->waker);
    close_fd(&relay->terminal);
}

static int output(const struct relay *relay)
{
    return relay->screen >= 0 ? relay->screen : STDOUT_FILENO;
}

void relay_watch(const struct relay *relay, struct pollfd *events)
{
    bool is_there = relay->terminal >= 0;
    bool wants_input = is_there && relay->has_input && is_empty(&relay->in);
    bool has_output = is_there && !is_empty(&relay->out);
    int wanted = (has_output ? 0 : POLLIN) | (is_empty(&relay->in) ? 0 : POLLOUT);

    events[RELAY_INPUT] =
        (struct pollfd){ .fd = wants_input ? STDIN_FILENO : -1, .events = POLLIN };
    events[RELAY_OUTPUT] =
        (struct pollfd){ .fd = has_output ? output(relay) : -1, .events = POLLOUT };
    events[RELAY_TERMINAL] =
        (struct pollfd){ .fd = wanted ? relay->terminal : -1, .events = (short) wanted };
    if (relay->is_quiet)
        events[RELAY_TERMINAL] = (struct pollfd){ .fd = relay->waker, .events = POLLIN };
}

/* Takes the news off the epoll, so that it is readable for the next only. */
static void forget_news(const struct relay *relay)
{
    struct epoll_event event;
    while (epoll_wait(relay->waker, &event, 1, 0) < 0 && errno == EINTR)
        ;
}

/* A look that is interrupted tells nothing; who takes it for the last one loses the rest. */
static ssize_t fill(int fd, struct relay_bytes *bytes)
{
    ssize_t got;

    do
        got = read(fd, bytes->bytes, sizeof(bytes->bytes));
    while (got < 0 && errno == EINTR);
    bytes->begin = 0;
    bytes->end = got > 0 ? (size_t) got : 0;
    return got;
}

/* -1 with errno, or 0. */
static int drain(int fd, struct relay_bytes *bytes)
{
    ssize_t written = write(fd, bytes->bytes + bytes->begin, bytes->end - bytes->begin);
    if (written < 0)
        return -1;
    bytes->begin += (size_t) written;
    return 0;
}

/* What ^D does: once behind a line, twice within one; who edits lines sees it behind one alone.
 * Unless somebody asks for it, only where the terminal has come to read in another way. */
static void type_end_of_input(struct relay *relay, bool is_asked)
{
    bool is_by_line = false;
    int end = tty_read_end_of_input(relay->terminal, &is_by_line);

    if (end < 0 || !is_empty(&relay->in) || !(is_asked || is_by_line != relay->ended_by_line))
        return;
    relay->in.begin = relay->in.end = 0;
    if (relay->last != '\n')
        relay->in.bytes[relay->in.end++] = is_by_line ? (char) end : '\n';
    relay->in.bytes[relay->in.end++] = (char) end;
    if (!is_by_line)
        relay->last = '\n';
    relay->ended_by_line = is_by_line;
    relay->ends_left--;
}

/* A file that has ended stays so, but a ^D is taken by one reader, and is lost when the terminal
 * comes to read in another way; so it is typed again, or a shell would wait for ever.  What does
 * not end a line is taken for a prompt. */
static void repeat_end_of_input(struct relay *relay)
{
    char last = relay->out.bytes[relay->out.end - 1];

    if (relay->ends_left)
        type_end_of_input(relay, last != '\n' && last != '\r');
}

static fallible read_terminal(struct relay *relay)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        ssize_t got = fill(relay->terminal, &relay->out);
        if (!relay->has_output)
            relay->out.begin = relay->out.end;
        if (got > 0)
            repeat_end_of_input(relay);
        if (got > 0 || (got < 0 && is_momentary(errno)))
            return OK;
        if (got < 0 && errno != EIO)
            return error_system("read the container's terminal");
        /* It may be opened right now: what happens behind this is news. */
        forget_news(relay);
    }
    relay->is_quiet = true;
    return OK;
}

static fallible write_terminal(struct relay *relay)
{
    if (!drain(relay->terminal, &relay->in) || is_momentary(errno))
        return OK;
    if (errno != EIO)
        return error_system("write to the container's terminal");
    relay->in.begin = relay->in.end; /* nobody has it open */
    return OK;
}

void relay_discard(struct relay *relay)
{
    relay->has_output = false;
    relay->out.begin = relay->out.end;
}

static void write_output(struct relay *relay)
{
    if (is_empty(&relay->out) || !drain(output(relay), &relay->out) || is_momentary(errno))
        return;
    /* Whoever stops reading, or hangs up, wants no more. */
    if (errno != EPIPE && errno != EIO)
        relay->lost = errno;
    relay_discard(relay);
}

static fallible read_input(struct relay *relay)
{
    ssize_t got = fill(STDIN_FILENO, &relay->in);
    if (got < 0 && is_momentary(errno))
        return OK;
    if (got > 0) {
        relay->last = relay->in.bytes[got - 1];
        return write_terminal(relay);
    }
    relay->has_input = false;
    if (got < 0 && errno != EIO)
        log_warning("standard input: %s: the container gets no more of it",
                    error_number_words(errno));
    if (relay->window == STDIN_FILENO)
        return OK;
    relay->ends_left = ENDS;
    type_end_of_input(relay, true);
    return OK;
}

fallible relay_carry(struct relay *relay, const struct pollfd *events)
{
    short terminal = events[RELAY_TERMINAL].revents;

    if (terminal && relay->is_quiet) {
        forget_news(relay);
        relay->is_quiet = false;
        return OK;
    }
    if (events[RELAY_OUTPUT].revents)
        write_output(relay);
    if (events[RELAY_INPUT].revents)
        try(read_input(relay));
    if (terminal & ~POLLIN && !is_empty(&relay->in))
        try(write_terminal(relay));
    if (terminal & ~POLLOUT && is_empty(&relay->out))
        try(read_terminal(relay));
    return OK;
}

fallible relay_is_dry(struct relay *relay, bool *is_dry)
{
    bool is_there = relay->terminal >= 0;

    relay->has_input = false;
    relay->in.begin = relay->in.end;
    if (is_there && is_empty(&relay->out) && relay->rest < REST) {
        try(read_terminal(relay));
        relay->rest += relay->out.end;
    }
    *is_dry = !is_there || is_empty(&relay->out);
    return OK;
}

bool relay_follow_size(struct relay *relay)
{
    struct winsize size;

    if (relay->window < 0)
        return false;
    if (tty_read_size(relay->window, &size))
        error_forget(tty_set_size(relay->terminal, &size)); /* it stays as it was */
    return true;
}

void relay_resume(struct relay *relay)
{
    struct termios meanwhile;

    if (relay->window == STDIN_FILENO && !tty_is_background(STDIN_FILENO)) {
        struct error *error =
            tty_make_raw(STDIN_FILENO, relay->is_raw ? &meanwhile : &relay->before);
        relay->is_raw |= !error;
        error_forget(error); /* typing works line by line */
    }
    relay_follow_size(relay);
}
