/* SPDX-License-Identifier: Apache-2.0 */
/* What a container may say to who started it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "container/notify.h"

struct said {
    const char *message, *passed;
    bool is_ready;
};

static void check(const struct said *said)
{
    char out[256] = "";
    bool is_ready = !said->is_ready;
    size_t length = notify_filter(said->message, strlen(said->message), out, &is_ready);

    out[length] = '\0';
    assert_string_equal(out, said->passed);
    assert_int_equal(is_ready, said->is_ready);
}

static void filter_lets_known_lines_pass(void **unused)
{
    static const struct said table[] = {
        { "READY=1", "READY=1\n", true },
        { "READY=1\n", "READY=1\n", true },
        { "STATUS=\nREADY=1", "STATUS=\nREADY=1\n", true },
        { "RELOADING=1\nMONOTONIC_USEC=18446744073709551615", /* */
          "RELOADING=1\nMONOTONIC_USEC=18446744073709551615\n", false },
        { "STOPPING=1\nERRNO=2", "STOPPING=1\nERRNO=2\n", false },
        { "WATCHDOG=1", "WATCHDOG=1\n", false },
        { "EXTEND_TIMEOUT_USEC=0", "EXTEND_TIMEOUT_USEC=0\n", false },
        { "STATUS=100 % \xc3\xbc", "STATUS=100 % \xc3\xbc\n", false },
    };

    (void) unused;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        check(&table[i]);
}

static void filter_drops_others(void **unused)
{
    static const struct said table[] = {
        { "", "", false },
        { "\n\n", "", false },
        { "READY", "", false },
        { "READY=", "", false },
        { "READY=0", "", false },
        { "READY=11", "", false },
        { " READY=1", "", false },
        { "READY=1\r", "", false },
        { "ready=1", "", false },
        { "MAINPID=1", "", false },
        { "MAINPIDFD=1", "", false },
        { "FDSTORE=1\nFDNAME=x\nFDPOLL=0", "", false },
        { "BARRIER=1", "", false },
        { "NOTIFYACCESS=all", "", false },
        { "WATCHDOG=trigger", "", false },
        { "WATCHDOG_USEC=1", "", false },
        { "ERRNO=", "", false },
        { "ERRNO=-1", "", false },
        { "ERRNO=1 ", "", false },
        { "MONOTONIC_USEC=123456789012345678901", "", false },
        { "STATUS=a\tb", "", false },
        { "STATUS=a\x7f", "", false },
        { "X=1\nREADY=1\nMAINPID=2", "READY=1\n", true },
    };

    (void) unused;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        check(&table[i]);
}

static void filter_drops_lines_with_nul(void **unused)
{
    static const char message[] = "STATUS=a\0b\nREADY=1\0";
    char out[sizeof(message) + 1];
    bool is_ready = true;

    (void) unused;
    assert_int_equal(notify_filter(message, sizeof(message) - 1, out, &is_ready), 0);
    assert_false(is_ready);
}

static void filter_fills_no_more_than_its_room(void **unused)
{
    char message[64], out[sizeof(message) + 1];
    bool is_ready;

    (void) unused;
    memset(message, 'x', sizeof(message));
    memcpy(message, "STATUS=", 7);
    assert_int_equal(notify_filter(message, sizeof(message), out, &is_ready), sizeof(out));
    assert_int_equal(out[sizeof(message)], '\n');
}

static void an_address_is_wanted(void **unused)
{
    (void) unused;
    assert_false(notify_is_wanted(NULL));
    assert_false(notify_is_wanted(""));
    assert_true(notify_is_wanted("x"));
}

/* Others are waiting for the caller as well. */
static void forwards_some_at_a_time(void **unused)
{
    enum { SENT = 100 };
    int container[2], listener[2], passed = 0;
    char byte;
    bool is_ready = false;

    (void) unused;
    assert_false(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, container));
    assert_false(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, listener));
    for (int i = 0; i < SENT; i++)
        assert_int_equal(write(container[1], "STATUS=x", 8), 8);
    const struct notify notify = { container[0], listener[0] };
    assert_null(notify_forward(&notify, 0, &is_ready));
    while (read(listener[1], &byte, 1) > 0)
        passed++;
    assert_true(passed > 0 && passed < SENT);
    assert_false(is_ready);
    for (int i = 0; i < 2; i++) {
        close(container[i]);
        close(listener[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_lets_known_lines_pass),
        cmocka_unit_test(filter_drops_others),
        cmocka_unit_test(filter_drops_lines_with_nul),
        cmocka_unit_test(filter_fills_no_more_than_its_room),
        cmocka_unit_test(an_address_is_wanted),
        cmocka_unit_test(forwards_some_at_a_time),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("container/notify", tests, NULL, NULL);
}
