/* SPDX-License-Identifier: Apache-2.0 */
/* base/timestamp: held against gmtime_r(3), on the days around which others have gone wrong and on
 * many more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/list.h"
#include "base/timestamp.h"

static void check(time_t seconds)
{
    const struct timespec moment = { seconds, 0 };
    char ours[TIMESTAMP_SIZE], theirs[64];
    struct tm utc;

    assert_non_null(gmtime_r(&seconds, &utc));
    assert_true(strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%S.0Z", &utc) > 0);
    timestamp_print(ours, &moment, 1);
    assert_string_equal(ours, theirs);
}

static void knows_the_days_that_matter(void **state)
{
    (void) state;
    static const time_t days[] = {
        0,         /* 1970-01-01 */
        68169600,  /* 1972-02-29 */
        951782400, /* 2000-02-29, of a century that leaps */
        946684799, /* 1999-12-31T23:59:59 */
        INT32_MAX,
        UINT32_MAX,
        4107542400, /* 2100-03-01, of one that does not */
        13574563200 /* 2400-02-29 */,
    };

    for (size_t i = 0; i < LENGTH(days); i++)
        for (time_t near = -86400; near <= 86400; near += 43200)
            if (days[i] + near >= 0)
                check(days[i] + near);
}

static void agrees_with_gmtime(void **state)
{
    (void) state;
    /* 800 years, in steps that are no whole number of days. */
    for (time_t seconds = 0; seconds < 800 * 31556952L; seconds += 86401 * 3)
        check(seconds);
}

static void cuts_the_fraction(void **state)
{
    (void) state;
    const struct timespec moment = { 1, 987654321 }, small = { 1, 54321 };
    char text[TIMESTAMP_SIZE];

    timestamp_print(text, &moment, 9);
    assert_string_equal(text, "1970-01-01T00:00:01.987654321Z");
    timestamp_print(text, &moment, 6);
    assert_string_equal(text, "1970-01-01T00:00:01.987654Z");
    timestamp_print(text, &small, 6);
    assert_string_equal(text, "1970-01-01T00:00:01.000054Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_days_that_matter),
        cmocka_unit_test(agrees_with_gmtime),
        cmocka_unit_test(cuts_the_fraction),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
