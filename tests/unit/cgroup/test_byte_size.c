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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_the_kernel_takes),
        cmocka_unit_test(takes_nothing_else),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/byte_size", tests, NULL, NULL);
}
