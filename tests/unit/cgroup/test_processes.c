/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/processes, cgroup/pid_list and cgroup/walk, on plain files and on a cgroup. */
#include "tests/unit/cgroup/tree.h"

#include "cgroup/pid_list.h"
#include "cgroup/walk.h"

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

/* Deeper than there are descriptors; those beside it are found as well. */
static void lists_deep_ones(void **state)
{
    (void) state;
    enum { DEEP = 1100 };
    put_file("cgroup.procs", "1\n");
    int at = openat(tree_directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < DEEP; i++) {
        int next = make_child(at, "deep");
        close(at);
        at = next;
    }
    int file = openat(at, "cgroup.procs", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_int_equal(write(file, "3\n", 2), 2);
    close(file);
    close(at);
    put_directory("before");
    put_file("before/cgroup.procs", "2\n");
    put_directory("same");
    put_directory("same/deep");
    put_file("same/deep/cgroup.procs", "4\n");
    assert_listed(tree_directory, "1 2 3 4 ");
}

struct tour {
    int top;
    unsigned seen;
};

static bool is_there_now(const struct tour *tour, int directory, const char *name)
{
    struct stat here, there;
    return !fstat(directory, &here) && !fstatat(tour->top, name, &there, 0) &&
           here.st_ino == there.st_ino;
}

/* Takes "a/b" away while we are in it, and what was above it. */
static fallible visit_and_remove(int directory, void *context)
{
    struct tour *tour = context;
    tour->seen++;
    if (is_there_now(tour, directory, "a/b")) {
        assert_int_equal(unlinkat(tour->top, "a/b", AT_REMOVEDIR), 0);
        assert_int_equal(unlinkat(tour->top, "a", AT_REMOVEDIR), 0);
    }
    return OK;
}

static fallible visit_and_fail(int directory, void *context)
{
    struct tour *tour = context;
    tour->seen++;
    return is_there_now(tour, directory, "a") ? error_new(ERROR_CGROUP, "a") : OK;
}

static void goes_on_beside_others(void **state)
{
    (void) state;
    const struct cgroup_plan plan = plan_own("a");
    struct tour tour = { .seen = 0 };
    const struct walk failing = { visit_and_fail, &tour };
    const struct walk removing = { visit_and_remove, &tour };
    uint32_t kept;
    assert_ok(cgroup_create(&plan, &kept, &tour.top));
    int below = make_child(tour.top, "a");
    close(make_child(below, "b"));
    close(below);
    close(make_child(tour.top, "x"));
    close(make_child(tour.top, "y"));
    assert_error(walk_tree(tour.top, &failing), ERROR_CGROUP, "a");
    assert_int_equal(tour.seen, 5);
    tour.seen = 0;
    assert_ok(walk_tree(tour.top, &removing));
    assert_int_equal(tour.seen, 5);
    assert_int_equal(faccessat(tour.top, "a", F_OK, 0), -1);
    close(tour.top);
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
        { "deeper than there are descriptors", lists_deep_ones, make_tree, remove_tree, NULL },
        { "what vanishes or fails leaves the others", goes_on_beside_others, NULL, remove_own,
          NULL },
        { "a full arena", says_that_memory_is_short, make_tree, remove_tree, NULL },
        { "threaded cgroups", threaded, NULL, remove_own, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/processes", tests, NULL, NULL);
}
