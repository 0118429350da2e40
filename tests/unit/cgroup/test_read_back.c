/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/read_back: what the kernel says, against what it was told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "cgroup/read_back.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct pair {
    const char *file, *value, *text;
};

// clang-format off
static const struct pair same[] = {
    { "pids.max", "10", "10\n" },
    { "pids.max", "0", "0\n" },
    { "pids.max", "max", "max\n" },
    { "cpu.weight", "100", "100\n" },
    { "cpu.max", "max", "max 100000\n" },
    { "cpu.max", "50000", "50000 20000\n" },
    { "cpu.max", "50000 100000", "50000 100000\n" },
    { "cpuset.cpus", "0,1", "0-1\n" },
    { "cpuset.mems", "\n", "\n" },
    { "io.max", "8:0 rbps=1000", "8:0 rbps=1000 wbps=max riops=max wiops=max\n" },
    { "io.max", "8:0 wiops=5", "7:0 rbps=1 wbps=max riops=max wiops=max\n"
                               "8:0 rbps=max wbps=max riops=max wiops=5\n" },
    { "io.max", "8:0 rbps=max", "" },
    { "io.max", "8:0 rbps=max wiops=7", "8:0 rbps=max wbps=max riops=max wiops=7\n" },
    { "io.max", "8:0 riops=4294967295 wbps=9", "8:0 rbps=max wbps=9 riops=max wiops=max\n" },
    { "io.weight", "default 910", "default 910\n8:0 20\n" },
    { "io.weight", "910", "default 910\n8:0 20\n" },
    { "io.weight", "8:0 20", "default 910\n8:0 20\n" },
    { "io.weight", "8:0 default", "default 910\n8:1 20\n" },
    { "io.bfq.weight", "default 500", "default 500\n" },
    { "rdma.max", "mlx5_0 hca_handle=2", "mlx5_0 hca_handle=2 hca_object=max\n" },
    { "rdma.max", "mlx5_0 hca_handle=2 hca_object=max", "a hca_handle=1 hca_object=1\n"
                                                        "mlx5_0 hca_handle=2 hca_object=max\n" },
    { "memory.max", "max", "max\n" },
    { "memory.max", "0", "0\n" },
    { "memory.high", "1G", "1073741824\n" },
    { "memory.high", "64k", "65536\n" },
    { "memory.max", "9223372036854775807", "max\n" },
    { "memory.max", "18446744073709551615", "max\n" },
    { "memory.high", "0x10000", "65536\n" }, /* a form that is not ours to judge */
    { "hugetlb.2MB.max", "2097152", "2097152\n" },
    { "hugetlb.2MB.max", "2097153", "2097152\n" },
    { "hugetlb.2MB.rsvd.max", "18446744073709551615", "max\n" },
    { "hugetlb.1GB.max", "1073741823", "0\n" },
    { "misc.max", "whatever", "else\n" },
};

static const struct pair different[] = {
    { "pids.max", "10", "12\n" },
    { "pids.max", "10", "100\n" },
    { "pids.max", "10", "1\n" },
    { "pids.max", "10", "max\n" },
    { "pids.max", "10", "" },
    { "cpu.max", "50000", "max 100000\n" },
    { "cpu.max", "50000 100000", "50000 200000\n" },
    { "cpu.weight", "100", "1\n" },
    { "cpuset.cpus", "0-1", "0\n" },
    { "cpuset.cpus", "0", "\n" },
    { "io.max", "8:0 rbps=1000", "" },
    { "io.max", "8:0 rbps=1000", "8:16 rbps=1000 wbps=max riops=max wiops=max\n" },
    { "io.max", "8:0 rbps=1000", "8:0 rbps=max wbps=1000 riops=max wiops=max\n" },
    { "io.max", "8:0 rbps=max", "8:0 rbps=7 wbps=max riops=max wiops=max\n" },
    { "io.max", "8:0 rbps=4294967295", "8:0 rbps=max wbps=1 riops=max wiops=max\n" },
    { "io.weight", "default 910", "default 100\n" },
    { "io.weight", "8:0 20", "default 20\n" },
    { "io.weight", "8:0 default", "default 20\n8:0 20\n" },
    { "rdma.max", "mlx5_0 hca_handle=2", "mlx5_0 hca_handle=max hca_object=max\n" },
    { "memory.max", "1048576", "max\n" },
    { "memory.max", "1048576", "2097152\n" },
    { "memory.max", "max", "1048576\n" },
    { "hugetlb.2MB.max", "4194304", "2097152\n" },
    { "hugetlb.2MB.max", "4194304", "max\n" },
};
// clang-format on

static void tells_same_from_different(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(same); i++)
        if (!read_back_agrees(same[i].file, same[i].value, same[i].text))
            fail_msg("%s: '%s' is not '%s'", same[i].file, same[i].value, same[i].text);
    for (size_t i = 0; i < COUNT(different); i++)
        if (read_back_agrees(different[i].file, different[i].value, different[i].text))
            fail_msg("%s: '%s' is '%s'", different[i].file, different[i].value, different[i].text);
}

/* Bytes are counted in pages. */
static void rounds_down_to_pages(void **state) /* [ME2] */
{
    (void) state;
    char value[32], text[32];
    long page = sysconf(_SC_PAGESIZE);
    snprintf(value, sizeof(value), "%ld", 5 * page + 1);
    snprintf(text, sizeof(text), "%ld\n", 5 * page);
    assert_true(read_back_agrees("memory.max", value, text));
    snprintf(text, sizeof(text), "%ld\n", 6 * page);
    assert_false(read_back_agrees("memory.max", value, text));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_same_from_different),
        cmocka_unit_test(rounds_down_to_pages),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/read_back", tests, NULL, NULL);
}
