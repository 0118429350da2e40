/* SPDX-License-Identifier: Apache-2.0 */
/* base/escape: control characters, bytes that are no UTF-8, and too little room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/escape.h"
#include "base/list.h"
#include "libocispec/arena.h"

#define REPLACED "\xef\xbf\xbd"

static const struct {
    const char *text, *plain, *quoted, *json;
} rows[] = {
    { "", "", "", "" },
    { "a b", "a b", "a b", "a b" },
    { "a\"b\\c", "a\"b\\c", "a\\\"b\\\\c", "a\\\"b\\\\c" },
    { "a\nb\rc\td", "a\\nb\\rc\\td", "a\\nb\\rc\\td", "a\\nb\\rc\\td" },
    { "\x1b[2J\x01\x7f", "\\x1b[2J\\x01\\x7f", "\\x1b[2J\\x01\\x7f", "\\u001b[2J\\u0001\\u007f" },
    { "\xc2\x9b"
      "2J",
      "\\u009b2J", "\\u009b2J", "\\u009b2J" },
    { "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3",
      "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3" },
    { "\xff"
      "a\xc3",
      REPLACED "a" REPLACED, REPLACED "a" REPLACED, REPLACED "a" REPLACED },
    { "\xc0\xaf", REPLACED REPLACED, REPLACED REPLACED, REPLACED REPLACED },
    { "\xed\xa0\x80", REPLACED REPLACED REPLACED, REPLACED REPLACED REPLACED,
      REPLACED REPLACED REPLACED },
    { "\x80\xe2\x82", REPLACED REPLACED REPLACED, REPLACED REPLACED REPLACED,
      REPLACED REPLACED REPLACED },
};

static void escapes_in_every_style(void **state)
{
    (void) state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char out[128];
        assert_int_equal(escape_text(out, sizeof(out), rows[i].text, ESCAPE_PLAIN),
                         strlen(rows[i].plain));
        assert_string_equal(out, rows[i].plain);
        escape_text(out, sizeof(out), rows[i].text, ESCAPE_QUOTED);
        assert_string_equal(out, rows[i].quoted);
        escape_text(out, sizeof(out), rows[i].text, ESCAPE_JSON);
        assert_string_equal(out, rows[i].json);
    }
}

static void leaves_no_half_pieces(void **state)
{
    (void) state;
    static const size_t whole[] = { 0, 0, 1, 1, 1, 1, 1, 1, 7, 7, 9, 9 };
    for (size_t size = 1; size < LENGTH(whole); size++) {
        char out[16];
        memset(out, '!', sizeof(out));
        assert_int_equal(escape_text(out, size, "a\x1b\xc3\xa9", ESCAPE_JSON), whole[size]);
        assert_int_equal(strlen(out), whole[size]);
        assert_int_equal(out[size], '!');
    }
}

static void copies_the_whole(void **state)
{
    (void) state;
    _Alignas(16) static char room[64];
    struct arena arena = { .base = room, .size = sizeof(room) };
    assert_string_equal(escape_copy(&arena, "a\x1b\x1b", ESCAPE_PLAIN), "a\\x1b\\x1b");
    assert_string_equal(escape_copy(&arena, "\x01\x02\x03", ESCAPE_JSON), "\\u0001\\u0002\\u0003");
    assert_null(escape_copy(&arena, "there is no room", ESCAPE_PLAIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_in_every_style),
        cmocka_unit_test(leaves_no_half_pieces),
        cmocka_unit_test(copies_the_whole),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
