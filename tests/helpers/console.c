/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other end of terminals, for tests.
 *
 *     console listen SOCKET [await FILE] [ACTION...]
 *         is an engine behind --console-socket: takes one connection, once FILE is there, tells the
 *         form of what comes over it, and goes on with the terminal.
 *     console pty ROWS COLUMNS [ACTION...] -- COMMAND [ARGUMENT...]
 *         is a user: runs a command at a terminal of its own.
 *
 * Shown is all that the terminal says, with "# key=value" lines between.  Actions, in order:
 *
 *     expect TEXT    waits until that has been said (since the last expect)
 *     send TEXT      types it; \n, \r, \\ and \NNN (octal) as in C
 *     resize R C     gives the terminal another size
 *     signal N       sends it to the command
 *     modes          tells raw from cooked
 *     bare-newlines  asks for them: no carriage return is put before one (ONLCR)
 *     wait-raw       waits until the terminal is raw
 *     hang-up        closes the terminal
 *     shell COMMAND  runs it elsewhere, and waits for its end
 *     sleep N        milliseconds
 *
 * At last what else is said is shown, up to the end of the command, or of all who have the terminal
 * open.  Ends with 9 when something does not come within a minute, which a busy machine may
 * need for a whole engine.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { PATIENCE = 60000, PAYLOAD = 8192, DESCRIPTORS = 16, HEARD = 1 << 20 };

static int terminal = -1;
static pid_t command; /* what is run, or 0 */
static int news = -1; /* from the session's leader, which watches over the command */

static char heard[HEARD + 1];
static size_t heard_length, seen;

static void note(const char *key, const char *value)
{
    printf("# %s=%s\n", key, value);
    fflush(stdout);
}

static void note_number(const char *key, long value)
{
    printf("# %s=%ld\n", key, value);
    fflush(stdout);
}

static _Noreturn void give_up(const char *what)
{
    note("gave-up", what);
    if (command)
        kill(command, SIGKILL);
    exit(9);
}

static void need(bool claim, const char *what)
{
    if (claim)
        return;
    note("error", strerror(errno));
    give_up(what);
}

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000L + time.tv_nsec / 1000000;
}

/* Takes what the terminal says within MILLISECONDS; false when nobody has it open any more. */
static bool hear(int milliseconds)
{
    char bytes[4096];
    struct pollfd event = { .fd = terminal, .events = POLLIN };

    if (poll(&event, 1, milliseconds) <= 0)
        return true;
    ssize_t got = read(terminal, bytes, sizeof(bytes));
    if (got <= 0)
        return got < 0 && errno == EINTR;
    need(heard_length + (size_t) got <= HEARD, "remember so much");
    memcpy(heard + heard_length, bytes, (size_t) got);
    heard_length += (size_t) got;
    return fwrite(bytes, 1, (size_t) got, stdout) == (size_t) got && fflush(stdout) == 0;
}

static bool is_raw(void)
{
    struct termios settings;
    need(tcgetattr(terminal, &settings) == 0, "tcgetattr");
    return !(settings.c_lflag & (ICANON | ECHO | ISIG));
}

/* Actions ---------------------------------------------------------------------------------------
 */

static void expect(char **arguments)
{
    size_t length = strlen(arguments[0]);
    long deadline = now() + PATIENCE;

    for (;;) {
        char *found = memmem(heard + seen, heard_length - seen, arguments[0], length);
        if (found) {
            seen = (size_t) (found - heard) + length;
            return;
        }
        if (now() > deadline || !hear(20))
            give_up(arguments[0]);
    }
}

static void type(char **arguments)
{
    for (const char *c = arguments[0]; *c;) {
        char byte = *c++;
        if (byte == '\\' && *c >= '0' && *c <= '7') {
            byte = 0;
            for (int i = 0; i < 3 && *c >= '0' && *c <= '7'; i++)
                byte = (char) (byte * 8 + *c++ - '0');
        } else if (byte == '\\') {
            byte = *c == 'n' ? '\n' : *c == 'r' ? '\r' : *c;
            c++;
        }
        need(write(terminal, &byte, 1) == 1, "type");
    }
}

static void set_size(unsigned rows, unsigned columns)
{
    struct winsize size = { .ws_row = (unsigned short) rows, .ws_col = (unsigned short) columns };
    need(ioctl(terminal, TIOCSWINSZ, &size) == 0, "TIOCSWINSZ");
}

static void resize(char **arguments)
{
    set_size((unsigned) atoi(arguments[0]), (unsigned) atoi(arguments[1]));
}

static void send_signal(char **arguments)
{
    need(command && kill(command, atoi(arguments[0])) == 0, "signal");
}

static void tell_modes(char **arguments)
{
    (void) arguments;
    note("modes", is_raw() ? "raw" : "cooked");
}

static void ask_for_bare_newlines(char **arguments)
{
    struct termios settings;

    (void) arguments;
    need(tcgetattr(terminal, &settings) == 0, "tcgetattr");
    settings.c_oflag &= ~(tcflag_t) ONLCR;
    need(tcsetattr(terminal, TCSANOW, &settings) == 0, "tcsetattr");
}

static void wait_until_raw(char **arguments)
{
    long deadline = now() + PATIENCE;

    (void) arguments;
    while (!is_raw()) {
        if (now() > deadline)
            give_up("wait-raw");
        hear(10);
    }
}

static void hang_up(char **arguments)
{
    (void) arguments;
    close(terminal);
    terminal = -1;
}

static void run_shell(char **arguments)
{
    need(system(arguments[0]) == 0, arguments[0]);
}

static void wait_milliseconds(char **arguments)
{
    long end = now() + atoi(arguments[0]);
    while (now() < end && terminal >= 0 && hear(10))
        ;
    if (now() < end)
        usleep((unsigned) (end - now()) * 1000);
}

// clang-format off
static const struct {
    const char *name;
    int count;
    void (*act)(char **arguments);
} actions[] = {
    { "expect", 1, expect },
    { "send", 1, type },
    { "resize", 2, resize },
    { "signal", 1, send_signal },
    { "modes", 0, tell_modes },
    { "bare-newlines", 0, ask_for_bare_newlines },
    { "wait-raw", 0, wait_until_raw },
    { "hang-up", 0, hang_up },
    { "shell", 1, run_shell },
    { "sleep", 1, wait_milliseconds },
};
// clang-format on

static void act(char **words)
{
    while (*words && strcmp(*words, "--") != 0) {
        size_t i = 0;
        while (i < LENGTH(actions) && strcmp(actions[i].name, *words) != 0)
            i++;
        need(i < LENGTH(actions), *words);
        actions[i].act(words + 1);
        words += 1 + actions[i].count;
    }
}

/* An engine -------------------------------------------------------------------------------------
 */

/* The name is there once somebody listens. */
static int listen_at(const char *path)
{
    char directory[4096], *name;
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "console.new" };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    need(strlen(path) < sizeof(directory), path);
    strcpy(directory, path);
    name = strrchr(directory, '/');
    need(name && name > directory, path);
    *name++ = '\0';
    need(chdir(directory) == 0, directory);
    need(listener >= 0 && bind(listener, (void *) &address, sizeof(address)) == 0 &&
             listen(listener, 1) == 0,
         "listen");
    need(rename(address.sun_path, name) == 0, name);
    return listener;
}

static int accept_one(int listener)
{
    struct pollfd event = { .fd = listener, .events = POLLIN };
    need(poll(&event, 1, PATIENCE) == 1, "accept");
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    need(connection >= 0, "accept");
    return connection;
}

static void tell_control(struct msghdr *message)
{
    struct cmsghdr *control = CMSG_FIRSTHDR(message);

    note("control", message->msg_controllen == CMSG_SPACE(sizeof(int)) ? "one" : "other");
    note("truncated", message->msg_flags & (MSG_CTRUNC | MSG_TRUNC) ? "yes" : "no");
    need(control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS,
         "a descriptor");
    note("descriptors", control->cmsg_len == CMSG_LEN(sizeof(int)) ? "1" : "not 1");
    memcpy(&terminal, CMSG_DATA(control), sizeof(terminal));
}

/* The form of what comes: a payload, one descriptor, and nothing behind. */
static void receive(int connection)
{
    union {
        char bytes[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
        struct cmsghdr header;
    } control;
    static char payload[PAYLOAD + 1];
    struct iovec bytes = { payload, PAYLOAD };
    struct msghdr message = {
        .msg_iov = &bytes,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    struct pollfd event = { .fd = connection, .events = POLLIN };

    need(poll(&event, 1, PATIENCE) == 1, "a message");
    ssize_t got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    need(got >= 0, "recvmsg");
    note_number("length", got);
    note("payload", payload);
    if (got == 0)
        exit(0);
    tell_control(&message);
    need(poll(&event, 1, PATIENCE) == 1, "the end of the connection");
    note_number("behind", read(connection, payload, PAYLOAD));
    close(connection);
}

static void await(const char *file)
{
    long deadline = now() + PATIENCE;
    while (access(file, F_OK) != 0) {
        if (now() > deadline)
            give_up(file);
        usleep(10000);
    }
}

static int be_engine(char **arguments)
{
    int listener = listen_at(*arguments++);

    if (*arguments && strcmp(*arguments, "await") == 0) {
        await(arguments[1]);
        arguments += 2;
    }
    int connection = accept_one(listener);
    close(listener);
    receive(connection);
    act(arguments);
    long deadline = now() + PATIENCE;
    while (terminal >= 0 && hear(100))
        if (now() > deadline)
            give_up("the end");
    return 0;
}

/* A user ----------------------------------------------------------------------------------------
 */

struct ending {
    int status;
    bool is_cooked; /* as the command has left the terminal */
};

static volatile pid_t led;

static void lead_on(int number)
{
    if (led > 0)
        kill(led, number);
}

/* What a shell is to its job: it hears of a hang-up, and passes it on.  It outlives the command,
 * since its end alone would reset the terminal. */
static _Noreturn void lead(const char *name, char **words, int report)
{
    struct ending ending = { 0 };
    struct termios settings;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(terminal);
    setsid();
    int slave = open(name, O_RDWR | O_CLOEXEC);
    need(slave >= 0 && ioctl(slave, TIOCSCTTY, 0) == 0, "a controlling terminal");
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, 0);
        for (int fd = 0; fd <= 2; fd++)
            dup2(slave, fd);
        execvp(words[0], words);
        _exit(127);
    }
    led = child;
    signal(SIGHUP, lead_on);
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    need(write(report, &child, sizeof(child)) == sizeof(child), "report");
    while (waitpid(child, &ending.status, 0) < 0 && errno == EINTR)
        ;
    ending.is_cooked = tcgetattr(slave, &settings) == 0 &&
                       (settings.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG);
    need(write(report, &ending, sizeof(ending)) == sizeof(ending), "report");
    for (;;)
        pause(); /* nothing that was said is lost by our end */
}

static void start(char **words)
{
    int ends[2];
    const char *name;

    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    need(terminal >= 0 && unlockpt(terminal) == 0 && (name = ptsname(terminal)), "a terminal");
    need(pipe2(ends, O_CLOEXEC) == 0, "pipe");
    set_size((unsigned) atoi(words[0]), (unsigned) atoi(words[1]));
    words += 2;
    while (*words && strcmp(*words, "--") != 0)
        words++;
    need(*words && words[1], "a command");
    pid_t leader = fork();
    if (leader == 0)
        lead(name, words + 1, ends[1]);
    close(ends[1]);
    news = ends[0];
    need(read(news, &command, sizeof(command)) == sizeof(command), "the command's process");
}

static int be_user(char **arguments)
{
    struct ending ending;
    struct pollfd event = { .events = POLLIN };
    long deadline;

    start(arguments);
    act(arguments + 2);
    event.fd = news;
    deadline = now() + PATIENCE;
    while (poll(&event, 1, 0) == 0) {
        if (now() > deadline)
            give_up("the end");
        if (terminal < 0 || !hear(20))
            usleep(20000);
    }
    need(read(news, &ending, sizeof(ending)) == sizeof(ending), "the command's end");
    for (size_t before = heard_length; terminal >= 0; before = heard_length)
        if (!hear(0) || before == heard_length)
            break;
    if (terminal >= 0)
        note("left", ending.is_cooked ? "cooked" : "raw");
    if (WIFSIGNALED(ending.status))
        note_number("killed", WTERMSIG(ending.status));
    else
        note_number("status", WEXITSTATUS(ending.status));
    return 0;
}

int main(int count, char **arguments)
{
    signal(SIGPIPE, SIG_IGN);
    if (count >= 3 && strcmp(arguments[1], "listen") == 0)
        return be_engine(arguments + 2);
    if (count >= 6 && strcmp(arguments[1], "pty") == 0)
        return be_user(arguments + 2);
    fprintf(stderr, "usage: console listen SOCKET [ACTION...]\n"
                    "       console pty ROWS COLUMNS [ACTION...] -- COMMAND [ARGUMENT...]\n");
    return 64;
}
