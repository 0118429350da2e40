/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/json.h"

#include "tests/unit/libocispec/document.h"

/* Writes down what it is told. */
struct diary {
    char text[1024];
    const char *stop_at; /* a key that it refuses */
};

static void note(struct diary *diary, const char *word, const char *text, size_t length)
{
    size_t used = strlen(diary->text);
    snprintf(diary->text + used, sizeof(diary->text) - used, "%s%.*s ", word, (int) length, text);
}

static bool take_key(void *context, struct json_reader *reader, const char *text, size_t length)
{
    struct diary *diary = context;
    note(diary, "key:", text, length);
    if (diary->stop_at && strncmp(diary->stop_at, text, length) == 0)
        return json_refuse(reader, json_offset(reader), "member", "stopped %d", 5);
    return true;
}

static bool take_value(void *context, struct json_reader *reader, const struct json_token *token)
{
    static const char *const words[] = { "null", "bool", "number:", "string:", "{", "[" };
    struct diary *diary = context;
    (void) reader;
    bool is_text = token->type == JSON_NUMBER || token->type == JSON_STRING;
    note(diary, words[token->type], is_text ? token->text : "", is_text ? token->length : 0);
    if (token->type == JSON_BOOL)
        note(diary, token->is_true ? "yes" : "no", "", 0);
    return true;
}

static bool take_end(void *context, struct json_reader *reader)
{
    (void) reader;
    note(context, "end", "", 0);
    return true;
}

static const struct json_handler handler = { take_key, take_value, take_end };

static bool read_into(struct diary *diary, const char *text, struct arena *memory)
{
    struct json_input input = { text, strlen(text), memory, &problem };
    memset(&problem, 0, sizeof(problem));
    return json_read(&input, &handler, diary);
}

static void tells_all_in_order(void **state)
{
    (void) state;
    struct diary diary = { "", NULL };
    arena_reset();
    assert_true(read_into(
        &diary, "{\"a\":[1,-2.5e3,true,null,\"x\\ny\"],\"\\u0062\":{},\"c\":false}", &arena));
    assert_string_equal(diary.text,
                        "{ key:a [ number:1 number:-2.5e3 bool yes null string:x\ny end "
                        "key:b { end key:c bool no end ");
}

static void ends_when_refused(void **state)
{
    (void) state;
    struct diary diary = { "", "b" };
    arena_reset();
    assert_false(read_into(&diary, "{\"a\":1,\n  \"b\":2,\"c\":3}", &arena));
    assert_string_equal(diary.text, "{ key:a number:1 key:b ");
    assert_int_equal(problem.line, 2);
    assert_int_equal(problem.column, 3);
    assert_string_equal(problem.path, "b.member");
    assert_string_equal(problem.reason, "stopped 5");
}

static void looks_for_duplicates_with_memory_only(void **state)
{
    (void) state;
    struct diary diary = { "", NULL };
    arena_reset();
    assert_true(read_into(&diary, "{\"a\":1,\"\\u0061\":2}", NULL));
    assert_false(read_into(&diary, "{\"a\":1,\"\\u0061\":2}", &arena));
    assert_string_equal(problem.reason, "duplicate key");
    assert_string_equal(problem.path, "a");
    assert_int_equal(problem.column, 8);
}

static void makes_hostile_text_harmless(void **state)
{
    (void) state;
    struct diary diary = { "", NULL };
    arena_reset();
    assert_false(
        read_into(&diary, "{\"\\u001b[2J\\u007f\\n\":1,\"\\u001b[2J\\u007f\\n\":1}", &arena));
    assert_string_equal(problem.path, "?[2J??");

    char text[1024] = "{\"";
    for (int i = 0; i < 100; i++)
        strcat(text, "\xc3\xa9");
    strcat(text, "\":[}");
    assert_false(read_into(&diary, text, &arena));
    assert_int_equal(strlen(problem.path), 118);
}

static void writes_values(void **state)
{
    (void) state;
    struct json_writer writer;
    size_t length = 0;
    arena_reset();
    json_write_begin(&writer, &arena, false);
    json_write_open(&writer, JSON_OBJECT);
    json_write_string(&writer, "a/\"\n");
    json_write_open(&writer, JSON_ARRAY);
    json_write_signed(&writer, INT64_MIN);
    json_write_unsigned(&writer, UINT64_MAX);
    json_write_bool(&writer, true);
    json_write_empty(&writer, JSON_ARRAY);
    json_write_empty(&writer, JSON_OBJECT);
    json_write_close(&writer, JSON_ARRAY);
    json_write_close(&writer, JSON_OBJECT);
    const char *text = json_write_end(&writer, &length);
    assert_string_equal(text,
                        "{\"a/\\\"\\n\":[-9223372036854775808,18446744073709551615,true,[],{}]}");
    assert_int_equal(length, strlen(text));
}

static void leaves_no_trace_of_a_failure(void **state)
{
    (void) state;
    struct json_writer writer;
    arena_reset();
    json_write_begin(&writer, &arena, false);
    json_write_open(&writer, JSON_ARRAY);
    json_write_string(&writer, "fine");
    json_write_string(&writer, "\xed\xa0\x80");
    json_write_close(&writer, JSON_ARRAY);
    assert_null(json_write_end(&writer, NULL));
    assert_int_equal(arena.used, 0);
    for (int i = 0; i < 32; i++)
        assert_int_equal(arena.base[i], 0);

    json_write_begin(&writer, &arena, false);
    assert_null(json_write_end(&writer, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("keys, values and ends come in order", tells_all_in_order),
        TEST("a refusal ends the reading and says where", ends_when_refused),
        TEST("[G2] names are compared after their escapes", looks_for_duplicates_with_memory_only),
        TEST("paths quote hostile names without harm", makes_hostile_text_harmless),
        TEST("values are written exactly", writes_values),
        TEST("a failed text leaves the arena as it was", leaves_no_trace_of_a_failure),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("json", tests, NULL, arena_drop);
}
