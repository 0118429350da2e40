/* SPDX-License-Identifier: Apache-2.0 */
/* base/error_names: codes, words, and the phrases that must never come from us. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error_names.h"
#include "base/list.h"

static void names_every_code_once(void **state)
{
    (void) state;
    for (unsigned i = 0; i < ERROR_CODES; i++) {
        const char *name = error_code_name((enum error_code) i);
        assert_non_null(name);
        assert_memory_equal(name, "E-", 2);
        assert_int_equal(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"), strlen(name));
        for (unsigned other = 0; other < i; other++)
            assert_string_not_equal(name, error_code_name((enum error_code) other));
    }
    assert_string_equal(error_code_name(ERROR_EXECUTABLE_MISSING), "E-EXECUTABLE-MISSING");
    assert_string_equal(error_code_name(ERROR_READ_BACK), "E-READ-BACK");
    assert_string_equal(error_code_name(ERROR_TIMEOUT), "E-TIMEOUT");
    assert_string_equal(error_code_name((enum error_code) 999), "E-NONE");
}

static void has_words_for_every_errno(void **state)
{
    (void) state;
    for (int number = 1; number <= EHWPOISON; number++) {
        if (number == 41 || number == 58) /* Linux has none with these numbers */
            continue;
        const char *words = error_number_words(number);
        const char *symbol = strstr(words, " (E");
        assert_non_null(symbol);
        assert_int_equal(words[strlen(words) - 1], ')');
        assert_memory_not_equal(words, "errno ", 6);
    }
    assert_string_equal(error_number_words(EPERM), "not permitted (EPERM)");
    assert_string_equal(error_number_words(EACCES), "access refused (EACCES)");
    assert_string_equal(error_number_words(ENOENT), "not found (ENOENT)");
    assert_string_equal(error_number_words(EOPNOTSUPP), "not supported (EOPNOTSUPP)");
}

static void has_the_symbol_of_every_errno(void **state)
{
    (void) state;
    assert_string_equal(error_number_symbol(EPERM), "EPERM");
    assert_string_equal(error_number_symbol(ENOTRECOVERABLE), "ENOTRECOVERABLE");
    assert_string_equal(error_number_symbol(0), "");
    assert_string_equal(error_number_symbol(999), "");
}

static void names_every_call_once(void **state)
{
    (void) state;
    assert_string_equal(error_call_name(CALL_NONE), "");
    for (unsigned i = 1; i < ERROR_CALLS; i++) {
        assert_true(error_call_name((enum error_call) i)[0] != '\0');
        for (unsigned other = 0; other < i; other++)
            assert_string_not_equal(error_call_name((enum error_call) i),
                                    error_call_name((enum error_call) other));
    }
    assert_string_equal(error_call_name((enum error_call) 999), "");
}

static void counts_what_it_does_not_know(void **state)
{
    (void) state;
    assert_string_equal(error_number_words(999), "errno 999");
    assert_string_equal(error_number_words(0), "errno 0");
    assert_string_equal(error_number_words(-1), "errno -1");
    assert_string_equal(error_number_words(INT32_MIN), "errno -2147483648");
    assert_string_equal(error_number_words(41), "errno 41");
}

/* What podman, docker, containerd and CRI-O look for. */
static void says_nothing_that_engines_sort_by(void **state)
{
    (void) state;
    static const char *const phrases[] = {
        "permission denied",    "operation not permitted", "executable file not found",
        "no such file or",      "open executable",         "no such process",
        "is a directory",       "not a directory",         "does not exist",
        "not running",          "invalid process",         "already finished",
        "requires an argument",
    };
    for (int number = 1; number <= EHWPOISON; number++) {
        char lower[128] = "what is ";
        size_t start = strlen(lower);
        const char *words = error_number_words(number);
        for (size_t i = 0; i <= strlen(words); i++)
            lower[start + i] = (char) tolower((unsigned char) words[i]);
        for (size_t i = 0; i < LENGTH(phrases); i++)
            assert_null(strstr(lower, phrases[i]));
    }
}

static void prints_words_behind_the_text(void **state)
{
    (void) state;
    char line[256];
    errno = EPERM;
    struct error *error = error_system("set rlimits");
    size_t length = error_print(error, line, sizeof(line));
    assert_string_equal(line, "set rlimits: not permitted (EPERM)");
    assert_int_equal(length, strlen(line));
    assert_int_equal(error_print(error, line, 8), 7);
    assert_string_equal(line, "set rli");
    assert_int_equal(error_print(error, line, 0), 0);
    error->number = 0;
    error_print(error, line, sizeof(line));
    assert_string_equal(line, "set rlimits");
    error_forget(error);
}

/* What engines match is spelled out, without an errno; all the others get their words. */
static void leaves_exact_texts_alone(void **state)
{
    (void) state;
    char line[256];
    struct error *error = error_new(ERROR_EXECUTABLE_REFUSED, "exec: \"/x\": permission denied");
    error_print(error, line, sizeof(line));
    assert_string_equal(line, "exec: \"/x\": permission denied");
    error_forget(error);

    errno = EMFILE;
    error = error_errno(ERROR_CWD, "chdir to cwd (\"/\") set in config.json failed");
    error_print(error, line, sizeof(line));
    assert_non_null(strstr(line, "failed: "));
    assert_non_null(strstr(line, "(EMFILE)"));
    error_forget(error);
}

static void gives_the_exit_status(void **state)
{
    (void) state;
    static const struct {
        enum error_code code;
        int status;
    } rows[] = {
        { ERROR_EXECUTABLE_MISSING, 127 },
        { ERROR_EXECUTABLE_REFUSED, 126 },
        { ERROR_USAGE, 64 },
        { ERROR_CWD, 255 },
        { ERROR_SYSTEM, 255 },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct error *error = error_new(rows[i].code, "x");
        assert_int_equal(error_status(error, 255), rows[i].status);
        error_forget(error);
    }
}

static void finds_an_errno_by_its_symbol(void **state)
{
    (void) state;
    assert_int_equal(error_symbol_number("EPERM"), EPERM);
    assert_int_equal(error_symbol_number("EHWPOISON"), EHWPOISON);
    assert_int_equal(error_symbol_number("enoent"), ENOENT);
    assert_int_equal(error_symbol_number(""), 0);
    assert_int_equal(error_symbol_number("E-MOUNT"), 0);
    assert_int_equal(error_symbol_number("ENOENTS"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_every_code_once),
        cmocka_unit_test(has_words_for_every_errno),
        cmocka_unit_test(has_the_symbol_of_every_errno),
        cmocka_unit_test(finds_an_errno_by_its_symbol),
        cmocka_unit_test(names_every_call_once),
        cmocka_unit_test(counts_what_it_does_not_know),
        cmocka_unit_test(says_nothing_that_engines_sort_by),
        cmocka_unit_test(prints_words_behind_the_text),
        cmocka_unit_test(leaves_exact_texts_alone),
        cmocka_unit_test(gives_the_exit_status),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
