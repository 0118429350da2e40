/* SPDX-License-Identifier: Apache-2.0 */
/* namespace/interfaces: the lines of /proc/PID/net/dev. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "namespace/interfaces.h"

static void takes_interfaces(void **state)
{
    (void) state;
    const char *text =
        "Inter-|   Receive                            |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n"
        "    lo:    9801      87    1    2    3     4          5         6     10     11   12   13"
        "    14     15       16          17\n"
        "short: 1 2 3\n"
        "aaaabbbbccccdddd: 1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8\n"
        "minus: -1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8\n"
        "eth0:18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0";
    struct interface_counts counts;

    assert_true(interfaces_take(&text, &counts));
    assert_string_equal(counts.name, "lo");
    for (unsigned i = 0; i < 4; i++) {
        static const uint64_t received[] = { 9801, 87, 1, 2 };
        assert_true(counts.received[i] == received[i]);
        assert_true(counts.sent[i] == 10 + i);
    }
    assert_true(interfaces_take(&text, &counts));
    assert_string_equal(counts.name, "eth0");
    assert_true(counts.received[0] == UINT64_MAX);
    assert_false(interfaces_take(&text, &counts));
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(takes_interfaces) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("namespace/interfaces", tests, NULL, NULL);
}
