/* SPDX-License-Identifier: Apache-2.0 */
/* os/protobuf: what is written is what the format says, and what is read is checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"
#include "os/protobuf.h"

static void numbers_and_texts_are_as_the_format_has_them(void **state)
{
    /* "Encoding" of protobuf.dev has these as examples. */
    static const unsigned char expected[] = { 0x08, 0x96, 0x01, 0x12, 0x07, 't',
                                              'e',  's',  't',  'i',  'n',  'g' };
    char bytes[32];
    struct protobuf message = { .bytes = bytes, .size = sizeof(bytes) };

    (void) state;
    protobuf_number(&message, 1, 150);
    protobuf_text(&message, 2, "testing");
    assert_int_equal(message.length, sizeof(expected));
    assert_memory_equal(bytes, expected, sizeof(expected));
}

static void a_message_in_a_message_is_read_again(void **state)
{
    char bytes[64], inner_bytes[32];
    struct protobuf inner = { .bytes = inner_bytes, .size = sizeof(inner_bytes) };
    struct protobuf outer = { .bytes = bytes, .size = sizeof(bytes) };
    struct protobuf_field field;

    (void) state;
    protobuf_number(&inner, 40, UINT64_MAX);
    protobuf_message(&outer, 3, &inner);
    struct protobuf_reader reader = { bytes, bytes + outer.length, false };
    assert_true(protobuf_next(&reader, &field));
    assert_int_equal(field.number, 3);
    struct protobuf_reader within = protobuf_within(&field);
    assert_true(protobuf_next(&within, &field));
    assert_int_equal(field.number, 40);
    assert_true(field.value == UINT64_MAX && !field.bytes);
    assert_false(protobuf_next(&within, &field) || within.is_broken);
    assert_false(protobuf_next(&reader, &field) || reader.is_broken);
}

static void there_is_no_message_in_a_number(void **state)
{
    const struct protobuf_field field = { .number = 1, .value = 8 };
    struct protobuf_reader within = protobuf_within(&field);
    struct protobuf_field inner;

    (void) state;
    assert_non_null(within.at);
    assert_false(protobuf_next(&within, &inner) || within.is_broken);
}

static void what_does_not_fit_is_known(void **state)
{
    char bytes[8];
    struct protobuf message = { .bytes = bytes, .size = sizeof(bytes) }, outer = message;

    (void) state;
    protobuf_text(&message, 1, "too long for it");
    assert_true(message.is_full);
    assert_true(message.length <= sizeof(bytes));
    protobuf_message(&outer, 1, &message);
    assert_true(outer.is_full);
}

static void numbers_of_fixed_size_are_passed_over(void **state)
{
    static const char bytes[] = "\x0d"
                                "abcd"
                                "\x11"
                                "abcdefgh"
                                "\x18\x05";
    struct protobuf_reader reader = { bytes, bytes + sizeof(bytes) - 1, false };
    struct protobuf_field field;

    (void) state;
    assert_true(protobuf_next(&reader, &field));
    assert_int_equal(field.number, 3);
    assert_int_equal(field.value, 5);
}

static void broken_messages_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } broken[] = {
        { "\x08", 1 }, /* no value */
        { "\x12\x05"
          "ab",
          4 },                                                  /* longer than there is */
        { "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11 }, /* the longest */
        { "\x0b", 1 },                                          /* a group */
        { "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12 },
    };
    struct protobuf_field field;

    (void) state;
    for (size_t i = 0; i < LENGTH(broken); i++) {
        struct protobuf_reader reader = { broken[i].bytes, broken[i].bytes + broken[i].length,
                                          false };
        assert_false(protobuf_next(&reader, &field));
        assert_true(reader.is_broken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_texts_are_as_the_format_has_them),
        cmocka_unit_test(a_message_in_a_message_is_read_again),
        cmocka_unit_test(there_is_no_message_in_a_number),
        cmocka_unit_test(what_does_not_fit_is_known),
        cmocka_unit_test(numbers_of_fixed_size_are_passed_over),
        cmocka_unit_test(broken_messages_are_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/protobuf", tests, NULL, NULL);
}
