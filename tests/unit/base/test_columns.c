/* SPDX-License-Identifier: Apache-2.0 */
/* base/columns: how wide text is, and what is left of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/columns.h"
#include "base/list.h"

static const struct {
    const char *text;
    size_t columns;
} rows[] = {
    { "", 0 },
    { "/bundle", 7 },
    { "na\xc3\xafve", 5 },                     /* one character, two bytes */
    { "e\xcc\x81", 1 },                        /* a letter and its mark */
    { "\xe5\xae\xb9\xe5\x99\xa8", 4 },         /* two of Chinese */
    { "\xed\x95\x9c", 2 },                     /* Hangul */
    { "\xf0\x9f\x90\xb3!", 3 },                /* a whale */
    { "\xef\xbc\xa1", 2 },                     /* fullwidth A */
    { "\xe2\x80\xa6", 1 },                     /* an ellipsis */
    { "\xf0\xb0\x80\x80\xf4\x8f\xbf\xbf", 3 }, /* the last plane that is wide, the last of all */
    { "a\xe2\x80\x8d"
      "b",
      2 }, /* a joiner between */
};

static void counts(void **state)
{
    (void) state;
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_int_equal(columns_count(rows[i].text), rows[i].columns);
}

static void finds_the_end_that_fits(void **state)
{
    (void) state;
    static const char text[] = "ab\xe5\xae\xb9\xe5\x99\xa8/c";

    assert_ptr_equal(columns_find_end(text, 8), text);
    assert_string_equal(columns_find_end(text, 7), text + 1);
    assert_string_equal(columns_find_end(text, 5), text + 5); /* half a character is none */
    assert_string_equal(columns_find_end(text, 4), text + 5);
    assert_string_equal(columns_find_end(text, 1), "c");
    assert_string_equal(columns_find_end(text, 0), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(finds_the_end_that_fits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
