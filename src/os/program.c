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
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/syscalls.h"

enum {
    WORDS_SIZE = 512,
    CHUNK_SIZE = 4096,
    PIPE_CHUNKS = 16, /* what a pipe holds */
    SIGNALS = 64,
    EXIT_NOT_EXECUTED = 127,
    NANOSECONDS = 1000000000,
    NANOSECONDS_PER_MILLISECOND = 1000000,
};

/* What the child tries before it is the program. */
enum attempt { ATTEMPT_SESSION, ATTEMPT_STREAMS, ATTEMPT_DIRECTORY, ATTEMPT_EXECUTE };

struct failure {
    enum attempt attempt;
    int number; /* errno */
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
    uint32_t text; /* of the input, the part that is being written, and how much of it has been */
    size_t fed;
    char words[WORDS_SIZE]; /* the last of the output */
    size_t length;
};

/* The child ----------------------------------------------------------------------------------- */

/* Raw calls: a libc keeps some signals for itself, and refuses to reset them. */
static void reset_signals(void)
{
    static const struct {
        unsigned long handler, flags, restorer;
        uint64_t mask;
    } standard;
    const uint64_t none = 0;

    for (int signal = 1; signal <= SIGNALS; signal++)
        syscall(SYS_rt_sigaction, signal, &standard, NULL, sizeof(standard.mask));
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}

static bool has_streams(const struct running *running)
{
    if (dup2(running->input.out, STDIN_FILENO) < 0 || dup2(running->output.in, STDOUT_FILENO) < 0 ||
        dup2(running->output.in, STDERR_FILENO) < 0)
        return false;
    struct error *error = fd_inherit_none_from(STDERR_FILENO + 1);
    if (error)
        errno = error->number;
    return !error;
}

static bool leads_to(const char *path, int file)
{
    struct stat found, wanted;
    return !stat(path, &found) && !fstat(file, &wanted) && found.st_dev == wanted.st_dev &&
           found.st_ino == wanted.st_ino;
}

/* By its path if that is the same, since scripts want to be called so; a script that is executed by
 * descriptor is read through /dev/fd, and so the descriptor must stay. */
static void execute(const struct program *program)
{
    char *const *args = (char *const *) program->args, *const *env = (char *const *) program->env;

    if (program->file < 0 || leads_to(program->path, program->file)) {
        execve(program->path, args, env);
        return;
    }
    struct error *error = fd_inherit(program->file);
    if (error)
        errno = error->number;
    else
        syscall(SYS_execveat, program->file, "", args, env, AT_EMPTY_PATH);
}

static enum attempt become(const struct running *running)
{
    const struct program *program = running->program;

    reset_signals();
    if (setsid() < 0)
        return ATTEMPT_SESSION;
    if (!has_streams(running))
        return ATTEMPT_STREAMS;
    if (program->directory >= 0 && fchdir(program->directory))
        return ATTEMPT_DIRECTORY;
    execute(program);
    return ATTEMPT_EXECUTE;
}

static _Noreturn void live(const struct running *running)
{
    struct failure failure = { .attempt = become(running) };

    failure.number = errno;
    while (write(running->report.in, &failure, sizeof(failure)) < 0 && errno == EINTR)
        ;
    _exit(EXIT_NOT_EXECUTED);
}

/* The parent ---------------------------------------------------------------------------------- */

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

static fallible start(struct running *running)
{
    /* The order of the last arguments differs between architectures: here they are the same. */
    running->pid =
        (pid_t) syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &running->pidfd, NULL, NULL);
    if (running->pid == 0)
        live(running);
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
    struct pollfd events[3] = { { .fd = running->pidfd, .events = POLLIN } };

    while (!events[0].revents) {
        events[1] = (struct pollfd){ .fd = running->output.out, .events = POLLIN };
        events[2] = (struct pollfd){ .fd = running->input.in, .events = POLLOUT };
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

static fallible explain(struct running *running, int status)
{
    static const char *const attempts[] = {
        [ATTEMPT_SESSION] = "start a session for",
        [ATTEMPT_STREAMS] = "connect",
        [ATTEMPT_DIRECTORY] = "enter the working directory of",
        [ATTEMPT_EXECUTE] = "execute",
    };
    const struct program *program = running->program;
    struct failure failure;

    if (read(running->report.out, &failure, sizeof(failure)) == sizeof(failure)) {
        errno = failure.number;
        return error_errno(ERROR_PROGRAM, "%s %s", attempts[failure.attempt], program->path);
    }
    if (!running->is_late && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return OK;
    const char *line = last_line(running), *colon = *line ? ": " : "";
    if (running->is_late)
        return error_new(ERROR_PROGRAM, "%s did not end within %u s, and was killed%s%s",
                         program->path, program->seconds, colon, line);
    if (WIFSIGNALED(status))
        return error_new(ERROR_PROGRAM, "%s was killed by signal %d%s%s", program->path,
                         WTERMSIG(status), colon, line);
    return error_new(ERROR_PROGRAM, "%s exited with status %d%s%s", program->path,
                     WEXITSTATUS(status), colon, line);
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
    return error;
}
