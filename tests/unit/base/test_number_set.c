/* SPDX-License-Identifier: Apache-2.0 */
/* base/number_set: lists of CPUs and nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number_set.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct number_set parse(const char *list)
{
    struct number_set set;
    if (!number_set_parse(list, &set))
        fail_msg("'%s'", list);
    return set;
}

static void same_sets_are_equal(void **state) /* [CP9] [CP10] */
{
    (void) state;
    static const char *const pairs[][2] = {
        { "0,1", "0-1" },        { "0-1\n", "1,0" },         { "3,1-2,2", "1-3\n" }, { "", "\n" },
        { "8191", "8191-8191" }, { "0-127", "0-63,64-127" }, { "007", "7" },
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct number_set a = parse(pairs[i][0]), b = parse(pairs[i][1]);
        assert_true(number_set_equal(&a, &b));
    }
}

static void others_are_not(void **state)
{
    (void) state;
    struct number_set all = parse("0-3"), part = parse("1-2"), other = parse("3-4"),
                      none = parse("");
    assert_false(number_set_equal(&all, &part));
    assert_true(number_set_has(&all, &part));
    assert_false(number_set_has(&part, &all));
    assert_false(number_set_has(&all, &other));
    assert_true(number_set_has(&part, &none));
    assert_false(number_set_has(&none, &part));
}

static void says_what_is_missing(void **state)
{
    (void) state;
    struct number_set whole = parse("0-3,64"), none = parse(""), part = parse("2,64");
    assert_int_equal(number_set_find_missing(&whole, &part), -1);
    assert_int_equal(number_set_find_missing(&whole, &none), -1);
    part = parse("1,5,70");
    assert_int_equal(number_set_find_missing(&whole, &part), 5);
    part = parse("64,8191");
    assert_int_equal(number_set_find_missing(&whole, &part), 8191);
    assert_true(number_set_is_empty(&none));
    assert_false(number_set_is_empty(&part));
}

static void takes_spaces_where_they_are_let_pass(void **state) /* [P32] */
{
    (void) state;
    static const char *const good[] = { " 1-2, 7 ", "1 - 2,7", "7 ,1,  2" };
    static const char *const bad[] = { "1 2", "1-2 7", "1,,2", " ,1", "1,",  "- 1",
                                       "1 -", "1\t",   "3-1",  "a",   "8192" };
    struct number_set wanted = parse("1-2,7"), set;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(number_set_parse_spaced(good[i], &set));
        assert_true(number_set_equal(&set, &wanted));
        assert_false(number_set_parse(good[i], &set));
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (number_set_parse_spaced(bad[i], &set))
            fail_msg("'%s'", bad[i]);
    assert_true(number_set_parse_spaced("  ", &set));
    assert_true(number_set_is_empty(&set));
}

static void refuses_what_is_no_list(void **state) /* [CP9] */
{
    (void) state;
    static const char *const bad[] = {
        "a",  "1-",    "-1",   "1,",  ",1",    "1,,2", "2-1",    "1 ",
        " 1", "1\n\n", "1;2",  "0x1", "1-2-3", "8192", "0-8192", "99999999999999999999",
        ",",  "-",     "1\n2",
    };
    struct number_set set;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (number_set_parse(bad[i], &set))
            fail_msg("'%s'", bad[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_sets_are_equal),
        cmocka_unit_test(others_are_not),
        cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(takes_spaces_where_they_are_let_pass),
        cmocka_unit_test(refuses_what_is_no_list),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("base/number_set", tests, NULL, NULL);
}
