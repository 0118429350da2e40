/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/remove: whatever a container has made of its cgroup, it goes. */
#include "tests/unit/cgroup/fixture.h"

#include <time.h>

#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, NULL, remove_own, NULL                                                     \
    }

static struct cgroup_plan plan;
static int directory;

static void create(void)
{
    plan = plan_own("a");
    assert_ok(cgroup_create(&plan, &directory));
}

static void assert_removed(void)
{
    close(directory);
    assert_ok(cgroup_remove(plan.mount, plan.path, false, 5000));
    assert_false(is_there(&plan));
}

static void gone_already_is_fine(void **state)
{
    (void) state;
    create();
    assert_removed();
    assert_ok(cgroup_remove(plan.mount, plan.path, false, 0));
}

static void path_is_checked(void **state)
{
    (void) state;
    create();
    char path[4200];
    snprintf(path, sizeof(path), "%s/../a", plan.path);
    assert_error(cgroup_remove(plan.mount, path, false, 1000), ERROR_CGROUP, "'..'");
    assert_error(cgroup_remove(plan.mount, "/", false, 1000), ERROR_CGROUP, "empty");
    assert_true(is_there(&plan));
    close(directory);
}

static void neighbour_stays(void **state)
{
    (void) state;
    struct cgroup_plan longer = plan_own("a0");
    int neighbour;
    char path[4096];
    snprintf(path, sizeof(path), "%s", longer.path);
    longer.path = path;
    assert_ok(cgroup_create(&longer, &neighbour));
    pid_t child = put_sleeper(neighbour);
    create();
    pid_t ours = put_sleeper(directory);
    assert_removed();
    assert_killed(ours, SIGKILL);
    assert_true(is_there(&longer));
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    close(neighbour);
    kill(child, SIGKILL);
    assert_killed(child, SIGKILL);
}

/* Nobody reaps while we remove: an engine does that later. */
static void kills_what_is_left(void **state)
{
    (void) state;
    pid_t children[4];
    create();
    int below = make_child(directory, "below");
    children[0] = put_sleeper(directory);
    children[1] = put_sleeper(below);
    children[2] = put_sleeper(below);
    kill(children[2], SIGSTOP);
    children[3] = put_sleeper(below);
    close(below);
    assert_removed();
    for (int i = 0; i < 4; i++)
        assert_killed(children[i], SIGKILL);
}

static void kills_frozen(void **state)
{
    (void) state;
    create();
    pid_t child = put_sleeper(directory);
    int below = make_child(directory, "below");
    pid_t deeper = put_sleeper(below);
    write_to(below, "cgroup.freeze", "1");
    write_to(directory, "cgroup.freeze", "1");
    close(below);
    assert_removed();
    assert_killed(child, SIGKILL);
    assert_killed(deeper, SIGKILL);
}

static void removes_odd_names(void **state)
{
    (void) state;
    static const char *const names[] = { " ", "-rf", "...", "\xff\xfe", "a\tb", "%s", "cgroup.x" };
    create();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        close(make_child(directory, names[i]));
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    int below = make_child(directory, name);
    close(make_child(below, name));
    close(below);
    assert_removed();
}

static void removes_deep_and_wide(void **state)
{
    (void) state;
    enum { DEEP = 300, WIDE = 400 };
    char name[16];
    create();
    int at = dup(directory);
    for (int i = 0; i < DEEP; i++) {
        int next = make_child(at, "deep");
        close(at);
        at = next;
    }
    pid_t child = put_sleeper(at);
    close(at);
    for (int i = 0; i < WIDE; i++) {
        snprintf(name, sizeof(name), "w%d", i);
        int wide = make_child(directory, name);
        close(make_child(wide, "w"));
        close(wide);
    }
    assert_removed();
    assert_killed(child, SIGKILL);
}

static void has_a_deadline(void **state)
{
    (void) state;
    create();
    pid_t child = put_sleeper(directory);
    struct error *error = cgroup_remove(plan.mount, plan.path, false, 0);
    assert_error(error, ERROR_TIMEOUT, "still in use after 0 ms");
    assert_killed(child, SIGKILL);
    assert_removed();
}

static void thaws_on_timeout(void **state)
{
    (void) state;
    create();
    write_to(directory, "cgroup.freeze", "1");
    pid_t child = put_sleeper(directory);
    assert_error(cgroup_remove(plan.mount, plan.path, false, 0), ERROR_TIMEOUT, "in use");
    assert_thawed(directory);
    assert_killed(child, SIGKILL);
    close(directory);
}

static void removes_empty_default_parent(void **state)
{
    (void) state;
    char first[64], second[64];
    plan = plan_own("a");
    snprintf(first, sizeof(first), "/tare/unit-%d-1", getpid());
    snprintf(second, sizeof(second), "/tare/unit-%d-2", getpid());
    plan.is_default_path = true;
    plan.path = first;
    assert_ok(cgroup_create(&plan, &directory));
    close(directory);
    plan.path = second;
    assert_ok(cgroup_create(&plan, &directory));
    close(directory);

    assert_ok(cgroup_remove(plan.mount, first, true, 1000));
    assert_true(is_there(&plan));
    assert_ok(cgroup_remove(plan.mount, second, true, 1000));
    /* Somebody else's container may be in it: then it stays, and neither call minds. */
    char path[64];
    struct stat status;
    snprintf(path, sizeof(path), "%s/tare", plan.mount);
    assert_true(stat(path, &status) || status.st_nlink > 2);
}

static void other_parents_stay(void **state)
{
    (void) state;
    create();
    close(directory);
    assert_ok(cgroup_remove(plan.mount, plan.path, true, 1000));
    plan = plan_own("a");
    *strrchr((char *) (uintptr_t) plan.path, '/') = '\0';
    assert_true(is_there(&plan));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("gone already is fine", gone_already_is_fine),
        TEST("the path is checked (T31)", path_is_checked),
        TEST("a neighbour with a longer name stays (T61)", neighbour_stays),
        TEST("kills what is left (T63)", kills_what_is_left),
        TEST("kills frozen ones (T63)", kills_frozen),
        TEST("removes children of any name [LC12]", removes_odd_names),
        TEST("removes deep and wide trees [LC12] (T63)", removes_deep_and_wide),
        TEST("has a deadline", has_a_deadline),
        TEST("thaws even when it fails (T62)", thaws_on_timeout),
        TEST("removes the default parent when it is empty [LC12]", removes_empty_default_parent),
        TEST("other parents stay", other_parents_stay),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/remove", tests, NULL, NULL);
}
