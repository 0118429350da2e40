/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/freezer: on a cgroup of the test's own. */
#include "tests/unit/cgroup/tree.h"

#include "cgroup/freezer.h"

static int create(void)
{
    const struct cgroup_plan plan = plan_own("a");
    uint32_t kept;
    int directory;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    return directory;
}

/* Everybody stands still when it returns. */
static void waits_for_stillness(void **state)
{
    (void) state;
    bool is_frozen = false;
    int directory = create();
    pid_t child = fork();
    if (child == 0)
        for (;;)
            ;
    assert_ok(cgroup_add(directory, child));
    assert_ok(freezer_freeze(directory, 10000));
    assert_ok(cgroup_read_frozen(directory, &is_frozen));
    assert_true(is_frozen);
    assert_ok(freezer_thaw(directory));
    assert_frozen(directory, false);
    kill(child, SIGKILL);
    assert_killed(child, SIGKILL);
    close(directory);
}

static void freezes_an_empty_one(void **state)
{
    (void) state;
    int directory = create();
    assert_ok(freezer_freeze(directory, 10000));
    assert_frozen(directory, true);
    close(directory);
}

/* Plain files never say that all stand still. */
static void thaws_when_time_is_over(void **state)
{
    (void) state;
    assert_int_equal(make_tree(NULL), 0);
    put_file("cgroup.freeze", "");
    put_file("cgroup.events", "populated 1\nfrozen 0\n");
    assert_error(freezer_freeze(tree_directory, 30), ERROR_TIMEOUT, "not frozen after 30 ms");
    assert_file("cgroup.freeze", "0");
    remove_tree(NULL);
}

static void tells_that_there_is_none(void **state)
{
    (void) state;
    assert_int_equal(make_tree(NULL), 0);
    struct error *error = freezer_freeze(tree_directory, 30);
    assert_true(error_is_errno(error, ENOENT));
    remove_tree(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "waits_for_stillness", waits_for_stillness, NULL, remove_own, NULL },
        { "freezes_an_empty_one", freezes_an_empty_one, NULL, remove_own, NULL },
        cmocka_unit_test(thaws_when_time_is_over),
        cmocka_unit_test(tells_that_there_is_none),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/freezer", tests, NULL, NULL);
}
