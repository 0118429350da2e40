/* SPDX-License-Identifier: Apache-2.0 */
/* base/allocate: the macros, and an arena that is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/allocate.h"

static char range[256] __attribute__((aligned(16)));

static fallible make(struct arena *arena, size_t count, long **numbers, const char **text)
{
    long *made;
    const char *printed;
    try_new(made, arena, count);
    try_print(printed, arena, "%zu of %s", count, "them");
    *numbers = made;
    *text = printed;
    return OK;
}

static void makes_elements_and_strings(void **state)
{
    (void) state;
    struct arena arena = { .base = range, .size = sizeof(range) };
    long *numbers = NULL;
    const char *text = NULL;
    assert_null(make(&arena, 3, &numbers, &text));
    assert_int_equal(numbers[0] | numbers[1] | numbers[2], 0);
    assert_string_equal(text, "3 of them");
    assert_true((char *) numbers >= range && text < range + sizeof(range));
}

static void says_when_the_arena_is_full(void **state)
{
    (void) state;
    struct arena arena = { .base = range, .size = 16 };
    long *numbers = NULL;
    const char *text = NULL;
    struct error *error = make(&arena, 100, &numbers, &text);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_MEMORY);
    error_forget(error);
    error = make(&arena, 1, &numbers, &text);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_MEMORY);
    error_forget(error);
    assert_null(numbers);
    assert_null(text);
}

static void prints_up_to_the_last_byte(void **state)
{
    (void) state;
    struct arena arena = { .base = range, .size = 16 };
    assert_non_null(allocate_print(&arena, "%s", "fifteen bytes.."));
    struct arena fresh = { .base = range, .size = 16 };
    assert_null(allocate_print(&fresh, "%s", "sixteen bytes..."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_elements_and_strings),
        cmocka_unit_test(says_when_the_arena_is_full),
        cmocka_unit_test(prints_up_to_the_last_byte),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
