/* SPDX-License-Identifier: Apache-2.0 */
/* cli/pattern: regular expressions, compared with regexec(3) where both know them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <regex.h>
#include <string.h>

#include "cli/pattern.h"

static struct pattern pattern;

static const char *const texts[] = {
    "",       "a",   "b",   "ab",  "ba",    "aab",    "abab", "web-1",  "web-12",
    "web_12", "xyz", "x.y", "a+b", "a-b",   "web",    "wweb", "aaaaab", "0",
    "A",      "]",   "a]b", "cab", "abc.d", "webweb", "^a",   "a$",     "abcdef",
};

static const char *const patterns[] = {
    "a",
    "^a",
    "a$",
    "^a$",
    "^$",
    ".",
    "a.b",
    "a*",
    "^a*b$",
    "a+b",
    "^a?b",
    "web-[0-9]+",
    "^web-[0-9]+$",
    "[a-c]+",
    "^[^a-c]+$",
    "[]]",
    "a[]x]b",
    "[^]]",
    "x\\.y",
    "a\\+b",
    "(ab)+",
    "^(ab)*$",
    "a|b",
    "^(a|b)*$",
    "^a|b$",
    "(a|b|c)(d|e|$)",
    "^(web|x.z)$",
    "(a(b|c)?)+$",
    "^(a*)*b",
    "[a-]b",
    "a**",
    "(|a)b",
    "(^a|b$)",
    "()",
};

static bool is_found(const char *expression, const char *text)
{
    struct error *error = pattern_read(expression, &pattern);
    if (error)
        fail_msg("%s", error->text);
    return pattern_matches(&pattern, text);
}

static void test_agrees(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        regex_t expected;
        assert_int_equal(regcomp(&expected, patterns[i], REG_EXTENDED | REG_NOSUB), 0);
        for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++) {
            bool is_expected = !regexec(&expected, texts[j], 0, NULL, 0);
            if (is_found(patterns[i], texts[j]) != is_expected)
                fail_msg("%s on '%s' should be %d", patterns[i], texts[j], is_expected);
        }
        regfree(&expected);
    }
}

static void test_refuses(void **state)
{
    (void) state;
    static const char *const wrong[] = {
        "",
        "(",
        ")",
        "a)",
        "(a",
        "[",
        "[a",
        "[]",
        "*a",
        "+",
        "a|*",
        "a\\",
        "[z-a]",
        "a{2}",
        "[[:alpha:]]",
        "((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))",
    };
    char longer[PATTERN_SIZE + 2];

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct error *error = pattern_read(wrong[i], &pattern);
        if (!error)
            fail_msg("%s", wrong[i]);
        assert_int_equal(error->code, ERROR_USAGE);
        error_forget(error);
    }
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    struct error *error = pattern_read(longer, &pattern);
    assert_non_null(error);
    error_forget(error);
}

/* What takes others for ever. */
static void test_is_quick(void **state)
{
    (void) state;
    assert_false(is_found("^(a*)*(a|aa)*(a?a?a?)*$",
                          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_is_quick),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cli/pattern", tests, NULL, NULL);
}
