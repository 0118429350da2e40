/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that are run to their end; serves hooks.
 *
 * We keep the reading end of its standard input open ourselves: so a program that does not read
 * brings us no SIGPIPE, only a pipe that stays full.  Its end is seen through a pidfd, never by the
 * end of its output, which somebody in the background may hold for ever.
 */
#include "os/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "os/clock.h"
#include "os/clone.h"
#include "os/deadline.h"
#include "os/program_child.h"
#include "os/syscalls.h"

enum {
    WORDS_SIZE = 512,
    CHUNK_SIZE = 4096,
    PIPE_CHUNKS = 16, /* what a pipe holds */
    NANOSECONDS = 1000000000,
    NANOSECONDS_PER_MILLISECOND = 1000000,
};

struct pipe {
    int out, in; /* to read from, and to write to */
};

struct running {
    const struct program *program;
    struct pipe input, output, report;
    pid_t pid;
    int pidfd;
    uint64_t deadline; /* 0: none */
    bool is_late;
    int signals;     /* signalfd(2), or -1 */
    unsigned signal; /* that came meanwhile */
    uint32_t text;   /* of the input, the part that is being written, and how much of it has been */
    size_t fed;
    char words[WORDS_SIZE]; /* the last of the output */
    size_t length;
};

static fallible open_pipe(int ours, struct pipe *made)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC))
        return error_system("open a pipe");
    *made = (struct pipe){ ends[0], ends[1] };
    /* Of our end alone: the other is the program's. */
    if (fcntl(ends[ours], F_SETFL, O_NONBLOCK))
        return error_system("change a pipe");
    return OK;
}

static fallible open_pipes(struct running *running)
{
    try(open_pipe(1, &running->input));
    try(open_pipe(0, &running->output));
    return open_pipe(0, &running->report);
}

static void close_pipes(struct running *running)
{
    struct pipe *pipes[] = { &running->input, &running->output, &running->report };

    for (size_t i = 0; i < LENGTH(pipes); i++) {
        close_fd(&pipes[i]->out);
        close_fd(&pipes[i]->in);
    }
}

static fallible watch_signals(struct running *running)
{
    static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
    struct sigaction now;
    sigset_t set;

    /* One that is ignored (nohup(1)) would be kept for a signalfd(2) all the same. */
    sigemptyset(&set);
    for (size_t i = 0; i < LENGTH(watched); i++)
        if (!sigaction(watched[i], NULL, &now) && now.sa_handler != SIG_IGN)
            sigaddset(&set, watched[i]);
    if (deadline_is_set())
        sigaddset(&set, SIGALRM);
    running->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return running->signals < 0 ? error_system("watch for signals") : OK;
}

static fallible start(struct running *running)
{
    if (running->program->heeds_signals)
        try(watch_signals(running));
    const struct program_child child = {
        .program = running->program,
        .input = running->input.out,
        .output = running->output.in,
        .report = running->report.in,
        .parent = getpid(),
    };
    running->pid = clone_fork(0, &running->pidfd);
    if (running->pid == 0)
        program_become(&child);
    if (running->pid < 0)
        return error_system("clone");
    close_fd(&running->output.in);
    close_fd(&running->report.in);
    if (running->program->seconds)
        running->deadline = clock_now() + (uint64_t) running->program->seconds * NANOSECONDS;
    return OK;
}

/* Writes as much as the pipe takes, and closes it behind the last byte. */
static void feed(struct running *running)
{
    while (running->text < PROGRAM_TEXTS) {
        const struct program_text *text = &running->program->input[running->text];
        if (running->fed == text->length) {
            running->text++;
            running->fed = 0;
            continue;
        }
        ssize_t written =
            write(running->input.in, text->bytes + running->fed, text->length - running->fed);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return;
        running->fed += (size_t) written;
    }
    close_fd(&running->input.in);
}

/* Keeps the last bytes. */
static void note(struct running *running, const char *bytes, size_t count)
{
    const size_t most = sizeof(running->words) - 1;

    if (count > most) {
        bytes += count - most;
        count = most;
    }
    size_t kept = running->length < most - count ? running->length : most - count;
    memmove(running->words, running->words + running->length - kept, kept);
    for (size_t i = 0; i < count; i++)
        running->words[kept + i] = bytes[i] ? bytes[i] : ' ';
    running->length = kept + count;
}

/* False when there is nothing more to read now. */
static bool hear(struct running *running)
{
    char bytes[CHUNK_SIZE];
    ssize_t got;

    do
        got = read(running->output.out, bytes, sizeof(bytes));
    while (got < 0 && errno == EINTR);
    if (got > 0)
        note(running, bytes, (size_t) got);
    if (got == 0)
        close_fd(&running->output.out);
    return got > 0;
}

/* Itself too, should it have left its group or not yet have made one. */
static void kill_all(const struct running *running)
{
    kill(-running->pid, SIGKILL);
    kill(running->pid, SIGKILL);
}

static void take_signal(struct running *running)
{
    struct signalfd_siginfo info;

    if (read(running->signals, &info, sizeof(info)) != sizeof(info))
        return;
    running->signal = info.ssi_signo;
    kill_all(running);
    close_fd(&running->signals);
}

static int time_left(const struct running *running)
{
    if (!running->deadline || running->is_late)
        return -1;
    uint64_t now = clock_now();
    if (now >= running->deadline)
        return 0;
    uint64_t left = (running->deadline - now) / NANOSECONDS_PER_MILLISECOND + 1;
    return left < INT_MAX ? (int) left : INT_MAX;
}

static fallible attend(struct running *running)
{
    struct pollfd events[4] = { { .fd = running->pidfd, .events = POLLIN } };

    while (!events[0].revents) {
        events[1] = (struct pollfd){ .fd = running->output.out, .events = POLLIN };
        events[2] = (struct pollfd){ .fd = running->input.in, .events = POLLOUT };
        events[3] = (struct pollfd){ .fd = running->signals, .events = POLLIN };
        int wait = time_left(running);
        if (wait == 0) {
            running->is_late = true;
            kill_all(running);
            continue;
        }
        if (poll(events, LENGTH(events), wait) < 0 && errno != EINTR)
            return error_system("wait for %s", running->program->path);
        if (events[1].revents)
            hear(running);
        if (events[2].revents)
            feed(running);
        if (events[3].revents)
            take_signal(running);
    }
    /* Its last words, and not those that others may go on to write. */
    for (int i = 0; i < PIPE_CHUNKS && running->output.out >= 0 && hear(running); i++)
        ;
    return OK;
}

/* The last line that says something. */
static const char *last_line(struct running *running)
{
    char *words = running->words, *end = words + running->length;

    while (end > words && (unsigned char) end[-1] <= ' ')
        end--;
    *end = '\0';
    while (end > words && end[-1] != '\n' && end[-1] != '\r')
        end--;
    while (*end == ' ' || *end == '\t')
        end++;
    return end;
}

static fallible ended(enum error_ending ending, struct error *error)
{
    error->ending = ending;
    return error;
}

static fallible explain_end(struct running *running, int status)
{
    const char *path = running->program->path, *line = last_line(running);
    const char *colon = *line ? ": " : "";

    if (running->is_late)
        return ended(ENDING_LATE,
                     error_new(ERROR_PROGRAM, "%s did not end within %u s, and was killed%s%s",
                               path, running->program->seconds, colon, line));
    if (running->signal == SIGALRM)
        return error_new(ERROR_PROGRAM, "%s was killed, since %s%s%s", path, DEADLINE_IS_OVER,
                         colon, line);
    if (running->signal)
        return error_new(ERROR_PROGRAM, "%s was killed, since signal %u came%s%s", path,
                         running->signal, colon, line);
    if (WIFSIGNALED(status))
        return ended(ENDING_SIGNAL, error_new(ERROR_PROGRAM, "%s was killed by signal %d%s%s", path,
                                              WTERMSIG(status), colon, line));
    return ended(ENDING_STATUS, error_new(ERROR_PROGRAM, "%s exited with status %d%s%s", path,
                                          WEXITSTATUS(status), colon, line));
}

static fallible explain_attempt(const char *path, enum program_attempt attempt)
{
    static const char *const attempts[] = {
        [PROGRAM_SESSION] = "start a session for",
        [PROGRAM_STREAMS] = "connect",
        [PROGRAM_DIRECTORY] = "enter the working directory of",
        [PROGRAM_EXECUTE] = "execute",
    };
    struct error *error = error_errno(ERROR_PROGRAM, "%s %s", attempts[attempt], path);

    return attempt == PROGRAM_EXECUTE ? error_call(error, CALL_EXECVE, path) : error;
}

fallible program_explain(const char *path)
{
    return explain_attempt(path, PROGRAM_EXECUTE);
}

static fallible explain(struct running *running, int status)
{
    struct program_failure failure;

    if (read(running->report.out, &failure, sizeof(failure)) == sizeof(failure)) {
        errno = failure.number;
        return explain_attempt(running->program->path, failure.attempt);
    }
    if (!running->is_late && !running->signal && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return OK;
    return explain_end(running, status);
}

static fallible end(struct running *running)
{
    int status = 0;
    struct error *error = attend(running);

    if (error)
        kill_all(running);
    while (waitpid(running->pid, &status, 0) < 0)
        if (errno != EINTR)
            return error ? error : error_system("reap %s", running->program->path);
    return error ? error : explain(running, status);
}

fallible program_run(const struct program *program)
{
    static const struct pipe closed = { -1, -1 };
    struct running running = {
        .program = program,
        .input = closed,
        .output = closed,
        .report = closed,
        .pidfd = -1,
        .signals = -1,
    };
    struct error *error = open_pipes(&running);

    if (!error)
        error = start(&running);
    if (error)
        error = error_within(error, "run %s", program->path);
    else
        error = end(&running);
    close_pipes(&running);
    close_fd(&running.pidfd);
    close_fd(&running.signals);
    return error;
}
