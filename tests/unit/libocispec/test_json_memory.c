/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/json_memory.h"

#include "tests/unit/libocispec/document.h"

static struct json_memory memory;

static bool is_at_hand(const void *bytes)
{
    return (const char *) bytes >= memory.room &&
           (const char *) bytes < memory.room + sizeof(memory.room);
}

static void gives_blocks_apart_and_aligned(void **state)
{
    (void) state;
    yajl_alloc_funcs functions = json_memory_open(&memory);
    char *end = memory.room;
    for (size_t size = 0; size < 64; size++) {
        char *block = functions.malloc(functions.ctx, size);
        assert_true(is_at_hand(block));
        assert_true(block >= end);
        assert_int_equal((uintptr_t) block % _Alignof(max_align_t), 0);
        end = block + size;
    }
}

static void keeps_what_was_in_a_block_that_grows(void **state)
{
    (void) state;
    yajl_alloc_funcs functions = json_memory_open(&memory);
    char *block = functions.realloc(functions.ctx, NULL, 4);
    memcpy(block, "abc", 4);
    for (size_t size = 8; size < 64 * JSON_MEMORY_SIZE; size *= 2) {
        block = functions.realloc(functions.ctx, block, size);
        assert_string_equal(block, "abc");
        memset(block + 4, 'x', size - 4);
    }
    assert_false(is_at_hand(block));
    functions.free(functions.ctx, block);
}

static void asks_for_more_where_it_is_full(void **state)
{
    (void) state;
    yajl_alloc_funcs functions = json_memory_open(&memory);
    void *large = functions.malloc(functions.ctx, JSON_MEMORY_SIZE);
    assert_non_null(large);
    assert_false(is_at_hand(large));
    functions.free(functions.ctx, large);

    size_t count = 0;
    void *block = functions.malloc(functions.ctx, 1);
    while (is_at_hand(block)) {
        memset(block, 'x', 1);
        functions.free(functions.ctx, block);
        block = functions.malloc(functions.ctx, 1);
        count++;
    }
    functions.free(functions.ctx, block);
    assert_in_range(count, JSON_MEMORY_SIZE / 64, JSON_MEMORY_SIZE / 16);
    assert_true(memory.used <= sizeof(memory.room));
}

static void refuses_what_nobody_has(void **state)
{
    (void) state;
    yajl_alloc_funcs functions = json_memory_open(&memory);
    assert_null(functions.malloc(functions.ctx, SIZE_MAX - 1));
    assert_int_equal(memory.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("blocks are aligned and lie apart", gives_blocks_apart_and_aligned),
        TEST("a block that grows keeps what is in it", keeps_what_was_in_a_block_that_grows),
        TEST("malloc has what does not fit", asks_for_more_where_it_is_full),
        TEST("too much is refused", refuses_what_nobody_has),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("json_memory", tests, NULL, NULL);
}
