/* SPDX-License-Identifier: Apache-2.0 */
/* container/usage: what a container uses, from plain files in place of its cgroup. */
#include "tests/unit/cgroup/tree.h"

#include "container/container.h"
#include "container/usage.h"

static struct usage measure(void)
{
    struct usage usage = { .id = "web" };

    empty_arena();
    assert_ok(usage_read(tree_directory, &arena, &usage));
    return usage;
}

static void knows_nothing_where_there_are_no_files(void **state)
{
    (void) state;
    struct usage usage = measure();
    for (int i = 0; i < USAGE_NUMBERS; i++)
        assert_false(usage.numbers[i].is_there);
    assert_false(usage.has_devices);
    assert_false(usage.pressures[USAGE_OF_CPU][USAGE_SOME].is_there);
}

static void fill_tree(void)
{
    put_file("cpu.stat", "usage_usec 9\nuser_usec 5\nsystem_usec 4\nnr_periods 3\n"
                         "nr_throttled 2\nthrottled_usec 1\n");
    put_file("memory.current", "4096\n");
    put_file("memory.peak", "8192\n");
    put_file("memory.max", "max\n");
    put_file("memory.events", "low 0\nhigh 0\nmax 4\noom 3\noom_kill 5\n");
    put_file("memory.swap.current", "0\n");
    put_file("memory.swap.max", "10\n");
    put_file("pids.current", "6\n");
    put_file("pids.max", "7\n");
    put_file("io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4\n8:16 rbytes=5\n");
    put_file("io.pressure", "some avg10=1.00 avg60=0.00 avg300=0.00 total=8\n"
                            "full avg10=2.00 avg60=0.00 avg300=0.00 total=9\n");
}

static void reads_all_there_is(void **state)
{
    (void) state;
    static const uint64_t wanted[USAGE_NUMBERS] = { 5,          4, 3, 2,  1, 4096, 8192,
                                                    UINT64_MAX, 5, 0, 10, 6, 7 };
    fill_tree();
    struct usage usage = measure();
    for (int i = 0; i < USAGE_NUMBERS; i++) {
        assert_true(usage.numbers[i].is_there);
        assert_int_equal(usage.numbers[i].value, wanted[i]);
    }
    assert_true(usage.has_devices);
    assert_int_equal(usage.device_count, 2);
    assert_int_equal(usage.devices[1].minor, 16);
    assert_int_equal(usage.devices[1].values[STATS_READ_BYTES].value, 5);
    assert_false(usage.devices[1].values[STATS_WRITE_BYTES].is_there);
    assert_int_equal(usage.pressures[USAGE_OF_IO][USAGE_FULL].line.total, 9);
    assert_string_equal(usage.pressures[USAGE_OF_IO][USAGE_SOME].line.shares[0], "1.00");
    assert_false(usage.pressures[USAGE_OF_CPU][USAGE_SOME].is_there);
}

static void an_empty_file_says_that_nothing_was_read(void **state)
{
    (void) state;
    put_file("io.stat", "");
    struct usage usage = measure();
    assert_true(usage.has_devices);
    assert_int_equal(usage.device_count, 0);
}

/* As of a machine with a thousand disks: what there is no room for is left out, by whole lines. */
static void takes_of_many_devices_those_it_has_room_for(void **state)
{
    (void) state;
    static char text[2 * STATS_TEXT_SIZE];
    const size_t line = strlen("8:1000 rbytes=7\n");

    for (size_t at = 0; at + line < sizeof(text); at += line)
        memcpy(text + at, "8:1000 rbytes=7\n", line);
    put_file("io.stat", text);
    struct usage usage = measure();
    assert_true(usage.has_devices);
    assert_int_equal(usage.device_count, (STATS_TEXT_SIZE - 1) / line);
    assert_int_equal(usage.devices[usage.device_count - 1].minor, 1000);
    assert_int_equal(usage.devices[usage.device_count - 1].values[STATS_READ_BYTES].value, 7);
}

static void says_whose_numbers_it_cannot_read(void **state)
{
    (void) state;
    const struct container container = {
        .record = { .id = "web", .cgroup_mount = tree, .cgroup_path = "/web" },
        .status = CONTAINER_RUNNING,
        .pidfd = 0,
    };
    struct usage usage = { 0 };
    empty_arena();
    /* What it has for a cgroup is no directory. */
    put_file("web", "");
    assert_error(usage_measure(&container, &arena, &usage), ERROR_CGROUP, "");
    assert_string_equal(usage.id, "web");
    assert_string_equal(usage.status, "running");
    assert_false(usage.has_devices);
}

static void knows_nothing_of_one_that_has_ended(void **state)
{
    (void) state;
    const struct container container = {
        .record = { .id = "web", .cgroup_mount = "/nowhere", .cgroup_path = "/web" },
        .status = CONTAINER_STOPPED,
        .pidfd = -1,
    };
    struct usage usage;
    empty_arena();
    assert_ok(usage_measure(&container, &arena, &usage));
    assert_string_equal(usage.status, "stopped");
    assert_false(usage.numbers[USAGE_MEMORY].is_there);
}

static struct usage at(uint64_t moment, uint64_t user, uint64_t kernel)
{
    struct usage usage = { .moment = moment, .started = 1 };

    usage.numbers[USAGE_CPU_USER] = (struct stats_number){ user, true };
    usage.numbers[USAGE_CPU_SYSTEM] = (struct stats_number){ kernel, true };
    return usage;
}

static struct stats_number share(struct usage before, struct usage now)
{
    usage_compare(&now, &before);
    return now.cpu_share;
}

static void a_share_is_of_the_time_between(void **state)
{
    (void) state;
    enum { SECOND = 1000000000 };
    assert_int_equal(share(at(SECOND, 100, 50), at(2ULL * SECOND, 500100, 1000050)).value, 1500);
    assert_int_equal(share(at(1, 100, 50), at(SECOND, 100, 50)).value, 0);
    assert_true(share(at(1, 100, 50), at(SECOND, 100, 50)).is_there);
}

static void there_is_no_share_of_what_cannot_be_compared(void **state)
{
    (void) state;
    struct usage other = at(5000, 9, 9), unknown = { .moment = 5000, .started = 1 };
    other.started = 2;
    assert_false(share(at(1, 1, 1), other).is_there);
    assert_false(share(at(1, 1, 1), unknown).is_there);
    assert_false(share(unknown, at(9000, 1, 1)).is_there);
    assert_false(share(at(5000, 1, 1), at(5000, 2, 2)).is_there);
    assert_false(share(at(1, 9, 9), at(5000, 1, 1)).is_there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(knows_nothing_where_there_are_no_files, make_tree,
                                        remove_tree),
        cmocka_unit_test_setup_teardown(reads_all_there_is, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(an_empty_file_says_that_nothing_was_read, make_tree,
                                        remove_tree),
        cmocka_unit_test_setup_teardown(takes_of_many_devices_those_it_has_room_for, make_tree,
                                        remove_tree),
        cmocka_unit_test_setup_teardown(says_whose_numbers_it_cannot_read, make_tree, remove_tree),
        cmocka_unit_test(knows_nothing_of_one_that_has_ended),
        cmocka_unit_test(a_share_is_of_the_time_between),
        cmocka_unit_test(there_is_no_share_of_what_cannot_be_compared),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
