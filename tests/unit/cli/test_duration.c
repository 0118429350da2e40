/* SPDX-License-Identifier: Apache-2.0 */
/* cli/duration: lengths of time as Go writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/duration.h"

static void reads(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        uint64_t nanoseconds;
    } rows[] = {
        { "0", 0 },
        { "0s", 0 },
        { "1ns", 1 },
        { "1us", 1000 },
        { "1\xc2\xb5s", 1000 },
        { "1\xce\xbcs", 1000 },
        { "1ms", 1000000 },
        { "5s", 5000000000 },
        { "2m", 120000000000 },
        { "1h", 3600000000000 },
        { "1h15m30.918s", 4530918000000 },
        { "1.5s", 1500000000 },
        { ".5s", 500000000 },
        { "1.s", 1000000000 },
        { "0.0015s", 1500000 },
        { "0.5m", 30000000000 },
        { "1.9ns", 1 },
        { "100ms100ms", 200000000 },
        { "9223372036854775807ns", INT64_MAX },
        { "007s", 7000000000 },
        { "1.00000000000000000000000000001s", 1000000000 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t got = 99;
        if (!duration_parse(rows[i].text, &got) || got != rows[i].nanoseconds)
            fail_msg("%s: %llu", rows[i].text, (unsigned long long) got);
    }
}

static void refuses(void **state)
{
    (void) state;
    static const char *const rows[] = {
        "",
        "5",
        "s",
        ".s",
        "-1s",
        "+1s",
        " 1s",
        "1s ",
        "1 s",
        "1d",
        "1S",
        "1e3s",
        "0x1s",
        "1s5",
        "1..5s",
        "1.5.5s",
        "9223372036854775808ns",
        "99999999999999999999999999s",
        "2562048h",
        "1\xc2s",
        "00",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t got = 99;
        if (duration_parse(rows[i], &got) || got != 99)
            fail_msg("'%s': %llu", rows[i], (unsigned long long) got);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(reads), cmocka_unit_test(refuses) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cli/duration", tests, NULL, NULL);
}
