/* SPDX-License-Identifier: Apache-2.0 */
/* base/builder: text that grows in an arena. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/builder.h"
#include "libocispec/arena.h"

static char memory[64] __attribute__((aligned(4096)));
static struct arena arena;

static int empty_arena(void **state)
{
    (void) state;
    memset(memory, 0, sizeof(memory));
    arena = (struct arena){ .base = memory, .size = 16 };
    return 0;
}

static void grows(void **state)
{
    (void) state;
    struct builder builder;
    const char *text = NULL;
    assert_ptr_equal(arena_string(&arena, "ab"), memory);
    builder_begin(&builder, &arena);
    builder_print(&builder, "%s-%d", "x", 1);
    builder_print(&builder, "%s", "");
    builder_print(&builder, "yz");
    assert_null(builder_end(&builder, &text));
    assert_string_equal(text, "x-1yz");
    assert_ptr_equal(text, memory + 3);
    assert_int_equal(arena.used, 9);
}

static void may_be_empty(void **state)
{
    (void) state;
    struct builder builder;
    const char *text = NULL;
    builder_begin(&builder, &arena);
    assert_null(builder_end(&builder, &text));
    assert_string_equal(text, "");
    assert_int_equal(arena.used, 1);
}

static void fits_to_the_last_byte(void **state)
{
    (void) state;
    struct builder builder;
    const char *text = NULL;
    builder_begin(&builder, &arena);
    builder_print(&builder, "123456789012345");
    assert_null(builder_end(&builder, &text));
    assert_string_equal(text, "123456789012345");
    assert_int_equal(arena.used, 16);
}

static void writes_nothing_behind_the_end(void **state)
{
    (void) state;
    struct builder builder;
    const char *text = NULL;
    builder_begin(&builder, &arena);
    builder_print(&builder, "123456789012345");
    builder_print(&builder, "6");
    builder_print(&builder, "7");
    struct error *error = builder_end(&builder, &text);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_MEMORY);
    error_forget(error);
    assert_null(text);
    assert_int_equal(arena.used, 0);
    for (size_t i = 0; i < sizeof(memory); i++)
        assert_int_equal(memory[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(grows, empty_arena),
        cmocka_unit_test_setup(may_be_empty, empty_arena),
        cmocka_unit_test_setup(fits_to_the_last_byte, empty_arena),
        cmocka_unit_test_setup(writes_nothing_behind_the_end, empty_arena),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
