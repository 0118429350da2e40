/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/cgroup: which cgroup a container gets.  Nothing is made. */
#include "tests/unit/cgroup/fixture.h"

#include "os/user_namespace.h"

static struct error *plan_for(const char *asked, struct cgroup_plan *plan)
{
    const struct oci_linux config = { .cgroups_path = asked };
    empty_arena();
    return cgroup_plan(&config, "web", CGROUP_MANAGER_CGROUPFS, &arena, plan);
}

static void assert_refused(const char *asked, const char *why)
{
    struct cgroup_plan plan = { .path = "untouched" };
    struct error *error = plan_for(asked, &plan);
    assert_non_null(error);
    assert_string_equal(error->field, "linux.cgroupsPath");
    assert_error(error, ERROR_CONFIG, why);
    assert_string_equal(plan.path, "untouched");
}

static void refuses(void **state)
{
    (void) state;
    assert_refused("", "empty");
    assert_refused("/", "root");
    assert_refused("..", "'.' or '..'");
    assert_refused("../x", "'.' or '..'");
    assert_refused("/a/../../b", "'.' or '..'");
    assert_refused("a//b", "a part of it is empty");
    assert_refused("a\nb", "control");

    char part[300];
    memset(part, 'a', sizeof(part));
    part[256] = '\0';
    assert_refused(part, "255");
}

static void names_the_systemd_driver(void **state)
{
    (void) state;
    struct cgroup_plan plan;
    struct error *error = plan_for("machine.slice:libpod:web", &plan);
    assert_non_null(error);
    assert_non_null(strstr(error->hint, "systemd"));
    assert_error(error, ERROR_CONFIG, "machine.slice:libpod:web");
}

static void wants_none_when_disabled(void **state)
{
    (void) state;
    const struct oci_linux config = { .cgroups_path = "" };
    struct cgroup_plan plan = { .is_wanted = true };
    empty_arena();
    assert_ok(cgroup_plan(&config, "web", CGROUP_MANAGER_DISABLED, &arena, &plan));
    assert_false(plan.is_wanted);
    plan.is_wanted = true;
    assert_ok(cgroup_plan(NULL, "web", CGROUP_MANAGER_DISABLED, &arena, &plan));
    assert_false(plan.is_wanted);
}

static void counts_from_the_mount(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a");
    assert_ok(plan_for("/x/y", &plan));
    assert_true(plan.is_wanted);
    assert_false(plan.is_default_path);
    assert_string_equal(plan.path, "/x/y");
    assert_ok(plan_for("x/y", &plan));
    assert_string_equal(plan.path, "/x/y");
    assert_false(is_there(&plan));
}

static void sees_what_is_there(void **state)
{
    (void) state;
    struct cgroup_plan plan = plan_own("a");
    uint32_t kept = 5;
    int directory;
    assert_int_equal(plan.kept, 0);
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    plan = plan_own("a");
    assert_int_equal(plan.kept, strlen(plan.path));
    plan = plan_own("a/b/c");
    assert_int_equal(plan.kept, strlen(plan.path) - strlen("/b/c"));
}

static void has_a_default(void **state)
{
    (void) state;
    plan_own("a");
    if (!user_namespace_is_initial())
        skip();
    struct cgroup_plan plan;
    assert_ok(plan_for(NULL, &plan));
    assert_true(plan.is_wanted && plan.is_default_path);
    assert_string_equal(plan.path, "/tare/web");
    assert_true(is_there(&plan) || plan.kept == 0);
    assert_ok(cgroup_plan(NULL, "web2", CGROUP_MANAGER_CGROUPFS, &arena, &plan));
    assert_string_equal(plan.path, "/tare/web2");
}

/* As an ordinary user, who may not make cgroups where this process is. */
static void warns_or_fails_without_right(void **state)
{
    (void) state;
    plan_own("a");
    if (!user_namespace_is_initial())
        skip();
    pid_t child = fork();
    if (child == 0) {
        struct cgroup_plan plan = { .is_wanted = true };
        int quiet = open("/dev/null", O_WRONLY);
        if (quiet < 0 || dup2(quiet, STDERR_FILENO) < 0 || setgid(54321) || setuid(54321))
            _exit(1);
        if (plan_for(NULL, &plan) || plan.is_wanted)
            _exit(2);
        struct error *error = plan_for("/x", &plan);
        _exit(!error || error->code != ERROR_CGROUP || error->number != EACCES ||
                      strcmp(error->field, "linux.cgroupsPath") != 0
                  ? 3
                  : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "refuses [CG5] (T61)", refuses, NULL, NULL, NULL },
        { "names the systemd driver [CG5]", names_the_systemd_driver, NULL, NULL, NULL },
        { "wants none when disabled", wants_none_when_disabled, NULL, NULL, NULL },
        { "counts from the mount [CG2] [CG3] [CG4]", counts_from_the_mount, NULL, NULL, NULL },
        { "sees what is there [OP17]", sees_what_is_there, NULL, remove_own, NULL },
        { "has a default [CG1]", has_a_default, NULL, NULL, NULL },
        { "without the right: a warning, or an error if asked [CG1]", warns_or_fails_without_right,
          NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/cgroup", tests, NULL, NULL);
}
