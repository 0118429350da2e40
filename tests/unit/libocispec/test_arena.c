/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/libocispec/document.h"

static void hands_out_aligned_zeroes(void **state)
{
    (void) state;
    arena_renew(4096);
    assert_non_null(arena_copy(&arena, "abc", 3));
    char *bytes = arena_alloc(&arena, 3, 5);
    assert_int_equal((size_t) (bytes - arena.base) % 16, 0);
    for (int i = 0; i < 15; i++)
        assert_int_equal(bytes[i], 0);
    assert_true((char *) arena_alloc(&arena, 1, 1) >= bytes + 15);
}

static void refuses_what_does_not_fit(void **state)
{
    (void) state;
    arena_renew(64);
    assert_null(arena_alloc(&arena, 65, 1));
    assert_null(arena_alloc(&arena, SIZE_MAX, 2));
    assert_null(arena_alloc(&arena, SIZE_MAX / 2, 2));
    assert_null(arena_copy(&arena, "", SIZE_MAX));
    assert_int_equal(arena.used, 0);
    assert_non_null(arena_alloc(&arena, 64, 1));
    assert_null(arena_alloc(&arena, 1, 1));
    assert_null(arena_string(&arena, ""));
}

static void gives_a_pointer_to_nothing(void **state)
{
    (void) state;
    arena_renew(64);
    assert_non_null(arena_alloc(&arena, 0, 8));
    assert_non_null(arena_alloc(&arena, 64, 1));
    assert_non_null(arena_alloc(&arena, 0, 8));
}

static void copies_end_with_nul(void **state)
{
    (void) state;
    arena_renew(64);
    assert_string_equal(arena_copy(&arena, "container", 7), "contain");
    assert_string_equal(arena_string(&arena, "weight"), "weight");
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    assert_int_equal(arena.used, 8 + 7 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("elements are aligned and zeroed", hands_out_aligned_zeroes),
        TEST("what does not fit is refused, and nothing is used up", refuses_what_does_not_fit),
        TEST("a zero count gives a pointer", gives_a_pointer_to_nothing),
        TEST("copies end with NUL", copies_end_with_nul),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("arena", tests, NULL, arena_drop);
}
