/* SPDX-License-Identifier: Apache-2.0 */
/* os/channel: both ends in one process where nobody has to wait, and a forked peer where one has.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "os/fd.h"
#include "os/interrupts.h"
#include "tests/unit/os/channel_pair.h"

static void assert_text(struct error *error, enum error_code code, int number, const char *text)
{
    assert_non_null(error);
    assert_int_equal(error->code, code);
    assert_int_equal(error->number, number);
    assert_string_equal(error->text, text);
    error_forget(error);
}

static void send_error(int channel, const char *text)
{
    errno = EBUSY;
    struct error *error = error_hint(error_errno(ERROR_MOUNT, "%s", text), "advice");
    assert_null(channel_send_error(channel, error));
    error_forget(error);
}

static void is_closed_on_exec(void **state)
{
    (void) state;
    assert_int_equal(fcntl(mine, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(theirs, F_GETFD), FD_CLOEXEC);
}

/* Runs PEER with the other end in a child; its exit status must be 0. */
static pid_t start_peer(void (*peer)(int channel))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(mine);
        peer(theirs);
        _exit(0);
    }
    close(theirs);
    theirs = -1;
    return child;
}

static void assert_ended_well(pid_t child)
{
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void meet_thrice(int channel)
{
    demand(!channel_meet(channel, 1));
    usleep(20000);
    demand(!channel_meet(channel, 2));
    demand(!channel_meet(channel, UINT32_MAX));
}

static void ignore_alarm(int signal)
{
    (void) signal;
}

static void meets_in_order_among_signals(void **state)
{
    (void) state;
    struct sigaction action = { .sa_handler = ignore_alarm }, before;
    const struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { 0 };
    pid_t child = start_peer(meet_thrice);
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &often, NULL);
    assert_null(channel_meet(mine, 1));
    assert_null(channel_meet(mine, 2));
    assert_null(channel_meet(mine, UINT32_MAX));
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
    assert_ended_well(child);
}

static void meet_the_wrong_one(int channel)
{
    struct error *error = channel_meet(channel, 8);
    demand(error && error->code == ERROR_PROTOCOL);
}

static void refuses_another_meeting(void **state)
{
    (void) state;
    pid_t child = start_peer(meet_the_wrong_one);
    assert_code(channel_meet(mine, 7), ERROR_PROTOCOL);
    assert_ended_well(child);
}

static void hears_the_peers_error_at_a_meeting(void **state)
{
    (void) state;
    send_error(theirs, "mount /proc");
    assert_text(channel_meet(mine, 1), ERROR_MOUNT, EBUSY, "mount /proc");
}

static void hears_the_last_words_of_the_dead(void **state)
{
    (void) state;
    send_error(theirs, "mount /proc");
    close(theirs);
    theirs = -1;
    struct error *error = channel_meet(mine, 1);
    assert_non_null(error);
    assert_string_equal(error->hint, "advice");
    assert_text(error, ERROR_MOUNT, EBUSY, "mount /proc");
}

/* The peer died with our message unread: the kernel says ECONNRESET before it gives what is there.
 */
static void hears_last_words_behind_a_reset(void **state)
{
    (void) state;
    struct error *ours = error_new(ERROR_STATE, "ours");
    assert_null(channel_send_error(mine, ours));
    error_forget(ours);
    send_error(theirs, "theirs");
    close(theirs);
    theirs = -1;
    assert_text(channel_hear_end(mine, NULL, NULL), ERROR_MOUNT, EBUSY, "theirs");
    assert_code(channel_hear_end(mine, NULL, NULL), ERROR_INIT_DIED);
}

static void meet_and_die(int channel)
{
    demand(!channel_meet(channel, 1));
    kill(getpid(), SIGKILL);
}

static void knows_that_the_peer_died(void **state)
{
    (void) state;
    pid_t child = start_peer(meet_and_die);
    assert_null(channel_meet(mine, 1));
    assert_code(channel_meet(mine, 2), ERROR_INIT_DIED);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_code(channel_meet(mine, 3), ERROR_INIT_DIED);
    assert_code(channel_release(mine), ERROR_INIT_DIED);
    struct error *error = error_new(ERROR_STATE, "x");
    assert_code(channel_send_error(mine, error), ERROR_INIT_DIED);
    error_forget(error);
}

static void dies_of_no_signal(void **state)
{
    (void) state;
    close(theirs);
    theirs = -1;
    signal(SIGPIPE, SIG_DFL);
    assert_code(channel_meet(mine, 1), ERROR_INIT_DIED);
}

static void hears_the_end_after_a_farewell(void **state)
{
    (void) state;
    assert_null(channel_send_farewell(theirs));
    close(theirs);
    theirs = -1;
    assert_null(channel_hear_end(mine, NULL, NULL));
}

static void knows_a_death_from_an_end(void **state)
{
    (void) state;
    close(theirs);
    theirs = -1;
    assert_code(channel_hear_end(mine, NULL, NULL), ERROR_INIT_DIED);
}

static char warnings[3][64];
static unsigned heard_count;

static void hear(const struct error *warning)
{
    assert_true(heard_count < 3 && warning->is_received);
    snprintf(warnings[heard_count++], sizeof(warnings[0]), "%.60s", warning->text);
}

static void send_warning(const char *text)
{
    struct error *warning = error_new(ERROR_MOUNT, "%s", text);
    assert_null(channel_send_warning(theirs, warning));
    error_forget(warning);
}

static void passes_warnings_on(void **state)
{
    (void) state;
    heard_count = 0;
    channel_hear_warning = hear;
    send_warning("one");
    send_error(theirs, "bad");
    assert_text(channel_meet(mine, 3), ERROR_MOUNT, EBUSY, "bad");
    send_warning("two");
    send_warning("a\x1b[31m");
    assert_null(channel_send_farewell(theirs));
    close(theirs);
    assert_null(channel_hear_end(mine, NULL, NULL));
    theirs = -1;
    channel_hear_warning = NULL;
    assert_int_equal(heard_count, 3);
    assert_string_equal(warnings[0], "one");
    assert_string_equal(warnings[1], "two");
    assert_null(strchr(warnings[2], '\x1b'));
}

/* Init has no ear. */
/* A peer that has warned, and goes on, is not waited for. */
static void looks_for_a_failure_without_waiting(void **state)
{
    (void) state;
    heard_count = 0;
    channel_hear_warning = hear;
    alarm(20);
    assert_null(channel_hear_failure(mine));
    send_warning("one");
    assert_null(channel_hear_failure(mine));
    alarm(0);
    channel_hear_warning = NULL;
    assert_int_equal(heard_count, 1);
    close(theirs);
    theirs = -1;
    assert_code(channel_hear_failure(mine), ERROR_INIT_DIED);
}

static void refuses_a_warning_without_ear(void **state)
{
    (void) state;
    send_warning("one");
    assert_code(channel_hear_end(mine, NULL, NULL), ERROR_PROTOCOL);
    send_warning("one");
    assert_code(channel_meet(mine, 1), ERROR_PROTOCOL);
}

/* The exec may fail after the farewell. */
static void hears_an_error_after_a_farewell(void **state)
{
    (void) state;
    assert_null(channel_send_farewell(theirs));
    send_error(theirs, "exec");
    assert_text(channel_hear_end(mine, NULL, NULL), ERROR_MOUNT, EBUSY, "exec");
}

static void hears_an_error_before_the_end(void **state)
{
    (void) state;
    send_error(theirs, "late");
    assert_text(channel_hear_end(mine, NULL, NULL), ERROR_MOUNT, EBUSY, "late");
}

static void hears_spans(void **state)
{
    (void) state;
    struct channel_span sent[CHANNEL_SPANS + 2], heard[CHANNEL_SPANS];
    uint32_t count = 99;
    for (uint32_t i = 0; i < CHANNEL_SPANS + 2; i++)
        sent[i] = (struct channel_span){ i, 1000 + i, UINT64_MAX - i };

    assert_null(channel_send_spans(theirs, sent, 3));
    send_error(theirs, "and failed");
    assert_text(channel_hear_end(mine, heard, &count), ERROR_MOUNT, EBUSY, "and failed");
    assert_int_equal(count, 3);
    assert_int_equal(heard[2].row, 2);
    assert_true(heard[2].began == 1002 && heard[2].ended == UINT64_MAX - 2);

    assert_null(channel_send_spans(theirs, sent, CHANNEL_SPANS + 2));
    assert_null(channel_send_farewell(theirs));
    close(theirs);
    theirs = -1;
    assert_null(channel_hear_end(mine, heard, &count));
    assert_int_equal(count, CHANNEL_SPANS);
    assert_int_equal(heard[CHANNEL_SPANS - 1].row, CHANNEL_SPANS - 1);
    assert_code(channel_hear_end(mine, heard, &count), ERROR_INIT_DIED);
    assert_int_equal(count, 0);
}

static void may_ignore_spans(void **state)
{
    (void) state;
    const struct channel_span span = { 1, 2, 3 };
    assert_null(channel_send_spans(theirs, &span, 1));
    assert_null(channel_send_farewell(theirs));
    close(theirs);
    theirs = -1;
    assert_null(channel_hear_end(mine, NULL, NULL));
}

static void sends_no_memory_of_others(void **state)
{
    (void) state;
    struct channel_span span;
    unsigned char bytes[4096];
    memset(&span, 0xa5, sizeof(span));
    span.row = span.began = span.ended = 1;
    assert_null(channel_send_spans(theirs, &span, 1));
    ssize_t size = recv(mine, bytes, sizeof(bytes), 0);
    assert_in_range(size, sizeof(span), sizeof(bytes));
    assert_null(memchr(bytes, 0xa5, (size_t) size));
}

/* Sends the SIZE first bytes of what a true message is, as seen on the wire. */
static void send_raw(const void *bytes, size_t size)
{
    assert_int_equal(send(theirs, bytes, size, 0), size);
}

static void refuses_wrong_sizes_and_kinds(void **state)
{
    (void) state;
    static char wire[8192];
    struct error *error = error_new(ERROR_MOUNT, "x");
    assert_null(channel_send_error(theirs, error));
    error_forget(error);
    ssize_t length = recv(mine, wire, sizeof(wire), 0);
    assert_true(length > (ssize_t) sizeof(struct error));

    static const int off[] = { -1, 1, 100, -8, 3000 };
    for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
        send_raw(wire, (size_t) (length + off[i]));
        assert_code(channel_hear_end(mine, NULL, NULL), ERROR_PROTOCOL);
    }
    for (size_t size = 1; size < 8; size++) {
        send_raw(wire, size);
        assert_code(channel_hear_end(mine, NULL, NULL), ERROR_PROTOCOL);
    }
    send_raw(wire, (size_t) length);
    assert_code(channel_hear_end(mine, NULL, NULL), ERROR_MOUNT);

    wire[0] ^= 0x40;
    send_raw(wire, (size_t) length);
    assert_code(channel_hear_end(mine, NULL, NULL), ERROR_PROTOCOL);
}

static void refuses_messages_out_of_place(void **state)
{
    (void) state;
    static char wire[8192];
    const struct channel_span span = { 1, 2, 3 };
    assert_null(channel_send_spans(theirs, &span, 1));
    assert_code(channel_meet(mine, 1), ERROR_PROTOCOL);
    recv(theirs, wire, sizeof(wire), MSG_DONTWAIT);

    /* The release where a meeting is due; then what that side had sent, where the end is due. */
    assert_null(channel_release(theirs));
    assert_code(channel_meet(mine, 5), ERROR_PROTOCOL);
    ssize_t length = recv(theirs, wire, sizeof(wire), MSG_DONTWAIT);
    assert_true(length > 0);
    send_raw(wire, (size_t) length);
    assert_code(channel_hear_end(mine, NULL, NULL), ERROR_PROTOCOL);
}

static void refuses_too_many_spans(void **state)
{
    (void) state;
    static char wire[8192];
    struct channel_span span = { 1, 2, 3 }, heard[CHANNEL_SPANS];
    uint32_t count, claimed = CHANNEL_SPANS + 1;
    assert_null(channel_send_spans(theirs, &span, 1));
    ssize_t length = recv(mine, wire, sizeof(wire), 0);
    assert_true(length > 0);
    memcpy(wire + sizeof(uint32_t), &claimed, sizeof(claimed));
    send_raw(wire, (size_t) length);
    assert_code(channel_hear_end(mine, heard, &count), ERROR_PROTOCOL);
    assert_int_equal(count, 0);
}

static void makes_hostile_errors_safe(void **state)
{
    (void) state;
    static char wire[8192];
    struct error *error = error_new(ERROR_MOUNT, "x");
    assert_null(channel_send_error(theirs, error));
    error_forget(error);
    ssize_t length = recv(mine, wire, sizeof(wire), 0);
    memset(wire + 8, 0xff, (size_t) length - 8);
    send_raw(wire, (size_t) length);
    assert_code(channel_meet(mine, 1), ERROR_PROTOCOL);
}

static void await_release(int channel)
{
    errno = ENOLINK;
    demand(channel_await_release(channel));
    demand(errno == ENOLINK);
    demand(!channel_await_release(channel));
    demand(errno == ENOLINK);
}

static void releases(void **state)
{
    (void) state;
    pid_t child = start_peer(await_release);
    usleep(10000);
    assert_null(channel_release(mine));
    close(mine);
    mine = -1;
    assert_ended_well(child);
}

static void takes_nothing_else_for_the_release(void **state)
{
    (void) state;
    send_error(mine, "r");
    assert_false(channel_await_release(theirs));
    assert_int_equal(send(mine, "x", 1, 0), 1);
    assert_false(channel_await_release(theirs));
    assert_int_equal(send(mine, "rr", 2, 0), 2);
    assert_false(channel_await_release(theirs));
    assert_false(channel_await_release(-1));
    assert_null(channel_release(mine));
    assert_true(channel_await_release(theirs));
}

/* What the peer has said comes first, and the signal is still there for the next wait. */
static void give_up(void)
{
    struct interrupts interrupts;
    pid_t pid;
    demand(!interrupts_hold(&interrupts));
    channel_interrupts = interrupts.fd;
    demand(!raise(SIGTERM) && !channel_send_ready(theirs, 5));
    demand(!channel_hear_ready(mine, &pid) && pid == 5);
    struct error *error = channel_meet(mine, 1);
    demand(error && error->code == ERROR_INTERRUPTED);
    demand(!strcmp(error->text, "gave up, since signal 15 came"));
    error_forget(error);
    channel_interrupts = -1;
    interrupts_release(&interrupts); /* it is taken, and kills nobody */
}

static void is_interrupted(void **state)
{
    (void) state;
    in_child(give_up);
}

/* Kept while it is blocked, an ignored signal must not seem to have come. */
static void hold_ignored(void)
{
    struct interrupts interrupts;
    sigset_t now;
    signal(SIGHUP, SIG_IGN);
    demand(!interrupts_hold(&interrupts));
    demand(!sigprocmask(SIG_BLOCK, NULL, &now) && !sigismember(&now, SIGHUP));
    demand(sigismember(&now, SIGINT) && sigismember(&now, SIGQUIT) && sigismember(&now, SIGTERM));
    interrupts_release(&interrupts);
    demand(!sigprocmask(SIG_BLOCK, NULL, &now) && !sigismember(&now, SIGTERM));
}

static void lets_ignored_signals_be(void **state)
{
    (void) state;
    in_child(hold_ignored);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_pair, close_pair)

static void gives_a_descriptor(void **state)
{
    (void) state;
    int ends[2], given = -1;
    char byte = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_null(channel_send_descriptor(theirs, ends[1]));
    close(ends[1]);
    assert_null(channel_hear_descriptor(mine, &given));
    assert_int_equal(fcntl(given, F_GETFD), FD_CLOEXEC);
    assert_int_equal(write(given, "x", 1), 1);
    close(given);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(read(ends[0], &byte, 1), 0); /* there is no third one */
    close(ends[0]);
}

static void hears_what_comes_instead_of_a_descriptor(void **state)
{
    (void) state;
    int given = -7;
    send_error(theirs, "mount /proc");
    assert_text(channel_hear_descriptor(mine, &given), ERROR_MOUNT, EBUSY, "mount /proc");
    assert_null(channel_send_farewell(theirs));
    assert_code(channel_hear_descriptor(mine, &given), ERROR_PROTOCOL);
    close(theirs);
    theirs = -1;
    assert_code(channel_hear_descriptor(mine, &given), ERROR_INIT_DIED);
    assert_int_equal(given, -7);
}

/* A descriptor that nobody asked for does not stay open. */
static void takes_no_descriptor_unasked(void **state)
{
    (void) state;
    int ends[2];
    char byte;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_null(channel_send_descriptor(theirs, ends[1]));
    close(ends[1]);
    assert_code(channel_meet(mine, 1), ERROR_PROTOCOL);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(is_closed_on_exec),
        TEST(meets_in_order_among_signals),
        TEST(refuses_another_meeting),
        TEST(hears_the_peers_error_at_a_meeting),
        TEST(hears_the_last_words_of_the_dead),
        TEST(hears_last_words_behind_a_reset),
        TEST(knows_that_the_peer_died),
        TEST(dies_of_no_signal),
        TEST(hears_the_end_after_a_farewell),
        TEST(knows_a_death_from_an_end),
        TEST(hears_an_error_after_a_farewell),
        TEST(passes_warnings_on),
        TEST(looks_for_a_failure_without_waiting),
        TEST(refuses_a_warning_without_ear),
        TEST(hears_an_error_before_the_end),
        TEST(hears_spans),
        TEST(may_ignore_spans),
        TEST(sends_no_memory_of_others),
        { "refuses wrong sizes and kinds (R16, T50)", refuses_wrong_sizes_and_kinds, open_pair,
          close_pair, NULL },
        { "refuses messages out of place (R16, T50)", refuses_messages_out_of_place, open_pair,
          close_pair, NULL },
        { "refuses too many spans (R16, T50)", refuses_too_many_spans, open_pair, close_pair,
          NULL },
        { "makes hostile errors safe (R16, T50)", makes_hostile_errors_safe, open_pair, close_pair,
          NULL },
        TEST(releases),
        TEST(takes_nothing_else_for_the_release),
        TEST(gives_a_descriptor),
        TEST(hears_what_comes_instead_of_a_descriptor),
        TEST(takes_no_descriptor_unasked),
        TEST(is_interrupted),
        TEST(lets_ignored_signals_be),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
