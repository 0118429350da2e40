/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/processes, cgroup/pid_list and cgroup/walk, on plain files and on a cgroup. */
#include "tests/unit/cgroup/tree.h"

#include "cgroup/pid_list.h"

static void assert_listed(int directory, const char *expected)
{
    struct cgroup_processes found;
    char text[4096] = "";
    empty_arena();
    assert_ok(cgroup_list_processes(directory, &arena, &found));
    for (size_t i = 0; i < found.n; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%d ", found.v[i]);
    assert_string_equal(text, expected);
}

static void sorts_and_counts_once(void **state)
{
    (void) state;
    put_file("cgroup.procs", "30\n7\n0\n100000\n");
    put_directory("a");
    put_file("a/cgroup.procs", "8\n7\n");
    put_directory("a/b");
    put_file("a/b/cgroup.procs", "1\n");
    put_directory("empty");
    put_file("empty/cgroup.procs", "");
    assert_listed(tree_directory, "1 7 8 30 100000 ");
}

static void nobody(void **state)
{
    (void) state;
    put_file("cgroup.procs", "");
    assert_listed(tree_directory, "");
    assert_int_equal(unlinkat(tree_directory, "cgroup.procs", 0), 0);
    assert_listed(tree_directory, "");
}

/* Above all a number that would come out as another one, or below zero. */
static void numbers_that_are_none(void **state)
{
    (void) state;
    put_file("cgroup.procs", "4294967303\n18446744073709551615\n2147483648\n5\n4194305\n4194304\n");
    assert_listed(tree_directory, "5 4194304 ");
}

/* More than a buffer: numbers are cut where it ends. */
static void lists_long_ones(void **state)
{
    (void) state;
    static char text[6 * 4096 + 1];
    struct cgroup_processes found;
    for (size_t i = 0; i < 4096; i++)
        snprintf(text + strlen(text), 7, "%05zu\n", 10001 + i);
    put_file("cgroup.procs", text);
    empty_arena();
    assert_ok(cgroup_list_processes(tree_directory, &arena, &found));
    assert_int_equal(found.n, 4096);
    for (size_t i = 0; i < found.n; i++)
        assert_int_equal(found.v[i], 10001 + i);
}

static void says_that_memory_is_short(void **state)
{
    (void) state;
    struct cgroup_processes found = { .n = 9 };
    struct arena small = { .base = memory, .size = 64 };
    put_file("cgroup.procs", "1\n");
    assert_error(cgroup_list_processes(tree_directory, &small, &found), ERROR_MEMORY, "");
    assert_int_equal(found.n, 9);
}

/* A threaded cgroup does not say who is in it: for one below, the one above does. */
static void threaded(void **state)
{
    (void) state;
    const struct cgroup_plan plan = plan_own("a");
    struct cgroup_processes found;
    char expected[16];
    uint32_t kept;
    int directory;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    int below = make_child(directory, "b");
    write_to(below, "cgroup.type", "threaded");
    pid_t child = put_sleeper(directory);
    snprintf(expected, sizeof(expected), "%d ", child);
    assert_listed(directory, expected);
    assert_error(cgroup_list_processes(below, &arena, &found), ERROR_CGROUP, "read cgroup.procs");
    kill(child, SIGKILL);
    assert_killed(child, SIGKILL);
    assert_listed(directory, "");
    close(below);
    close(directory);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "sorted, and each once", sorts_and_counts_once, make_tree, remove_tree, NULL },
        { "an empty cgroup, and one that is gone", nobody, make_tree, remove_tree, NULL },
        { "numbers that no process has", numbers_that_are_none, make_tree, remove_tree, NULL },
        { "longer than a buffer", lists_long_ones, make_tree, remove_tree, NULL },
        { "a full arena", says_that_memory_is_short, make_tree, remove_tree, NULL },
        { "threaded cgroups", threaded, NULL, remove_own, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/processes", tests, NULL, NULL);
}
