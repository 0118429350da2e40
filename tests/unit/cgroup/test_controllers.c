/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/controllers: on a tree of plain files, which stand for the kernel's. */
#include "tests/unit/cgroup/tree.h"

#include "base/list.h"
#include "cgroup/limits.h"

static struct limit limits[] = {
    { .field = "linux.resources.pids.limit", .controller = "pids", .file = "pids.max" },
    { .field = "linux.resources.memory.limit", .controller = "memory", .file = "memory.max" },
    { .field = "linux.resources.memory.swap", .controller = "memory", .file = "memory.swap.max" },
    { .field = "linux.resources.unified.cgroup.max.depth", .file = "cgroup.max.depth" },
    { .field = "linux.resources.cpu.quota", .controller = "cpu", .is_optional = true },
};

static struct limits_plan list_limits(size_t count)
{
    for (size_t i = 0; i < count; i++)
        limits[i].next = i + 1 < count ? &limits[i + 1] : NULL;
    return (struct limits_plan){ limits, &limits[count - 1] };
}

static void wants_what_is_offered(void **state)
{
    (void) state;
    const struct limits_plan plan = list_limits(LENGTH(limits));
    empty_arena();
    put_file("cgroup.controllers", "cpuset memory pids\n");
    assert_ok(limits_check_controllers(&plan, tree, &arena));
    put_file("cgroup.controllers", "pids hugetlb memory\n");
    assert_ok(limits_check_controllers(&plan, tree, &arena));
}

static void names_what_is_missing(void **state) /* [UN4] */
{
    (void) state;
    const struct limits_plan none = { NULL, NULL };
    struct limit odd = { .field = "linux.resources.unified.nosuch.max",
                         .controller = "nosuch",
                         .file = "nosuch.max" };
    const struct limits_plan plan = { &odd, &odd };
    empty_arena();
    put_file("cgroup.controllers", "nosuch2 anosuch\n");
    assert_ok(limits_check_controllers(&none, tree, &arena));
    struct error *error = limits_check_controllers(&plan, tree, &arena);
    assert_non_null(error);
    assert_string_equal(error->field, "linux.resources.unified.nosuch.max");
    assert_non_null(strstr(error->hint, "cgroup.controllers"));
    assert_error(error, ERROR_CONTROLLER,
                 "linux.resources.unified.nosuch.max: there is no controller nosuch in /");
}

/* What a hybrid host has bound to version 1, under the name that it has there; the number and the
 * place are the host's. */
static void blames_version_1(void **state)
{
    (void) state;
    struct limit limit = { .field = "x", .controller = "memory", .file = "memory.max" };
    const struct limits_plan plan = { &limit, &limit };
    char table[4096] = "";
    FILE *file = fopen("/proc/cgroups", "re");
    unsigned hierarchy = 0;
    if (file) {
        table[fread(table, 1, sizeof(table) - 1, file)] = '\0';
        fclose(file);
    }
    const char *line = strstr(table, "\nmemory\t");
    if (!line || sscanf(line, "\nmemory\t%u", &hierarchy) != 1 || !hierarchy)
        skip();
    char text[96];
    snprintf(text, sizeof(text),
             "x: the controller memory is bound to cgroup version 1 (hierarchy %u", hierarchy);
    empty_arena();
    put_file("cgroup.controllers", "");
    struct error *error = limits_check_controllers(&plan, tree, &arena);
    assert_non_null(error);
    assert_non_null(strstr(error->hint, "cgroup_no_v1=memory"));
    assert_error(error, ERROR_CONTROLLER, text);
}

static void hands_down_from_the_top(void **state) /* [CG6] */
{
    (void) state;
    const struct limits_plan plan = list_limits(LENGTH(limits));
    static const char *const expected[] = {
        "cgroup.subtree_control",
        "a/cgroup.subtree_control",
    };
    put_directory("a");
    put_directory("a/b");
    put_directory("a/b/c");
    put_file("cgroup.subtree_control", "memory\n");
    put_file("a/cgroup.subtree_control", "");
    put_file("a/b/cgroup.subtree_control", "cpu memory pids\n");
    put_file("a/b/c/cgroup.subtree_control", "");
    watch_tree();
    assert_ok(limits_enable_controllers(&plan, tree, "/a/b/c"));
    assert_writes(expected, LENGTH(expected));
    assert_file("cgroup.subtree_control", "+pidsy\n");  /* over what was there */
    assert_file("a/cgroup.subtree_control", "+memory"); /* after "+pids" */
    assert_file("a/b/c/cgroup.subtree_control", "");
}

static void says_where_it_failed(void **state) /* [CG6] */
{
    (void) state;
    const struct limits_plan plan = list_limits(1);
    put_directory("a");
    put_directory("a/b");
    put_file("cgroup.subtree_control", "pids\n");
    struct error *error = limits_enable_controllers(&plan, tree, "/a/b");
    assert_error(error, ERROR_CGROUP, "read cgroup.subtree_control");
    error = limits_enable_controllers(&plan, tree, "/b/a");
    assert_error(error, ERROR_CGROUP, "/b");
}

static void asks_without_writing(void **state)
{
    (void) state;
    const struct limits_plan plan = list_limits(LENGTH(limits));
    put_directory("a");
    put_file("cgroup.subtree_control", "memory\n");
    put_file("a/cgroup.subtree_control", "");
    watch_tree();
    assert_ok(limits_try_controllers(&plan, tree, "/a/not/made/yet"));
    assert_writes(NULL, 0);
    assert_file("cgroup.subtree_control", "memory\n");
    put_directory("b");
    assert_error(limits_try_controllers(&plan, tree, "/b/c"), ERROR_CGROUP,
                 "read cgroup.subtree_control");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wants_what_is_offered, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(names_what_is_missing, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(blames_version_1, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(hands_down_from_the_top, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(says_where_it_failed, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(asks_without_writing, make_tree, remove_tree),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/controllers", tests, NULL, NULL);
}
