/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/oom: whether memory ran out, on plain files. */
#include "tests/unit/cgroup/tree.h"

#include "cgroup/oom.h"

static void counts_kills(void **state)
{
    (void) state;
    struct oom oom;
    put_file("memory.events", "low 0\nhigh 0\nmax 7\noom 6\noom_kill 5\noom_group_kill 4\n");
    put_file("memory.max", "4096\n");
    assert_ok(oom_read(tree_directory, &oom));
    assert_int_equal(oom.kills, 5);
    assert_string_equal(oom.limit, "4096");
    put_file("memory.events", "low 0\noom_kill 18446744073709551615");
    put_file("memory.max", "max\n");
    assert_ok(oom_read(tree_directory, &oom));
    assert_true(oom.kills == UINT64_MAX);
    assert_string_equal(oom.limit, "max");
}

static void nothing_runs_out_without_the_controller(void **state)
{
    (void) state;
    struct oom oom = { 7, "x" };
    assert_ok(oom_read(tree_directory, &oom));
    assert_int_equal(oom.kills, 0);
    assert_string_equal(oom.limit, "");
}

static void believes_no_other_text(void **state)
{
    (void) state;
    struct oom oom;
    put_file("memory.max", "max\n");
    put_file("memory.events", "oom_group_kill 4\n");
    assert_error(oom_read(tree_directory, &oom), ERROR_CGROUP, "has no line 'oom_kill'");
    put_file("memory.events", "low 0\noom_kill -1\n");
    assert_error(oom_read(tree_directory, &oom), ERROR_CGROUP, "has '-1' for oom_kill");
}

static void knows_what_is_killed_as_a_whole(void **state)
{
    (void) state;
    bool is_group = true;
    assert_ok(oom_is_group(tree_directory, &is_group));
    assert_false(is_group);
    put_file("memory.oom.group", "1\n");
    assert_ok(oom_is_group(tree_directory, &is_group));
    assert_true(is_group);
    put_file("memory.oom.group", "0\n");
    assert_ok(oom_is_group(tree_directory, &is_group));
    assert_false(is_group);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_kills, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(nothing_runs_out_without_the_controller, make_tree,
                                        remove_tree),
        cmocka_unit_test_setup_teardown(believes_no_other_text, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(knows_what_is_killed_as_a_whole, make_tree, remove_tree),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/oom", tests, NULL, NULL);
}
