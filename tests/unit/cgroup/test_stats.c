/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/stats: what a cgroup has counted, on plain files. */
#include "tests/unit/cgroup/tree.h"

#include "cgroup/stats.h"

static struct stats stats;

static struct stats_number read_number(enum stats_file file)
{
    struct stats_number number;
    assert_ok(stats_read_number(stats.files[file], &number));
    return number;
}

static void reads_numbers_again_and_again(void **state)
{
    (void) state;
    put_file("memory.current", "4096\n");
    put_file("memory.max", "max\n");
    put_file("pids.current", "18446744073709551615\n");
    assert_ok(stats_open(tree_directory, &stats));
    assert_true(read_number(STATS_MEMORY).value == 4096);
    assert_true(read_number(STATS_MEMORY_MAX).value == UINT64_MAX);
    assert_true(read_number(STATS_PIDS).value == UINT64_MAX);
    put_file("memory.current", "0\n");
    assert_true(read_number(STATS_MEMORY).is_there);
    assert_true(read_number(STATS_MEMORY).value == 0);
    stats_close(&stats);
}

static void what_is_not_there_is_absent(void **state)
{
    (void) state;
    char text[8];
    assert_ok(stats_open(tree_directory, &stats));
    for (int i = 0; i < STATS_FILES; i++) {
        assert_int_equal(stats.files[i], -1);
        assert_false(read_number((enum stats_file) i).is_there);
    }
    assert_ok(stats_read(stats.files[STATS_IO], text, sizeof(text)));
    assert_string_equal(text, "");
    assert_int_equal(stats.page_count, 0);
    stats_close(&stats);
}

static void believes_no_other_text(void **state)
{
    (void) state;
    static const char *const texts[] = { "-1\n",
                                         "",
                                         "1 2\n",
                                         "maximum\n",
                                         "18446744073709551616\n",
                                         "111111111111111111111111111111111111\n" };
    struct stats_number number;
    put_file("memory.current", "0\n");
    assert_ok(stats_open(tree_directory, &stats));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        put_file("memory.current", texts[i]);
        assert_error(stats_read_number(stats.files[STATS_MEMORY], &number), ERROR_CGROUP, "cgroup");
    }
    stats_close(&stats);
}

static void does_not_read_half_of_a_file(void **state)
{
    (void) state;
    char text[8];
    put_file("io.stat", "1234567");
    assert_ok(stats_open(tree_directory, &stats));
    assert_error(stats_read(stats.files[STATS_IO], text, sizeof(text)), ERROR_CGROUP, "more than");
    put_file("io.stat", "123456");
    assert_ok(stats_read(stats.files[STATS_IO], text, sizeof(text)));
    assert_string_equal(text, "123456");
    stats_close(&stats);
}

static void reads_the_lines_that_there_is_room_for(void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        { "1\n34\n", "1\n34\n" }, { "1\n34567", "1\n" }, { "1\n3456\n8", "1\n3456\n" },
        { "1234567", "" },        { "123", "123" },
    };
    char text[8];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        put_file("dev", rows[i][0]);
        int file = openat(tree_directory, "dev", O_RDONLY | O_CLOEXEC);
        assert_ok(stats_read_lines(file, text, sizeof(text)));
        assert_string_equal(text, rows[i][1]);
        close(file);
    }
    assert_ok(stats_read_lines(-1, text, sizeof(text)));
    assert_string_equal(text, "");
}

static void finds_the_sizes_of_huge_pages(void **state)
{
    (void) state;
    put_file("hugetlb.2MB.current", "0\n");
    put_file("hugetlb.2MB.events", "max 3\n");
    put_file("hugetlb.2MB.rsvd.current", "0\n");
    put_file("hugetlb..current", "0\n");
    put_file("hugetlb.current", "0\n");
    put_file("hugetlb.1234567890123456.current", "0\n");
    assert_ok(stats_open(tree_directory, &stats));
    assert_int_equal(stats.page_count, 1);
    assert_string_equal(stats.pages[0].size, "2MB");
    assert_true(stats.pages[0].current >= 0 && stats.pages[0].events >= 0);
    stats_close(&stats);
    assert_int_equal(stats.pages[0].current, -1);
}

static void takes_lines(void **state)
{
    (void) state;
    const char *text = "usage_usec 7\nodd\nthree 1 2\nnegative -1\nuser_usec 0\n";
    struct stats_line line;
    assert_true(stats_find(text, "user_usec").is_there);
    assert_true(stats_find(text, "usage_usec").value == 7);
    assert_false(stats_find(text, "usage").is_there);
    assert_false(stats_find(text, "negative").is_there);
    assert_false(stats_find("", "x").is_there);
    assert_true(stats_take_line(&text, &line));
    assert_string_equal(line.key, "usage_usec");
    assert_true(stats_take_line(&text, &line));
    assert_string_equal(line.key, "user_usec");
    assert_false(stats_take_line(&text, &line));
}

static void takes_devices(void **state)
{
    (void) state;
    const char *text = "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=9\n"
                       "253:1 \nnonsense rbytes=1\n8:x rbytes=1\n"
                       "4294967295:7 wbytes=18446744073709551615 rios=x\n";
    struct stats_device device;
    assert_true(stats_take_device(&text, &device));
    assert_int_equal(device.major, 8);
    assert_int_equal(device.values[STATS_READ_BYTES].value, 1);
    assert_int_equal(device.values[STATS_WRITES].value, 4);
    assert_int_equal(device.values[STATS_DISCARDS].value, 6);
    assert_true(stats_take_device(&text, &device));
    assert_int_equal(device.major, 253);
    assert_false(device.values[STATS_READ_BYTES].is_there);
    assert_true(stats_take_device(&text, &device));
    assert_true(device.major == UINT32_MAX && device.minor == 7);
    assert_true(device.values[STATS_WRITE_BYTES].value == UINT64_MAX);
    assert_false(device.values[STATS_READS].is_there);
    assert_false(stats_take_device(&text, &device));
}

static void takes_pressures(void **state)
{
    (void) state;
    const char *text = "some avg10=0.00 avg60=12.34 avg300=100.00 total=5\n"
                       "full avg10=0.00 avg60=0 avg300=0.00 total=5\n"
                       "half avg10=0.00 avg60=1e1 avg300=0.00 total=5\n"
                       "few avg10=0.00 avg60=0.00 avg300=0.00\n"
                       "full avg10=1.00 avg60=2.00 avg300=3.00 total=18446744073709551615\n";
    struct stats_pressure pressure;
    assert_true(stats_take_pressure(&text, &pressure));
    assert_string_equal(pressure.kind, "some");
    assert_string_equal(pressure.shares[1], "12.34");
    assert_string_equal(pressure.shares[2], "100.00");
    assert_int_equal(pressure.total, 5);
    assert_true(stats_take_pressure(&text, &pressure));
    assert_string_equal(pressure.kind, "full");
    assert_string_equal(pressure.shares[0], "1.00");
    assert_true(pressure.total == UINT64_MAX);
    assert_false(stats_take_pressure(&text, &pressure));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(reads_numbers_again_and_again),
        TEST(what_is_not_there_is_absent),
        TEST(believes_no_other_text),
        TEST(does_not_read_half_of_a_file),
        TEST(reads_the_lines_that_there_is_room_for),
        TEST(finds_the_sizes_of_huge_pages),
        TEST(takes_lines),
        TEST(takes_devices),
        TEST(takes_pressures),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/stats", tests, NULL, NULL);
}
