/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/number.h"

#include "tests/unit/libocispec/document.h"

struct sample {
    uint8_t kind;
    const char *text;
    uint64_t value;
};

static const struct sample good[] = {
    { OCI_KIND_I32, "0", 0 },
    { OCI_KIND_I32, "-0", 0 },
    { OCI_KIND_I32, "2147483647", INT32_MAX },
    { OCI_KIND_I32, "-2147483648", (uint64_t) INT32_MIN },
    { OCI_KIND_I64, "9223372036854775807", INT64_MAX },
    { OCI_KIND_I64, "-9223372036854775808", (uint64_t) INT64_MIN },
    { OCI_KIND_I64, "-1", UINT64_MAX },
    { OCI_KIND_U16, "65535", UINT16_MAX },
    { OCI_KIND_U16, "-0", 0 },
    { OCI_KIND_U32, "4294967295", UINT32_MAX },
    { OCI_KIND_U64, "18446744073709551615", UINT64_MAX },
    { OCI_KIND_U64, "9223372036854772000", UINT64_C(9223372036854772000) },
};

static const struct sample out_of_range[] = {
    { OCI_KIND_I32, "2147483648", 0 },
    { OCI_KIND_I32, "-2147483649", 0 },
    { OCI_KIND_I64, "9223372036854775808", 0 },
    { OCI_KIND_I64, "-9223372036854775809", 0 },
    { OCI_KIND_U16, "65536", 0 },
    { OCI_KIND_U16, "-1", 0 },
    { OCI_KIND_U32, "4294967296", 0 },
    { OCI_KIND_U32, "-1", 0 },
    { OCI_KIND_U64, "18446744073709551616", 0 },
    { OCI_KIND_U64, "18446744073709551620", 0 },
    { OCI_KIND_U64, "-1", 0 },
    { OCI_KIND_U64, "184467440737095516150", 0 },
    { OCI_KIND_U64, "99999999999999999999999999999999999999999", 0 },
    { OCI_KIND_I64, "-36893488147419103232", 0 },
};

static const char *const not_whole[] = { "1.0", "0.5", "1e3", "1E3", "-1.5", "0e0", "1.", "10e-1" };

static void reads_full_ranges(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t value = 77;
        assert_null(number_parse(good[i].text, strlen(good[i].text), good[i].kind, &value));
        assert_int_equal(value, good[i].value);
    }
}

static void refuses_what_is_out_of_range(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(out_of_range) / sizeof(out_of_range[0]); i++) {
        const struct sample *sample = &out_of_range[i];
        uint64_t value = 77;
        const char *fault = number_parse(sample->text, strlen(sample->text), sample->kind, &value);
        assert_non_null(fault);
        assert_string_equal(fault, "number out of range for");
        assert_int_equal(value, 77);
    }
}

static void refuses_fractions_and_exponents(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(not_whole) / sizeof(not_whole[0]); i++) {
        uint64_t value;
        for (uint8_t kind = OCI_KIND_I32; kind <= OCI_KIND_U64; kind++)
            assert_string_equal(number_parse(not_whole[i], strlen(not_whole[i]), kind, &value),
                                "fraction or exponent not allowed in");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("the ends of every range are exact", reads_full_ranges),
        TEST("numbers beyond the ends are refused", refuses_what_is_out_of_range),
        TEST("fractions and exponents are refused, whole or not", refuses_fractions_and_exponents),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
