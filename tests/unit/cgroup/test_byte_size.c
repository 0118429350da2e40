/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/byte_size: numbers of bytes as the kernel takes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/list.h"
#include "cgroup/byte_size.h"

static void takes_what_the_kernel_takes(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {
        { "0", 0 },
        { "4096", 4096 },
        { "1k", 1024 },
        { "1K", 1024 },
        { "512M", 512ULL << 20 },
        { "3g", 3ULL << 30 },
        { "2T", 2ULL << 40 },
        { "5P", 5ULL << 50 },
        { "15E", 15ULL << 60 },
        { "16E", UINT64_MAX },
        { "99999999P", UINT64_MAX },
        { "18446744073709551615", UINT64_MAX },
        { "max", UINT64_MAX },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint64_t bytes = 1;
        if (!byte_size_parse(rows[i].text, &bytes) || bytes != rows[i].bytes)
            fail_msg("%s: %llu", rows[i].text, (unsigned long long) bytes);
    }
}

static void takes_nothing_else(void **state)
{
    (void) state;
    static const char *const bad[] = {
        "",
        "-1",
        "+1",
        "M",
        "1.5G",
        "1MB",
        "1 M",
        " 1",
        "1 ",
        "0x10",
        "1X",
        "1M\n",
        "1@",
        "1[",
        "maxim",
        "MAX",
        "1MM",
        "18446744073709551616",
        "111111111111111111111111111111111111",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        uint64_t bytes = 77;
        if (byte_size_parse(bad[i], &bytes) || bytes != 77)
            fail_msg("'%s': %llu", bad[i], (unsigned long long) bytes);
    }
}

static void takes_what_users_write(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        int64_t bytes;
    } rows[] = {
        { "0", 0 },
        { "4096", 4096 },
        { "10b", 10 },
        { "10 B", 10 },
        { "10 ", 10 },
        { "512M", 512LL << 20 },
        { "1MB", 1LL << 20 },
        { "1mib", 1LL << 20 },
        { "1 KiB", 1024 },
        { "1.5G", 3LL << 29 },
        { ".5k", 512 },
        { "5.k", 5120 },
        { "1.000", 1 },
        { "1.9", 1 },
        { "0.9", 0 },
        { "0.0009k", 0 },
        { "0.0009765625k", 1 },
        { "0.0009765624k", 0 },
        { "0.3k", 307 },
        { "0.1G", 107374182 },
        { "2.3M", 2411724 },
        { "1.1T", 1209462790553 },
        { "0.5E", 1LL << 59 },
        { "7.999999999999999999E", INT64_MAX - 1 },
        { "0.999999999999999999999999999G", (1LL << 30) - 1 },
        { "0.10000000000000000000000000001k", 102 },
        { "000000000000000001.50k", 1536 },
        { "9223372036854775807", INT64_MAX },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        int64_t bytes = -7;
        if (!byte_size_parse_words(rows[i].text, &bytes) || bytes != rows[i].bytes)
            fail_msg("%s: %lld", rows[i].text, (long long) bytes);
    }
}

static void users_write_nothing_else(void **state)
{
    (void) state;
    static const char *const bad[] = {
        "",
        ".",
        "-1",
        "+1",
        "M",
        ".M",
        "1.5.5G",
        "1,5G",
        "1e3",
        "0x10",
        "1ib",
        "1bb",
        "1kk",
        "1ki",
        "1kibb",
        "1k b",
        "1  k",
        " 1",
        "1k ",
        "1M\n",
        "1..5",
        "max",
        "inf",
        "nan",
        "1X",
        "1@",
        "8E",
        "9E",
        "9223372036854775808",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        int64_t bytes = 77;
        if (byte_size_parse_words(bad[i], &bytes) || bytes != 77)
            fail_msg("'%s': %lld", bad[i], (long long) bytes);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_the_kernel_takes),
        cmocka_unit_test(takes_nothing_else),
        cmocka_unit_test(takes_what_users_write),
        cmocka_unit_test(users_write_nothing_else),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/byte_size", tests, NULL, NULL);
}
