/* SPDX-License-Identifier: Apache-2.0 */
/* base/text: the formatter is held against snprintf(3), the parsers against the strings that have
 * fooled others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"
#include "base/text.h"

#define CHECK(...)                                                                                 \
    do {                                                                                           \
        char ours[256], theirs[256];                                                               \
        int expected = snprintf(theirs, sizeof(theirs), __VA_ARGS__);                              \
        size_t length = text_format(ours, sizeof(ours), __VA_ARGS__);                              \
        assert_string_equal(ours, theirs);                                                         \
        assert_int_equal(length, expected);                                                        \
    } while (0)

static void formats_like_snprintf(void **state)
{
    (void) state;
    CHECK("plain");
    CHECK("%%|%c|%5c|", 'x', 'y');
    CHECK("%s|%10s|%2s|%s", "abc", "abc", "abc", "");
    CHECK("%.*s|%.*s|%.2s|%.0s|%6.2s", 2, "abcd", 9, "ab", "abcd", "abcd", "abcd");
    CHECK("%o|%03o|%x|%08x|%8x", 0644u, 07u, 0xbeefu, 0xbeefu, 0xbeefu);
    CHECK("%zu|%zd|%ju|%jd", (size_t) -1, (ssize_t) -1, UINTMAX_MAX, INTMAX_MIN);
    CHECK("%p", (void *) 0x1234abcd);
    CHECK("%*d|%0*u", 7, -3, 5, 42u);
}

/* Edges of every size, then numbers without a pattern (from a fixed seed). */
static uint64_t sample(unsigned i)
{
    static const uint64_t edges[] = { 0,          1,          9,          10,
                                      INT32_MAX,  UINT32_MAX, 1ULL << 31, INT64_MAX,
                                      UINT64_MAX, 1ULL << 63, 1ULL << 32, 18446744073709551609ULL };
    if (i < LENGTH(edges))
        return edges[i];
    uint64_t bits = 0;
    for (int part = 0; part < 4; part++)
        bits = bits << 16 | (uint64_t) (random() & 0xffff);
    return bits >> (random() % 64);
}

static void formats_numbers_like_snprintf(void **state)
{
    (void) state;
    srandom(1);
    for (unsigned i = 0; i < 5000; i++) {
        uint64_t value = sample(i);
        CHECK("%d|%i|%u|%x|%o", (int) value, (int) value, (unsigned) value, (unsigned) value,
              (unsigned) value);
        CHECK("%ld|%lu|%lx|%lo", (long) value, (unsigned long) value, (unsigned long) value,
              (unsigned long) value);
        CHECK("%lld|%llu|%llx|%llo", (long long) value, (unsigned long long) value,
              (unsigned long long) value, (unsigned long long) value);
        CHECK("%12d|%012d|%25lld|%025lld|%1u", (int) value, (int) value, (long long) value,
              (long long) value, (unsigned) value);
        CHECK("%016llx|%030llo|%3x", (unsigned long long) value, (unsigned long long) value,
              (unsigned) value);
    }
}

static void cuts_and_still_measures(void **state)
{
    (void) state;
    for (size_t size = 0; size < 12; size++) {
        char ours[12], theirs[12];
        memset(ours, '!', sizeof(ours));
        memset(theirs, '!', sizeof(theirs));
        int expected = snprintf(theirs, size, "%s-%05d", "ab", 42);
        assert_int_equal(text_format(ours, size, "%s-%05d", "ab", 42), expected);
        assert_memory_equal(ours, theirs, sizeof(ours));
    }
    assert_int_equal(text_format(NULL, 0, "%s", "four"), 4);
}

static void survives_what_it_does_not_know(void **state)
{
    (void) state;
    char out[64];
    const char *unknown = "a %d %q %s", *open_end = "end %", *volatile null = NULL;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
    assert_int_equal(text_format(out, sizeof(out), unknown, 7, "never"), 9);
    assert_string_equal(out, "a 7 %q %s");
    text_format(out, sizeof(out), open_end);
    assert_string_equal(out, "end %");
#pragma GCC diagnostic pop
    text_format(out, sizeof(out), "%s", null);
    assert_string_equal(out, "(null)");
    text_format(out, sizeof(out), "%p", NULL);
    assert_string_equal(out, "0x0");
}

static void reads_no_further_than_the_precision(void **state)
{
    (void) state;
    char *bytes = malloc(3);
    assert_non_null(bytes);
    memcpy(bytes, "abc", 3);
    char out[8];
    text_format(out, sizeof(out), "%.*s", 3, bytes);
    assert_string_equal(out, "abc");
    free(bytes);
}

static void compares(void **state)
{
    (void) state;
    assert_true(text_equal("a", "a"));
    assert_false(text_equal("a", "ab"));
    assert_true(text_starts("file:x", "file:"));
    assert_true(text_starts("x", ""));
    assert_false(text_starts("fil", "file:"));
    assert_true(text_ends("name.conf", ".conf"));
    assert_true(text_ends("x", ""));
    assert_false(text_ends("conf", ".conf"));
}

/* What is no number, in whatever way it has been taken for one. */
static const char *const no_numbers[] = {
    "",    " ",   "-",   "--1", "+1",   " 1",  "1 ", "\t1", "1\n",      "0x1",
    "1e3", "1.0", "1,0", "0b1", "1_0",  "a",   "1a", "a1",  "\xc2\xb2", "\xd9\xa1",
    "-+1", "+-1", "- 1", "1-",  "root", "0 0", "0x", "NaN", "inf",      "1\x01",
};

static void parses_unsigned_numbers(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        uint64_t most, value;
    } rows[] = {
        { "0", 0, 0 },
        { "1", UINT64_MAX, 1 },
        { "0010", 10, 10 },
        { "2147483647", UINT64_MAX, 2147483647 },
        { "2147483648", UINT64_MAX, 2147483648 },
        { "4294967294", 4294967294, 4294967294 },
        { "4294967295", UINT32_MAX, 4294967295 },
        { "4294967296", UINT64_MAX, 4294967296 },
        { "18446744073709551615", UINT64_MAX, UINT64_MAX },
        { "000000000000000000000000000007", 7, 7 },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint64_t value = ~rows[i].value;
        assert_true(text_to_unsigned(rows[i].text, rows[i].most, &value));
        assert_true(value == rows[i].value);
    }
}

static void refuses_unsigned_numbers(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        uint64_t most;
    } rows[] = {
        { "-1", UINT64_MAX },
        { "-0", UINT64_MAX },
        { "1", 0 },
        { "4294967295", 4294967294 },
        { "4294967296", UINT32_MAX },
        { "18446744073709551616", UINT64_MAX },
        { "18446744073709551620", UINT64_MAX },
        { "36893488147419103232", UINT64_MAX },
        { "99999999999999999999", UINT64_MAX },
        { "184467440737095516150", UINT64_MAX },
    };
    uint64_t value = 12345;
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_false(text_to_unsigned(rows[i].text, rows[i].most, &value));
    for (size_t i = 0; i < LENGTH(no_numbers); i++)
        assert_false(text_to_unsigned(no_numbers[i], UINT64_MAX, &value));
    assert_false(text_to_unsigned(NULL, UINT64_MAX, &value));
    assert_true(value == 12345);
}

static void parses_signed_numbers(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {
        { "0", 0 },
        { "-0", 0 },
        { "-1", -1 },
        { "-1000", -1000 },
        { "9223372036854775807", INT64_MAX },
        { "-9223372036854775808", INT64_MIN },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        int64_t value = ~rows[i].value;
        assert_true(text_to_signed(rows[i].text, INT64_MIN, INT64_MAX, &value));
        assert_true(value == rows[i].value);
    }
}

static void refuses_signed_numbers(void **state)
{
    (void) state;
    int64_t value = 12345;
    for (size_t i = 0; i < LENGTH(no_numbers); i++)
        assert_false(text_to_signed(no_numbers[i], INT64_MIN, INT64_MAX, &value));
    assert_false(text_to_signed("9223372036854775808", INT64_MIN, INT64_MAX, &value));
    assert_false(text_to_signed("-9223372036854775809", INT64_MIN, INT64_MAX, &value));
    assert_false(text_to_signed("18446744073709551615", INT64_MIN, INT64_MAX, &value));
    assert_false(text_to_signed("-1001", -1000, 1000, &value));
    assert_false(text_to_signed("1001", -1000, 1000, &value));
    assert_false(text_to_signed(NULL, INT64_MIN, INT64_MAX, &value));
    assert_true(value == 12345);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_like_snprintf),
        cmocka_unit_test(formats_numbers_like_snprintf),
        cmocka_unit_test(cuts_and_still_measures),
        cmocka_unit_test(survives_what_it_does_not_know),
        cmocka_unit_test(reads_no_further_than_the_precision),
        cmocka_unit_test(compares),
        cmocka_unit_test(parses_unsigned_numbers),
        { "refuses strings that are no exact unsigned number (R15, T41)", refuses_unsigned_numbers,
          NULL, NULL, NULL },
        cmocka_unit_test(parses_signed_numbers),
        { "refuses strings that are no exact signed number (R15, T41)", refuses_signed_numbers,
          NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
