/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/remove: whatever a container has made of its cgroup, it goes. */
#include "tests/unit/cgroup/fixture.h"

#include <linux/sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "cgroup/file.h"

#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, NULL, remove_own, NULL                                                     \
    }

static struct cgroup_plan plan;
static uint32_t kept;
static int directory;

static void create(void)
{
    plan = plan_own("a");
    assert_ok(cgroup_create(&plan, &kept, &directory));
}

static void assert_removed(void)
{
    close(directory);
    assert_ok(cgroup_kill(plan.mount, plan.path, 0));
    assert_ok(cgroup_remove(plan.mount, plan.path, 0, 5000));
    assert_false(is_there(&plan));
}

static void gone_already_is_fine(void **state)
{
    (void) state;
    create();
    assert_removed();
    assert_ok(cgroup_kill(plan.mount, plan.path, 0));
    assert_ok(cgroup_remove(plan.mount, plan.path, 0, 0));
}

static void path_is_checked(void **state)
{
    (void) state;
    create();
    char path[4200];
    snprintf(path, sizeof(path), "%s/../a", plan.path);
    assert_error(cgroup_remove(plan.mount, path, 0, 1000), ERROR_CGROUP, "'..'");
    assert_error(cgroup_remove(plan.mount, "/", 0, 1000), ERROR_CGROUP, "empty");
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
    assert_ok(cgroup_create(&longer, &kept, &neighbour));
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

/* A device that no driver has answers as a file does whose cgroup goes while it is opened. */
static void one_that_goes_meanwhile_is_not_waited_for(void **state)
{
    (void) state;
    enum { UNUSED_MISC = 254 };
    char mount[] = "/run/tare-unit-XXXXXX";
    if (!mkdtemp(mount))
        skip();
    int top = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int own = make_child(top, "a");
    bool can_be_had = !mknodat(own, "cgroup.events", S_IFCHR | 0600, makedev(10, UNUSED_MISC)) &&
                      openat(own, "cgroup.events", O_RDONLY | O_CLOEXEC) < 0 && errno == ENODEV;
    struct error *error = can_be_had ? cgroup_remove(mount, "/a", 0, 0) : OK;
    unlinkat(own, "cgroup.events", 0);
    close(own);
    unlinkat(top, "a", AT_REMOVEDIR);
    close(top);
    rmdir(mount);
    if (!can_be_had)
        skip();
    assert_error(error, ERROR_TIMEOUT, "still in use after 0 ms");
}

static void refuses_to_remove(enum error_code code, const char *words)
{
    for (uint32_t kept_ = 0; kept_ <= strlen(plan.path); kept_ += (uint32_t) strlen(plan.path))
        assert_error(cgroup_remove(plan.mount, plan.path, kept_, 0), code, words);
}

/* The kernel does not freeze at once. */
static void await_frozen(void)
{
    struct cgroup_events events = { 0 };
    for (int i = 0; i < 500 && !events.is_frozen; i++) {
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
        assert_ok(cgroup_file_read_events(directory, &events));
    }
    assert_true(events.is_frozen);
}

/* Of who is frozen it is said that he will not leave. */
static void has_a_deadline(void **state)
{
    (void) state;
    create();
    pid_t child = put_sleeper(directory);
    close(make_child(directory, "below"));
    refuses_to_remove(ERROR_TIMEOUT, "still in use after 0 ms");
    write_to(directory, "cgroup.freeze", "1");
    await_frozen();
    refuses_to_remove(ERROR_FROZEN, "is frozen, with processes in it");
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    assert_false(faccessat(directory, "below", F_OK, 0));
    assert_frozen(directory, true);
    assert_removed();
    assert_killed(child, SIGKILL);
}

/* Kills one after the other; each takes less time than is waited for all of them. */
static pid_t kill_slowly(const pid_t *pids, int count)
{
    pid_t killer = fork();
    for (int i = 0; killer == 0 && i < count; i++) {
        nanosleep(&(struct timespec){ .tv_nsec = 400000000 }, NULL);
        kill(pids[i], SIGKILL);
    }
    if (killer == 0)
        _exit(0);
    assert_true(killer > 0);
    return killer;
}

static void waits_while_they_leave(void **state)
{
    (void) state;
    enum { MANY = 6 };
    pid_t children[MANY];
    create();
    int below = make_child(directory, "below");
    for (int i = 0; i < MANY; i++)
        children[i] = put_sleeper(i % 2 ? below : directory);
    close(below);
    close(directory);
    pid_t killer = kill_slowly(children, MANY);
    assert_ok(cgroup_remove(plan.mount, plan.path, 0, 1500));
    assert_false(is_there(&plan));
    for (int i = 0; i < MANY; i++)
        assert_killed(children[i], SIGKILL);
    assert_int_equal(waitpid(killer, NULL, 0), killer);
}

static void killing_thaws(void **state)
{
    (void) state;
    create();
    write_to(directory, "cgroup.freeze", "1");
    pid_t child = put_sleeper(directory);
    assert_ok(cgroup_kill(plan.mount, plan.path, 0));
    assert_frozen(directory, false);
    assert_killed(child, SIGKILL);
    close(directory);
}

/* All but the part of the path below which it was made. */
static uint32_t above(const char *path)
{
    return (uint32_t) (strrchr(path, '/') - path);
}

static void removes_empty_parents(void **state)
{
    (void) state;
    struct cgroup_plan other = plan_own("a/other");
    char path[64];
    int neighbour;
    snprintf(path, sizeof(path), "%s", other.path);
    other.path = path;
    plan = plan_own("a/b/c");
    assert_ok(cgroup_create(&plan, &kept, &directory));
    assert_int_equal(kept, 0);
    close(directory);
    assert_ok(cgroup_create(&other, &kept, &neighbour));
    close(neighbour);

    assert_ok(cgroup_remove(plan.mount, plan.path, 0, 1000));
    assert_true(is_there(&other));
    plan = plan_own("a/b");
    assert_false(is_there(&plan));
    assert_ok(cgroup_remove(other.mount, other.path, 0, 1000));
    plan = plan_own("a");
    assert_false(is_there(&plan));
}

static void other_parents_stay(void **state)
{
    (void) state;
    plan = plan_own("a/b");
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    assert_ok(cgroup_remove(plan.mount, plan.path, above(plan.path), 1000));
    assert_false(is_there(&plan));
    plan = plan_own("a");
    assert_true(is_there(&plan));
}

static void assert_kept(void)
{
    uint32_t whole = (uint32_t) strlen(plan.path);
    assert_ok(cgroup_kill(plan.mount, plan.path, whole));
    assert_ok(cgroup_remove(plan.mount, plan.path, whole, 5000));
    assert_true(is_there(&plan));
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    assert_int_equal(kept, strlen(plan.path));
}

static void kept_one_is_emptied(void **state)
{
    (void) state;
    char path[8192];
    struct stat status;
    create();
    pid_t child = put_sleeper(directory);
    int below = make_child(directory, "below");
    close(make_child(below, "deeper"));
    pid_t deeper = put_sleeper(below);
    write_to(directory, "cgroup.freeze", "1");
    close(below);
    close(directory);
    assert_kept();
    assert_killed(child, SIGKILL);
    assert_killed(deeper, SIGKILL);
    snprintf(path, sizeof(path), "%s%s", plan.mount, plan.path);
    assert_false(stat(path, &status));
    assert_int_equal(status.st_nlink, 2);

    /* A process can be born in it. */
    assert_ok(cgroup_open(plan.mount, plan.path, &directory));
    struct clone_args arguments = { .flags = CLONE_INTO_CGROUP,
                                    .exit_signal = SIGCHLD,
                                    .cgroup = (uint64_t) directory };
    child = (pid_t) syscall(SYS_clone3, &arguments, sizeof(arguments));
    if (child == 0)
        _exit(7);
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended));
    close(directory);
}

static void kept_one_gets_controllers_back(void **state)
{
    (void) state;
    char word[64];
    create();
    find_controller(plan.mount, word, sizeof(word));
    int parent = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    write_to(parent, "cgroup.subtree_control", word);
    write_to(directory, "cgroup.subtree_control", word);
    close(make_child(directory, "below"));
    close(parent);
    close(directory);
    assert_kept();
}

static void kept_one_may_be_gone(void **state)
{
    (void) state;
    create();
    assert_removed();
    assert_ok(cgroup_remove(plan.mount, plan.path, (uint32_t) strlen(plan.path), 0));
    assert_false(is_there(&plan));
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
        TEST("one that goes meanwhile", one_that_goes_meanwhile_is_not_waited_for),
        TEST("has a deadline, and changes nothing until then", has_a_deadline),
        TEST("waits as long as some of them leave (T63)", waits_while_they_leave),
        TEST("killing thaws (T62)", killing_thaws),
        TEST("removes empty parents [LC12]", removes_empty_parents),
        TEST("other parents stay [OP17]", other_parents_stay),
        TEST("one that is kept is emptied [OP17]", kept_one_is_emptied),
        TEST("one that is kept gets its controllers back [OP17]", kept_one_gets_controllers_back),
        TEST("one that is kept may be gone", kept_one_may_be_gone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/remove", tests, NULL, NULL);
}
