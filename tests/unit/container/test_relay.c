/* SPDX-License-Identifier: Apache-2.0 */
/* container/relay: bytes between a terminal and the standard streams.  Each test is a child, whose
 * standard input and output are pipes; OUT and IN are their other ends. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tests/unit/os/in_child.h"

#include "container/relay.h"
#include "os/tty.h"

static int in, out, slave;
static struct relay relay;

static void open_all(void)
{
    int input[2], output[2], master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    demand(master >= 0 && !unlockpt(master));
    slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    demand(slave >= 0 && !pipe2(input, O_CLOEXEC) && !pipe2(output, O_CLOEXEC));
    demand(dup2(input[0], 0) == 0 && dup2(output[1], 1) == 1);
    close(input[0]);
    close(output[1]);
    in = input[1];
    out = output[0];
    demand(!relay_open(&relay, master));
    demand(relay.window == -1 && !relay.is_raw);
}

/* What poll(2) would be asked, and says within MILLISECONDS; then it is carried out. */
static int carry(int milliseconds)
{
    struct pollfd events[RELAY_EVENTS];
    relay_watch(&relay, events);
    int ready = poll(events, RELAY_EVENTS, milliseconds);
    demand(ready >= 0);
    demand(!relay_carry(&relay, events));
    return ready;
}

static void carry_all(void)
{
    for (int i = 0; i < 100 && carry(50); i++)
        ;
}

static void expect(int fd, const char *text)
{
    char got[256] = "";
    ssize_t length = read(fd, got, sizeof(got) - 1);
    demand(length >= 0);
    demand(!strcmp(got, text));
}

static void is_dry(bool expected)
{
    bool is;
    demand(!relay_is_dry(&relay, &is));
    demand(is == expected);
}

static void carry_both_ways(void)
{
    open_all();
    demand(write(slave, "out\n", 4) == 4 && write(in, "in\n", 3) == 3);
    carry_all();
    expect(out, "out\r\nin\r\n"); /* a terminal shows what is typed */
    expect(slave, "in\n");
    demand(carry(0) == 0);
}

static void end_input(void)
{
    open_all();
    demand(write(in, "in", 2) == 2);
    close(in);
    carry_all();
    expect(slave, "in");
    expect(slave, ""); /* the end */
    carry_all();       /* a worker of the kernel shows what was typed, late maybe */
    demand(carry(0) == 0);
}

/* Where a program has made it a byte like any other, none is typed. */
static void end_raw_input(void)
{
    struct termios settings;
    char byte;
    open_all();
    demand(!tcgetattr(slave, &settings));
    cfmakeraw(&settings);
    demand(!tcsetattr(slave, TCSANOW, &settings));
    close(in);
    carry_all();
    demand(!fcntl(slave, F_SETFL, O_NONBLOCK));
    demand(read(slave, &byte, 1) < 0 && errno == EAGAIN);
}

static void read_by_line(bool is)
{
    struct termios settings;
    demand(!tcgetattr(slave, &settings));
    settings.c_lflag &= ~(tcflag_t) (ICANON | ECHO);
    if (is)
        settings.c_lflag |= ICANON;
    demand(!tcsetattr(slave, TCSANOW, &settings));
}

static void say(const char *text)
{
    demand(write(slave, text, strlen(text)) == (ssize_t) strlen(text));
    carry_all();
}

static void expect_no_more(void)
{
    char byte;
    demand(!fcntl(slave, F_SETFL, O_NONBLOCK));
    demand(read(slave, &byte, 1) < 0 && errno == EAGAIN);
}

/* Each prompt is answered by the end, whoever shows it; other output is not. */
static void end_input_of_shell(void)
{
    open_all();
    close(in);
    carry_all();
    read_by_line(false);
    demand(!tcflush(slave, TCIFLUSH)); /* what was typed too early to be seen */
    say("$ ");
    expect(slave, "\004");
    say("exit\n");
    say("$ ");
    expect(slave, "\004");
    read_by_line(true);
    say("of cat\n"); /* another way of reading */
    expect(slave, "");
    say("of cat\n");
    expect_no_more();
}

static void end_input_of_who_goes_on(void)
{
    unsigned told = 0;
    char byte;
    open_all();
    read_by_line(false);
    close(in);
    carry_all();
    demand(!fcntl(slave, F_SETFL, O_NONBLOCK));
    for (int i = 0; i < 20; i++) {
        while (read(slave, &byte, 1) == 1)
            told++;
        say(":");
    }
    demand(told == 16);
}

static void end_input_while_editing(void)
{
    open_all();
    read_by_line(false);
    demand(write(in, "in", 2) == 2);
    close(in);
    carry_all();
    expect(slave, "in\n\004");
}

static void lose_reader(void)
{
    open_all();
    signal(SIGPIPE, SIG_IGN);
    close(out);
    for (int i = 0; i < 100; i++) {
        demand(write(slave, "out\n", 4) == 4);
        carry_all();
    }
    demand(!relay.has_output);
    is_dry(true);
}

static void lose_terminal(void)
{
    char name[64];
    open_all();
    snprintf(name, sizeof(name), "%s", ptsname(relay.terminal));
    demand(write(slave, "last\n", 5) == 5);
    close(slave);
    carry_all();
    expect(out, "last\r\n");
    demand(relay.is_quiet && carry(50) == 0); /* no news, for ever */
    slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    demand(slave >= 0 && write(slave, "back\n", 5) == 5);
    carry_all();
    expect(out, "back\r\n");
}

/* The pipe is full: nothing is lost, and nothing waits. */
static void fill_pipe(void)
{
    char bytes[1000];
    size_t said = 0, written = 0;
    open_all();
    memset(bytes, 'x', sizeof(bytes));
    demand(!fcntl(slave, F_SETFL, O_NONBLOCK));
    for (int idle = 0; idle < 3;) {
        ssize_t more = write(slave, bytes, sizeof(bytes));
        said += more > 0 ? (size_t) more : 0;
        idle = carry(20) || more > 0 ? 0 : idle + 1;
    }
    close(slave);
    demand(said > 65536);
    is_dry(false);
    while (written < said) {
        carry(0);
        ssize_t got = read(out, bytes, sizeof(bytes));
        demand(got > 0);
        written += (size_t) got;
        bool is;
        demand(!relay_is_dry(&relay, &is));
    }
    is_dry(true);
    demand(written == said);
}

/* As much as the terminal takes; more than anybody has read at once. */
static size_t flood(char byte)
{
    char bytes[1000];
    size_t said = 0;
    memset(bytes, byte, sizeof(bytes));
    for (ssize_t more = 1; more > 0; said += more > 0 ? (size_t) more : 0)
        more = write(slave, bytes, sizeof(bytes));
    return said;
}

/* The process has ended, and somebody else writes all the while; what it said itself came first. */
static void end_among_others(void)
{
    char bytes[8192];
    size_t own = 0, others = 0;
    open_all();
    demand(!fcntl(slave, F_SETFL, O_NONBLOCK));
    size_t said = flood('p');
    for (bool is = false; !is && others < 1 << 20;) {
        demand(!relay_is_dry(&relay, &is));
        flood('o');
        if (is)
            break;
        carry(0);
        ssize_t got = read(out, bytes, sizeof(bytes));
        demand(got > 0);
        for (ssize_t i = 0; i < got; i++)
            *(bytes[i] == 'p' ? &own : &others) += 1;
    }
    demand(said > 0 && own == said);
    demand(others < 1 << 20);
}

static void give_up(void)
{
    char bytes[1000] = "";
    open_all();
    demand(!fcntl(slave, F_SETFL, O_NONBLOCK));
    for (int idle = 0; idle < 3;)
        idle = carry(20) || write(slave, bytes, sizeof(bytes)) > 0 ? 0 : idle + 1;
    close(slave);
    is_dry(false);
    relay_discard(&relay);
    for (int i = 0; i < 100; i++) {
        bool is;
        demand(!relay_is_dry(&relay, &is));
        if (is)
            return;
    }
    demand(!"dry at last");
}

static void do_nothing(void)
{
    struct pollfd events[RELAY_EVENTS];
    demand(!relay_open(&relay, -1));
    relay_watch(&relay, events);
    for (int i = 0; i < RELAY_EVENTS; i++) {
        demand(events[i].fd == -1);
        events[i].revents = 0;
    }
    demand(!relay_carry(&relay, events));
    is_dry(true);
    demand(!relay_follow_size(&relay));
    relay_resume(&relay);
    relay_discard(&relay);
    relay_close(&relay);
}

/* A terminal of our own, which is standard input. */
static void restore(void)
{
    struct termios before, meanwhile, after;
    struct winsize size = { .ws_row = 5, .ws_col = 6 };
    int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int theirs = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    demand(ours >= 0 && theirs >= 0 && !unlockpt(ours) && !unlockpt(theirs));
    int window = open(ptsname(ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
    slave = open(ptsname(theirs), O_RDWR | O_NOCTTY | O_CLOEXEC);
    demand(window >= 0 && slave >= 0 && dup2(window, 0) == 0);
    demand(!tcgetattr(0, &before));
    demand(!relay_open(&relay, theirs));
    demand(!tcgetattr(0, &meanwhile) && !(meanwhile.c_lflag & (ICANON | ECHO | ISIG)));
    demand(!ioctl(ours, TIOCSWINSZ, &size) && relay_follow_size(&relay));
    demand(!ioctl(slave, TIOCGWINSZ, &size) && size.ws_row == 5 && size.ws_col == 6);
    demand(!tcsetattr(0, TCSANOW, &before)); /* as a shell does, when we are stopped */
    relay_resume(&relay);
    demand(!tcgetattr(0, &meanwhile) && !(meanwhile.c_lflag & (ICANON | ECHO | ISIG)));
    relay_close(&relay);
    demand(relay.terminal == -1 && relay.waker == -1);
    demand(!tcgetattr(0, &after) && after.c_lflag == before.c_lflag);
    demand(after.c_iflag == before.c_iflag && after.c_oflag == before.c_oflag);
}

/* Standard input is the terminal of a session in whose background we are, and nothing stops us; the
 * leader of the session waits for our end. */
static void open_from_background(void)
{
    struct termios before, after;
    int theirs = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    demand(theirs >= 0 && !unlockpt(theirs) && !setpgid(0, 0) && tty_is_background(0));
    demand(!tcgetattr(0, &before) && !relay_open(&relay, theirs) && !relay.is_raw);
    demand(!tcgetattr(0, &after) && after.c_lflag == before.c_lflag);
    demand(!tcsetpgrp(0, getpgrp())); /* as a shell does before it continues us */
    relay_resume(&relay);
    demand(relay.is_raw && !tcgetattr(0, &after) && !(after.c_lflag & ICANON));
    relay_close(&relay);
    demand(!tcgetattr(0, &after) && after.c_lflag == before.c_lflag);
    _exit(0);
}

static void in_background(void)
{
    int status, ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    demand(ours >= 0 && !unlockpt(ours) && setsid() > 0);
    int window = open(ptsname(ours), O_RDWR | O_CLOEXEC); /* it controls us now */
    demand(window >= 0 && dup2(window, 0) == 0);
    pid_t child = fork();
    demand(child >= 0);
    if (child == 0)
        open_from_background();
    demand(waitpid(child, &status, 0) == child && status == 0);
}

static void be_ignorant(void)
{
    signal(SIGTTOU, SIG_IGN);
    in_background();
}

static void be_deaf(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTTOU);
    demand(!sigprocmask(SIG_BLOCK, &set, NULL));
    in_background();
}

#define CHILD_TEST(name, body)                                                                     \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void) state;                                                                              \
        in_child(body);                                                                            \
    }

CHILD_TEST(test_both_ways, carry_both_ways)
CHILD_TEST(test_end_of_input, end_input)
CHILD_TEST(test_end_of_raw_input, end_raw_input)
CHILD_TEST(test_end_of_shells_input, end_input_of_shell)
CHILD_TEST(test_end_that_changes_nothing, end_input_of_who_goes_on)
CHILD_TEST(test_end_while_editing, end_input_while_editing)
CHILD_TEST(test_reader_gone, lose_reader)
CHILD_TEST(test_terminal_closed, lose_terminal)
CHILD_TEST(test_full_pipe, fill_pipe)
CHILD_TEST(test_end_among_others, end_among_others)
CHILD_TEST(test_given_up, give_up)
CHILD_TEST(test_no_terminal, do_nothing)
CHILD_TEST(test_own_terminal, restore)
CHILD_TEST(test_background_ignoring, be_ignorant)
CHILD_TEST(test_background_blocking, be_deaf)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_end_of_input),
        cmocka_unit_test(test_end_of_raw_input),
        cmocka_unit_test(test_end_of_shells_input),
        cmocka_unit_test(test_end_that_changes_nothing),
        cmocka_unit_test(test_end_while_editing),
        cmocka_unit_test(test_reader_gone),
        cmocka_unit_test(test_terminal_closed),
        cmocka_unit_test(test_full_pipe),
        cmocka_unit_test(test_end_among_others),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_no_terminal),
        cmocka_unit_test(test_own_terminal),
        cmocka_unit_test(test_background_ignoring),
        cmocka_unit_test(test_background_blocking),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
