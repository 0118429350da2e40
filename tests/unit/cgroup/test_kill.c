/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/kill: every process of a cgroup gets a signal, once, and nobody else does. */
#include "tests/unit/cgroup/fixture.h"

#include <poll.h>
#include <sys/prctl.h>
#include <time.h>

#include "cgroup/kill.h"

#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, NULL, remove_own, NULL                                                     \
    }

enum { MANY = 150 }; /* more than a batch */
enum { FORKING_SECONDS = 40 };

static struct cgroup_plan plan;
static uint32_t kept;
static int directory;

static void create(void)
{
    plan = plan_own("a");
    assert_ok(cgroup_create(&plan, &kept, &directory));
}

static void reaches_all_below(void **state)
{
    (void) state;
    create();
    int below = make_child(directory, "below");
    int deeper = make_child(below, "deeper");
    pid_t outside = fork();
    if (outside == 0)
        for (;;)
            pause();
    pid_t children[] = { put_sleeper(directory), put_sleeper(below), put_sleeper(deeper) };
    assert_ok(cgroup_signal_all(directory, SIGTERM));
    for (int i = 0; i < 3; i++)
        assert_killed(children[i], SIGTERM);
    assert_int_equal(waitpid(outside, NULL, WNOHANG), 0);
    kill(outside, SIGKILL);
    assert_killed(outside, SIGKILL);
    close(deeper);
    close(below);
    close(directory);
}

/* Counts, for a while, real-time signals: those queue. */
static void count_signals(int ready)
{
    sigset_t counted;
    const struct timespec patience = { .tv_nsec = 300000000 };
    sigemptyset(&counted);
    sigaddset(&counted, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &counted, NULL);
    if (write(ready, "r", 1) != 1 || sigwaitinfo(&counted, NULL) < 0)
        _exit(100);
    int count = 1;
    while (sigtimedwait(&counted, NULL, &patience) > 0)
        count++;
    _exit(count);
}

static void signals_once(void **state)
{
    (void) state;
    int ready[2];
    pid_t children[MANY];
    create();
    assert_false(pipe2(ready, O_CLOEXEC));
    for (int i = 0; i < MANY; i++) {
        char word;
        children[i] = fork();
        if (children[i] == 0)
            count_signals(ready[1]);
        assert_ok(cgroup_add(directory, children[i]));
        assert_int_equal(read(ready[0], &word, 1), 1);
    }
    assert_ok(cgroup_signal_all(directory, SIGRTMIN));
    for (int i = 0; i < MANY; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 1);
    }
    close(ready[0]);
    close(ready[1]);
    close(directory);
}

static void kills(void **state)
{
    (void) state;
    create();
    int below = make_child(directory, "below");
    pid_t children[] = { put_sleeper(directory), put_sleeper(below) };
    assert_ok(cgroup_signal_all(directory, SIGKILL));
    assert_killed(children[0], SIGKILL);
    assert_killed(children[1], SIGKILL);
    close(below);
    close(directory);
}

static void empty_is_fine(void **state)
{
    (void) state;
    create();
    assert_ok(cgroup_signal_all(directory, SIGTERM));
    assert_ok(cgroup_signal_all(directory, SIGKILL));
    assert_ok(cgroup_kill_each(directory));
    assert_ok(cgroup_remove(plan.mount, plan.path, kept, 1000));
    assert_ok(cgroup_signal_all(directory, SIGTERM));
    assert_ok(cgroup_signal_all(directory, SIGKILL));
    assert_ok(cgroup_kill_each(directory));
    close(directory);
}

/* What is done where the kernel has no cgroup.kill. */
static void kills_one_by_one(void **state)
{
    (void) state;
    create();
    int below = make_child(directory, "below");
    pid_t children[] = { put_sleeper(directory), put_sleeper(below) };
    kill(children[0], SIGSTOP);
    assert_ok(cgroup_kill_each(directory));
    assert_killed(children[0], SIGKILL);
    assert_killed(children[1], SIGKILL);
    assert_frozen(directory, false);
    close(below);
    close(directory);
}

/* A container may nest its cgroups as it likes. */
static void reaches_the_deepest(void **state)
{
    (void) state;
    enum { DEEP = 150 };
    create();
    int beside = make_child(directory, "beside"), at = dup(directory);
    for (int i = 0; i < DEEP; i++) {
        int next = make_child(at, "deep");
        close(at);
        at = next;
    }
    pid_t children[] = { put_sleeper(at), put_sleeper(beside) };
    assert_ok(cgroup_kill_each(directory));
    assert_killed(children[0], SIGKILL);
    assert_killed(children[1], SIGKILL);
    close(at);
    close(beside);
    close(directory);
}

/* One that is never the same process for long.  It ends by itself much later than by us. */
static __attribute__((noreturn)) void keep_forking(int ready)
{
    char own[] = "0";
    time_t end = time(NULL) + FORKING_SECONDS;

    write_to(directory, "cgroup.procs", own);
    if (write(ready, own, 1) != 1)
        _exit(1);
    while (time(NULL) < end)
        if (fork() > 0)
            _exit(0);
    _exit(0);
}

static void kills_what_keeps_forking(void **state)
{
    (void) state;
    create();
    assert_false(prctl(PR_SET_CHILD_SUBREAPER, 1));
    for (int i = 0; i < 5; i++) {
        int stop[2];
        char word;
        assert_false(pipe2(stop, O_CLOEXEC));
        pid_t child = fork();
        if (child == 0)
            keep_forking(stop[1]);
        close(stop[1]);
        assert_int_equal(read(stop[0], &word, 1), 1);
        usleep(10000);
        assert_ok(cgroup_kill_each(directory));
        /* End-of-file comes when the last of them is gone. */
        struct pollfd end = { .fd = stop[0] };
        assert_int_equal(poll(&end, 1, FORKING_SECONDS * 500), 1);
        assert_int_equal(read(stop[0], &word, 1), 0);
        close(stop[0]);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
    assert_false(prctl(PR_SET_CHILD_SUBREAPER, 0));
    close(directory);
}

static void skips_threaded(void **state)
{
    (void) state;
    create();
    int threaded = make_child(directory, "threaded");
    write_to(threaded, "cgroup.type", "threaded");
    pid_t child = put_sleeper(directory);
    assert_ok(cgroup_signal_all(directory, SIGTERM));
    assert_killed(child, SIGTERM);
    close(threaded);
    close(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("reaches all below, and none beside", reaches_all_below),
        TEST("signals each once", signals_once),
        TEST("kills", kills),
        TEST("an empty cgroup, or one that is gone, is fine", empty_is_fine),
        TEST("kills one by one without cgroup.kill, and thaws (T62)", kills_one_by_one),
        TEST("kills one by one however deep they are", reaches_the_deepest),
        TEST("kills what keeps forking, without cgroup.kill (T63)", kills_what_keeps_forking),
        TEST("threaded cgroups are no hindrance", skips_threaded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/kill", tests, NULL, NULL);
}
