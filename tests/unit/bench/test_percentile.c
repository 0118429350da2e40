/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/percentile.h: what the tables of `make bench` are made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/bench/percentile.h"

/* Of the numbers 1 to COUNT, the last one first. */
static int of_numbers(size_t count, unsigned int percent)
{
    double values[200];

    for (size_t i = 0; i < count; i++)
        values[i] = (double) (count - i);
    return (int) percentile(values, count, percent);
}

static void test_is_a_measured_value(void **state)
{
    (void) state;
    assert_int_equal(of_numbers(100, 10), 10);
    assert_int_equal(of_numbers(100, 50), 50);
    assert_int_equal(of_numbers(100, 100), 100);
    assert_int_equal(of_numbers(10, 10), 1);
    assert_int_equal(of_numbers(11, 10), 2);
    assert_int_equal(of_numbers(199, 10), 20);
    assert_int_equal(of_numbers(5, 50), 3);
}

static void test_few_values(void **state)
{
    (void) state;
    assert_int_equal(of_numbers(1, 1), 1);
    assert_int_equal(of_numbers(1, 10), 1);
    assert_int_equal(of_numbers(1, 100), 1);
    assert_int_equal(of_numbers(2, 10), 1);
    assert_int_equal(of_numbers(2, 51), 2);
}

static void test_equal_values_and_fractions(void **state)
{
    double values[] = { 2.5, 0.5, 2.5, 0.25 };

    (void) state;
    assert_true(percentile(values, 4, 25) == 0.25);
    assert_true(percentile(values, 4, 50) == 0.5);
    assert_true(percentile(values, 4, 75) == 2.5);
    assert_true(percentile(values, 4, 100) == 2.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_a_measured_value),
        cmocka_unit_test(test_few_values),
        cmocka_unit_test(test_equal_values_and_fractions),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
