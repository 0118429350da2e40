/* SPDX-License-Identifier: Apache-2.0 */
/* cli/causes: the table as a whole.  That each cause is found is shown by tests/cli/causes.bats. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error_names.h"
#include "cli/causes.h"

static void has_codes_of_its_own(void **state)
{
    (void) state;
    assert_non_null(causes[0].code);
    for (const struct cause *cause = causes; cause->hint; cause++) {
        assert_true(!cause->code == !cause->meaning);
        assert_non_null(causes_code(cause));
        if (!cause->code)
            continue;
        assert_memory_equal(cause->code, "E-", 2);
        assert_int_equal(strspn(cause->code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"), strlen(cause->code));
        for (const struct cause *other = causes; other < cause; other++)
            assert_true(!other->code || strcmp(other->code, cause->code) != 0);
        for (unsigned i = 0; i < ERROR_CODES; i++)
            assert_string_not_equal(error_code_name((enum error_code) i), cause->code);
    }
}

static void says_nothing_that_engines_sort_by(void **state)
{
    (void) state;
    for (const struct cause *cause = causes; cause->hint; cause++) {
        assert_true(causes_are_silent(cause->hint));
        assert_true(!cause->meaning || causes_are_silent(cause->meaning));
    }
    assert_false(causes_are_silent("exec: Permission Denied by"));
    assert_false(causes_are_silent("container does not exist"));
    assert_true(causes_are_silent("it may not be entered"));
}

/* A hint is one line, with one place at most for what was found, which only a probe can fill. */
static void has_hints_that_fit(void **state)
{
    (void) state;
    for (const struct cause *cause = causes; cause->hint; cause++) {
        const char *place = strchr(cause->hint, '%');
        assert_true(strlen(cause->hint) < ERROR_HINT_SIZE - 60);
        assert_null(strchr(cause->hint, '\n'));
        if (!place)
            continue;
        assert_memory_equal(place, "%s", 2);
        assert_null(strchr(place + 1, '%'));
        assert_non_null(cause->probe);
    }
}

/* A row that asks for less than one below it would take its errors away. */
static void has_the_certain_first(void **state)
{
    (void) state;
    for (const struct cause *low = causes; low->hint; low++)
        for (const struct cause *high = causes; high < low; high++)
            assert_false(!high->probe && (!high->error || high->error == low->error) &&
                         (!high->call || high->call == low->call) &&
                         (!high->number || high->number == low->number));
}

static struct error *explained(enum error_code code, enum error_call call, const char *object)
{
    return causes_explain(error_call(error_errno(code, "try"), call, object));
}

static void leaves_a_hint_that_is_there(void **state)
{
    (void) state;
    errno = ENOSYS;
    struct error *error = causes_explain(error_hint(error_system("try"), "known better"));
    assert_string_equal(error->hint, "known better");
    assert_null(error->cause);
    error_forget(error);
}

static void fills_in_what_was_found(void **state)
{
    (void) state;
    errno = ENODEV;
    struct error *error = explained(ERROR_MOUNT, CALL_FSMOUNT, "nosuchfs");
    assert_string_equal(error->cause, "E-NO-FILESYSTEM");
    assert_memory_equal(error->hint, "/proc/filesystems has no nosuchfs: ", 35);
    error_forget(error);
}

/* Objects are the config's and the image's. */
static void hides_what_engines_would_sort_by(void **state)
{
    (void) state;
    errno = ENODEV;
    struct error *error = explained(ERROR_MOUNT, CALL_FSMOUNT, "no such file or Directory");
    assert_memory_equal(error->hint, "/proc/filesystems has no ...: ", 30);
    assert_true(causes_are_silent(error->hint));
    error_forget(error);
}

static void has_none_for_what_is_not_known(void **state)
{
    (void) state;
    errno = EXDEV;
    struct error *error = explained(ERROR_MOUNT, CALL_FSMOUNT, "tmpfs");
    assert_string_equal(error->hint, "");
    assert_null(error->cause);
    error_forget(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_codes_of_its_own),
        cmocka_unit_test(says_nothing_that_engines_sort_by),
        cmocka_unit_test(has_hints_that_fit),
        cmocka_unit_test(has_the_certain_first),
        cmocka_unit_test(leaves_a_hint_that_is_there),
        cmocka_unit_test(fills_in_what_was_found),
        cmocka_unit_test(hides_what_engines_would_sort_by),
        cmocka_unit_test(has_none_for_what_is_not_known),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
