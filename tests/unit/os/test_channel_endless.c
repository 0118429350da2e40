/* SPDX-License-Identifier: Apache-2.0 */
/* os/channel: a peer that never comes to the point.  It speaks from within our own ear, one message
 * for each that was heard, so nothing here hangs on who is faster. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "os/fd.h"
#include "tests/unit/os/channel_pair.h"

enum {
    MOST_HONEST = 100000, /* one for each mount that Linux allows (fs.mount-max) */
    TOO_MANY = 1000000,   /* where the peer ends, so that who hears all of it fails */
};

static unsigned heard_count;

static int set_up(void **state)
{
    heard_count = 0;
    return open_pair(state);
}

static int tear_down(void **state)
{
    channel_hear_warning = NULL;
    channel_interrupts = -1;
    return close_pair(state);
}

static void send_warning(void)
{
    struct error *warning = error_new(ERROR_MOUNT, "odd");
    assert_null(channel_send_warning(theirs, warning));
    error_forget(warning);
}

static void hang_up(void)
{
    close(theirs);
    theirs = -1;
}

static void hear(const struct error *warning)
{
    (void) warning;
    heard_count++;
}

static void hear_and_warn_again(const struct error *warning)
{
    hear(warning);
    if (heard_count < TOO_MANY)
        send_warning();
    else
        hang_up();
}

static void warn_for_ever(void)
{
    channel_hear_warning = hear_and_warn_again;
    send_warning();
}

static void is_not_held_by_warnings(void **state)
{
    (void) state;
    warn_for_ever();
    assert_code(channel_meet(mine, 1), ERROR_PROTOCOL);
    assert_in_range(heard_count, MOST_HONEST, TOO_MANY - 1);
}

static void looks_for_a_failure_among_warnings(void **state)
{
    (void) state;
    warn_for_ever();
    assert_code(channel_hear_failure(mine), ERROR_PROTOCOL);
    assert_in_range(heard_count, MOST_HONEST, TOO_MANY - 1);
}

/* The first is heard, as all that the peer says before a signal is looked for. */
static void is_interrupted_behind_a_warning(void **state)
{
    (void) state;
    const struct signalfd_siginfo signal = { .ssi_signo = SIGTERM };
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], &signal, sizeof(signal)), sizeof(signal));
    channel_interrupts = ends[0];
    warn_for_ever();
    assert_code(channel_meet(mine, 1), ERROR_INTERRUPTED);
    assert_int_equal(heard_count, 1);
    close(ends[0]);
    close(ends[1]);
}

static void hears_spans_once(void **state)
{
    (void) state;
    const struct channel_span span = { 1, 2, 3 };
    assert_null(channel_send_spans(theirs, &span, 1));
    assert_null(channel_send_spans(theirs, &span, 1));
    assert_null(channel_send_farewell(theirs));
    hang_up();
    assert_code(channel_hear_end(mine, NULL, NULL), ERROR_PROTOCOL);
}

static void hears_one_farewell(void **state)
{
    (void) state;
    assert_null(channel_send_farewell(theirs));
    assert_null(channel_send_farewell(theirs));
    hang_up();
    assert_code(channel_hear_end(mine, NULL, NULL), ERROR_PROTOCOL);
}

static void hears_no_spans_behind_a_farewell(void **state)
{
    (void) state;
    const struct channel_span span = { 1, 2, 3 };
    assert_null(channel_send_farewell(theirs));
    assert_null(channel_send_spans(theirs, &span, 1));
    hang_up();
    assert_code(channel_hear_end(mine, NULL, NULL), ERROR_PROTOCOL);
}

static unsigned count_open(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

/* Where a descriptor is waited for, a message that is none must not leave one with us. */
static void keeps_no_descriptor_of_a_warning(void **state)
{
    (void) state;
    static char wire[8192];
    int given = -7;
    channel_hear_warning = hear;
    send_warning();
    ssize_t length = recv(mine, wire, sizeof(wire), 0);
    assert_true(length > 0);

    unsigned before = count_open();
    assert_int_equal(fd_pass(theirs, wire, (size_t) length, theirs), length);
    assert_null(channel_send_descriptor(theirs, theirs));
    assert_code(channel_hear_descriptor(mine, &given), ERROR_PROTOCOL);
    assert_int_equal(given, -7);
    assert_int_equal(heard_count, 0);
    assert_int_equal(count_open(), before);
}

#define TEST(name, function)                                                                       \
    {                                                                                              \
        name, function, set_up, tear_down, NULL                                                    \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("is not held by warnings (R16)", is_not_held_by_warnings),
        TEST("looks for a failure among warnings (R16)", looks_for_a_failure_among_warnings),
        TEST("is interrupted behind a warning (R16)", is_interrupted_behind_a_warning),
        TEST("hears spans once (R16)", hears_spans_once),
        TEST("hears one farewell (R16)", hears_one_farewell),
        TEST("hears no spans behind a farewell (R16)", hears_no_spans_behind_a_farewell),
        TEST("keeps no descriptor of a warning (R16)", keeps_no_descriptor_of_a_warning),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
