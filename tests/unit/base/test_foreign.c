/* SPDX-License-Identifier: Apache-2.0 */
/* base/foreign: what criu and systemd say is not taken for the failure of a command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/foreign.h"

static void rewords(const char *words, const char *expected)
{
    char text[64];

    foreign_reword(words, text, sizeof(text));
    assert_string_equal(text, expected);
}

static void phrases_of_engines_are_nobody_else_s(void **state)
{
    (void) state;
    rewords("", "");
    rewords("a\nb\tc", "a b c");
    rewords("No such file or directory, permission denied",
            "not found (ENOENT), access refused (EACCES)");
    rewords("Operation not permitted: No such process",
            "not permitted (EPERM): process is gone (ESRCH)");
    rewords("x is a directory, y not a directory",
            "x names a directory (EISDIR), y no directory (ENOTDIR)");
    rewords("open executable: does not exist", "open the executable: is missing");
    rewords("container not running; invalid process", "container is not running; wrong process");
    rewords("`/proc/self/attr/exec`", "'/proc/self/attr/exec'");
    rewords("long words, which end with what is cut off: permission denied, x",
            "long words, which end with what is cut off: access refused (EAC");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_of_engines_are_nobody_else_s),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
