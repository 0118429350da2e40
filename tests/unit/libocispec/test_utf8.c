/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/utf8.h"

#include "tests/unit/libocispec/document.h"

static void accepts_every_character(void **state)
{
    (void) state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char text[4];
        size_t n = 0;
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        if (c < 0x80) {
            text[n++] = (char) c;
        } else if (c < 0x800) {
            text[n++] = (char) (0xc0 | c >> 6);
            text[n++] = (char) (0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            text[n++] = (char) (0xe0 | c >> 12);
            text[n++] = (char) (0x80 | (c >> 6 & 0x3f));
            text[n++] = (char) (0x80 | (c & 0x3f));
        } else {
            text[n++] = (char) (0xf0 | c >> 18);
            text[n++] = (char) (0x80 | (c >> 12 & 0x3f));
            text[n++] = (char) (0x80 | (c >> 6 & 0x3f));
            text[n++] = (char) (0x80 | (c & 0x3f));
        }
        assert_int_equal(utf8_prefix(text, n), n);
        assert_int_equal(utf8_prefix(text, n - 1), 0);
    }
}

static void finds_the_first_bad_byte(void **state)
{
    (void) state;
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2 ",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xe1\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xfe",
        "\xff",
        "\xf1\x80\x80",
        "\xe1\x80 ",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        for (size_t before = 0; before < 70; before++) {
            char text[128];
            memset(text, 'a', before);
            strcpy(text + before, bad[i]);
            strcat(text, "end");
            assert_int_equal(utf8_prefix(text, strlen(text)), before);
        }
    }
}

static void knows_half_surrogates(void **state)
{
    (void) state;
    static const char *const lone[] = { "\\ud83d",
                                        "\\uD83D",
                                        "\\udc00",
                                        "\\uDFFF",
                                        "\\ud83dx",
                                        "\\ud83d\\n",
                                        "\\ud83d\\u0041",
                                        "\\ud83d\\ud83d\\ude00",
                                        "\\ude00\\ud83d",
                                        "x\\\\\\ud83d",
                                        "\\ud83d\\ude00\\ud83d" };
    static const char *const fine[] = {
        "",          "plain",         "\\ud83d\\ude00", "\\uD83D\\uDE00\\n",
        "\\\\ud83d", "\\\\\\\\udc00", "\\ud7ff\\ue000", "\\\""
    };
    for (size_t i = 0; i < sizeof(lone) / sizeof(lone[0]); i++)
        assert_true(utf8_has_lone_escape(lone[i], strlen(lone[i])));
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
        assert_false(utf8_has_lone_escape(fine[i], strlen(fine[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("every character of Unicode passes, and no part of it", accepts_every_character),
        TEST("[G1] the first byte that is no UTF-8 is found", finds_the_first_bad_byte),
        TEST("halves of surrogate pairs are found among escapes", knows_half_surrogates),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
