/* SPDX-License-Identifier: Apache-2.0 */
/* launch/criu_log: what a log of criu tells of a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "launch/criu_log.h"

static void says(const char *log, const char *expected)
{
    char words[64];

    criu_log_find(log, words, sizeof(words));
    assert_string_equal(words, expected);
}

static void errors_alone_are_told(void **state)
{
    (void) state;
    says("", "");
    says("(00.000001) Version: 4.1 (gitid 0)\n(00.1) Warn  (criu/a.c:1): hm\n", "");
    says("(00.01) mnt: ok\n(00.02) Error (criu/mount.c:12): mnt: no\n(00.03) done\n", "mnt: no");
    says("(00.01)    12: Error (criu/a.c:1): first\n(00.02) Error (criu/b.c:2): then\n",
         "first; then");
    says("(00.01) Error (criu/a.c:1): without an end", "without an end");
    says("(00.01) Error (criu/a.c:1)\n(00.02) has ): no words\n", "");
}

/* Names of files and processes are the container's, and stand in the log as well. */
static void errors_stand_at_the_beginning(void **state)
{
    (void) state;
    says("(00.01) mnt: path Error (criu/a.c:1): forged\n", "");
    says("(00.01) 12: name Error (criu/a.c:1): forged\n", "");
    says("Error (criu/a.c:1): forged\n", "");
    says("(x) Error (criu/a.c:1): forged\n", "");
    says("(00.01", "");
    says("(00.01)", "");
    says("(00.01) 12", "");
}

static void the_last_three_are_told(void **state)
{
    (void) state;
    says("(0) Error (a): 1\n(0) Error (a): 2\n(0) no\n(0) Error (a): 3\n(0) Error (a): 4\n",
         "2; 3; 4");
    says("(0) Error (a): 1\n(0) Error (a): 2\n(0) Error (a): Dumping FAILED.\n", "1; 2");
    says("(0) Error (a): Dumping FAILED.\n", "");
}

static void what_does_not_fit_is_cut(void **state)
{
    char words[8];

    (void) state;
    criu_log_find("(0) Error (a): a long story\n(0) Error (a): another\n", words, sizeof(words));
    assert_string_equal(words, "a long ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_alone_are_told),
        cmocka_unit_test(errors_stand_at_the_beginning),
        cmocka_unit_test(the_last_three_are_told),
        cmocka_unit_test(what_does_not_fit_is_cut),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("launch/criu_log", tests, NULL, NULL);
}
