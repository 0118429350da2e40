/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/cgroupfs: made with its parents, refused when unfit, and nothing left of a failure. */
#include "tests/unit/cgroup/fixture.h"

#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, NULL, remove_own, NULL                                                     \
    }

static uint32_t kept;

static void is_made_with_parents(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a/b c");
    struct stat status;
    int directory;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    assert_false(fstat(directory, &status));
    assert_int_equal(status.st_mode & 07777, 0755);
    assert_int_equal(kept, 0);
    assert_int_equal(fcntl(directory, F_GETFD), FD_CLOEXEC);
    assert_false(faccessat(directory, "cgroup.procs", R_OK, 0));
    close(directory);

    assert_ok(cgroup_open(plan.mount, plan.path, &directory));
    assert_int_equal(fcntl(directory, F_GETFD), FD_CLOEXEC);
    close(directory);
    assert_ok(cgroup_remove(plan.mount, plan.path, kept, 1000));
    struct error *error = cgroup_open(plan.mount, plan.path, &directory);
    assert_non_null(error);
    assert_int_equal(error->number, ENOENT);
    assert_error(error, ERROR_CGROUP, "open cgroup");
}

static void empty_one_is_taken(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a");
    int directory;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    assert_int_equal(kept, strlen(plan.path));
}

/* The plan is older than what is found: what was made, and by whom, counts. */
static void keeps_what_others_have_made(void **state)
{
    (void) state;
    struct cgroup_plan stale = plan_own("a"), plan = stale;
    int directory;
    assert_int_equal(stale.kept, 0);
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    assert_ok(cgroup_create(&stale, &kept, &directory));
    close(directory);
    assert_int_equal(kept, strlen(stale.path));

    plan = plan_own("a");
    assert_int_equal(plan.kept, strlen(plan.path));
    assert_ok(cgroup_remove(plan.mount, plan.path, 0, 1000));
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    assert_int_equal(kept, 0);

    plan = plan_own("a/b/c");
    uint32_t above = (uint32_t) strlen(plan.path) - (uint32_t) strlen("/b/c");
    assert_int_equal(plan.kept, above);
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    assert_int_equal(kept, above);
}

/* As a default path has it: the plan says that the parent goes, though it is there. */
static void shared_parent_is_not_kept(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a");
    int directory;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    plan = plan_own("a/b");
    plan.kept = 0;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    assert_int_equal(kept, 0);
    assert_ok(cgroup_remove(plan.mount, plan.path, kept, 1000));
    plan = plan_own("a");
    assert_false(is_there(&plan));
}

static void populated_one_is_refused(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a");
    int directory, again = -5;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    int below = make_child(directory, "below");
    pid_t child = put_sleeper(below);
    close(below);
    struct error *error = cgroup_create(&plan, &kept, &again);
    assert_non_null(error);
    assert_string_equal(error->field, "linux.cgroupsPath");
    assert_error(error, ERROR_CGROUP, "has processes in it");
    assert_int_equal(again, -5);
    assert_true(is_there(&plan));
    assert_int_equal(kill(child, 0), 0);
    close(directory);
    kill(child, SIGKILL);
    assert_killed(child, SIGKILL);
}

static void frozen_one_is_refused(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a");
    int directory;
    bool is_frozen = true;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    assert_ok(cgroup_read_frozen(directory, &is_frozen));
    assert_false(is_frozen);
    write_to(directory, "cgroup.freeze", "1");
    assert_ok(cgroup_read_frozen(directory, &is_frozen));
    assert_true(is_frozen);
    close(directory);
    assert_error(cgroup_create(&plan, &kept, &directory), ERROR_CGROUP, "is frozen");
    assert_true(is_there(&plan));
}

static void none_is_left_below_frozen(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a");
    int directory;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    write_to(directory, "cgroup.freeze", "1");
    close(directory);
    plan = plan_own("a/b/c");
    assert_error(cgroup_create(&plan, &kept, &directory), ERROR_CGROUP, "is frozen");
    plan.kept = 0; /* as that of a container's own, below /tare */
    assert_error(cgroup_create(&plan, &kept, &directory), ERROR_CGROUP, "is frozen");
    plan = plan_own("a/b");
    assert_false(is_there(&plan));
    plan = plan_own("a");
    assert_true(is_there(&plan));
}

static void none_is_left_below_threaded(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a/t");
    int directory;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    write_to(directory, "cgroup.type", "threaded");
    close(directory);
    assert_error(cgroup_create(&plan, &kept, &directory), ERROR_CGROUP, "threaded");
    plan = plan_own("a/t/b");
    assert_error(cgroup_create(&plan, &kept, &directory), ERROR_CGROUP, "threaded");
    assert_false(is_there(&plan));
}

static void controllers_below_are_refused(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a");
    int directory;
    char word[64];
    find_controller(plan.mount, word, sizeof(word));
    assert_ok(cgroup_create(&plan, &kept, &directory));
    int above = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    write_to(above, "cgroup.subtree_control", word);
    write_to(directory, "cgroup.subtree_control", word);
    close(above);
    close(directory);
    assert_error(cgroup_create(&plan, &kept, &directory), ERROR_CGROUP, "handed controllers");
}

static void nothing_is_left_of_a_failure(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a/b/cgroup.procs");
    int directory = -5;
    assert_error(cgroup_create(&plan, &kept, &directory), ERROR_CGROUP, "open cgroup");
    assert_int_equal(directory, -5);
    plan = plan_own("a/b");
    assert_false(is_there(&plan));
    plan = plan_own("a");
    assert_false(is_there(&plan));
}

static void what_was_there_stays_after_a_failure(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a");
    int directory;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    struct cgroup_plan failing = plan_own("a/b/cgroup.procs");
    assert_error(cgroup_create(&failing, &kept, &directory), ERROR_CGROUP, "open cgroup");
    plan = plan_own("a");
    assert_true(is_there(&plan));
    plan = plan_own("a/b");
    assert_false(is_there(&plan));
}

/* The parent is taken away again and again while we make cgroups in it. */
static void parent_may_vanish(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a/b");
    char parent[4200];
    snprintf(parent, sizeof(parent), "%s%.*s", plan.mount,
             (int) (strrchr(plan.path, '/') - plan.path), plan.path);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            rmdir(parent);
    for (int i = 0; i < 300; i++) {
        int directory;
        assert_ok(cgroup_create(&plan, &kept, &directory));
        close(directory);
        assert_ok(cgroup_remove(plan.mount, plan.path, kept, 1000));
    }
    kill(child, SIGKILL);
    assert_killed(child, SIGKILL);
}

static void opens_cgroups_alone(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a");
    int directory = -5;
    assert_error(cgroup_open("/tmp", "/..", &directory), ERROR_CGROUP, "'..'");
    assert_error(cgroup_open("", "/tmp", &directory), ERROR_CGROUP, "is not a cgroup");
    assert_error(cgroup_open(plan.mount, "/", &directory), ERROR_CGROUP, "empty");
    assert_int_equal(directory, -5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("is made with its parents [CG6]", is_made_with_parents),
        TEST("an empty one is taken [CG7]", empty_one_is_taken),
        TEST("what others have made is kept [OP17]", keeps_what_others_have_made),
        TEST("a shared parent is not kept [OP17]", shared_parent_is_not_kept),
        TEST("a populated one is refused [CG7] (T61)", populated_one_is_refused),
        TEST("a frozen one is refused [CG7] (T61)", frozen_one_is_refused),
        TEST("below a frozen one none is left [CG7]", none_is_left_below_frozen),
        TEST("threaded ones are refused [CG7]", none_is_left_below_threaded),
        TEST("one that hands controllers down is refused [CG7]", controllers_below_are_refused),
        TEST("nothing is left of a failure [LC12]", nothing_is_left_of_a_failure),
        TEST("what was there stays after a failure", what_was_there_stays_after_a_failure),
        TEST("the parent may vanish meanwhile", parent_may_vanish),
        TEST("opens cgroups alone (T31)", opens_cgroups_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/cgroupfs", tests, NULL, NULL);
}
