/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/keys.h"

#include "tests/unit/libocispec/document.h"

static struct key make(const char *text)
{
    return (struct key){ text, strlen(text) };
}

static struct key make_number(int number)
{
    char text[32];
    snprintf(text, sizeof(text), "name-%d", number);
    return make(arena_string(&arena, text));
}

static void finds_duplicates_at_every_size(void **state)
{
    (void) state;
    for (int size = 1; size < 400; size += size < 80 ? 1 : 53) {
        struct keys keys;
        struct key_set set;
        arena_reset();
        keys_open(&keys, &arena);
        keys_push(&keys, &set);
        for (int i = 0; i < size; i++)
            assert_int_equal(keys_add(&keys, &set, make_number(i)), KEY_NEW);
        for (int i = 0; i < size; i++)
            assert_int_equal(keys_add(&keys, &set, make_number(i)), KEY_DUPLICATE);
        assert_int_equal(keys_add(&keys, &set, make_number(size)), KEY_NEW);
    }
}

static void keeps_objects_apart(void **state)
{
    (void) state;
    struct keys keys;
    struct key_set outer, inner;
    arena_reset();
    keys_open(&keys, &arena);
    keys_push(&keys, &outer);
    for (int i = 0; i < 100; i++)
        assert_int_equal(keys_add(&keys, &outer, make_number(i)), KEY_NEW);
    keys_push(&keys, &inner);
    for (int i = 0; i < 100; i++)
        assert_int_equal(keys_add(&keys, &inner, make_number(i)), KEY_NEW);
    keys_pop(&keys, &inner);
    assert_int_equal(keys_add(&keys, &outer, make_number(7)), KEY_DUPLICATE);
    assert_int_equal(keys_add(&keys, &outer, make_number(100)), KEY_NEW);
    keys_push(&keys, &inner);
    assert_int_equal(keys_add(&keys, &inner, make_number(7)), KEY_NEW);
}

static void tells_like_names_apart(void **state)
{
    (void) state;
    static const char *const names[] = { "", "a", "A", "aa", "aaaaaaaa", "aaaaaaaaa", "aaaaaaab" };
    struct keys keys;
    struct key_set set;
    arena_reset();
    keys_open(&keys, &arena);
    keys_push(&keys, &set);
    for (int i = 0; i < 40; i++)
        assert_int_equal(keys_add(&keys, &set, make_number(i)), KEY_NEW);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(keys_add(&keys, &set, make(names[i])), KEY_NEW);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(keys_add(&keys, &set, make(names[i])), KEY_DUPLICATE);
}

static void says_when_memory_is_out(void **state)
{
    (void) state;
    static char names[400][16];
    struct keys keys;
    struct key_set set;
    arena_renew(1024);
    keys_open(&keys, &arena);
    keys_push(&keys, &set);
    enum key_news news = KEY_NEW;
    for (int i = 0; i < 400 && news == KEY_NEW; i++) {
        snprintf(names[i], sizeof(names[i]), "%d", i);
        news = keys_add(&keys, &set, make(names[i]));
    }
    assert_int_equal(news, KEY_NO_MEMORY);
    arena_drop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("[G2] duplicates are found in objects of every size", finds_duplicates_at_every_size),
        TEST("the same name in two objects is none", keeps_objects_apart),
        TEST("names are compared exactly", tells_like_names_apart),
        TEST("a full arena is told", says_when_memory_is_out),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("keys", tests, NULL, arena_drop);
}
