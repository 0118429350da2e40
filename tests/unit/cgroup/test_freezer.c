/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/freezer: on a cgroup of the test's own. */
#include "tests/unit/cgroup/tree.h"

#include <time.h>

#include "base/list.h"
#include "cgroup/file.h"
#include "cgroup/freezer.h"
#include "os/interrupts.h"

static const struct freezer_wait patient = { .milliseconds = 10000, .interrupts = -1 };
static const struct freezer_wait hasty = { .milliseconds = 30, .interrupts = -1 };

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
    struct cgroup_events events = { .is_frozen = false };
    int directory = create();
    pid_t child = fork();
    if (child == 0)
        for (;;)
            ;
    assert_ok(cgroup_add(directory, child));
    assert_ok(freezer_freeze(directory, &patient));
    /* Linux 6.18 takes the word back for a moment, seen on a busy machine. */
    for (int i = 0; i < 500 && !events.is_frozen; i++) {
        assert_ok(cgroup_file_read_events(directory, &events));
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    }
    assert_true(events.is_frozen);
    assert_ok(freezer_thaw(directory, &patient));
    assert_ok(cgroup_file_read_events(directory, &events));
    assert_false(events.is_frozen);
    kill(child, SIGKILL);
    assert_killed(child, SIGKILL);
    close(directory);
}

static void freezes_an_empty_one(void **state)
{
    (void) state;
    int directory = create();
    assert_ok(freezer_freeze(directory, &patient));
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
    assert_error(freezer_freeze(tree_directory, &hasty), ERROR_TIMEOUT,
                 "freeze the cgroup: not done after 30 ms");
    assert_file("cgroup.freeze", "0");
    remove_tree(NULL);
}

/* One above holds it: what is asked of the lower one does not count. */
static void knows_that_one_above_is_frozen(void **state)
{
    (void) state;
    int directory = create(), below = make_child(directory, "b");
    pid_t child = put_sleeper(below);
    assert_ok(freezer_freeze(directory, &patient));
    assert_ok(freezer_freeze(below, &patient));
    assert_error(freezer_thaw(below, &patient), ERROR_STATE, "a cgroup above its own is frozen");
    assert_frozen(below, false);
    assert_ok(freezer_thaw(directory, &patient));
    assert_ok(freezer_thaw(below, &patient));
    kill(child, SIGKILL);
    assert_killed(child, SIGKILL);
    close(below);
    close(directory);
}

/* The signal comes while it waits, and ends nothing but the wait. */
static void gives_up_when_told(void **state)
{
    (void) state;
    struct interrupts interrupts;
    assert_int_equal(make_tree(NULL), 0);
    put_file("cgroup.freeze", "");
    put_file("cgroup.events", "populated 1\nfrozen 0\n");
    assert_ok(interrupts_hold(&interrupts));
    const struct freezer_wait wait = { .milliseconds = 60000, .interrupts = interrupts.fd };
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    assert_error(freezer_freeze(tree_directory, &wait), ERROR_INTERRUPTED, "since signal 15 came");
    interrupts_release(&interrupts);
    assert_file("cgroup.freeze", "0");
    remove_tree(NULL);
}

/* Whoever waits for a disk is late. */
static void knows_what_shall_be_frozen(void **state)
{
    (void) state;
    static const struct {
        const char *freeze, *events;
        bool is_frozen, is_late;
    } rows[] = {
        { "0\n", "frozen 0\n", false, false },
        { "0\n", "frozen 1\n", true, false }, /* by one above */
        { "1\n", "frozen 0\n", true, true },
        { "1\n", "frozen 1\n", true, false },
        { "", "frozen 0\n", false, false },
        { NULL, "frozen 0\n", false, false }, /* the root of all */
    };
    for (unsigned i = 0; i < LENGTH(rows); i++) {
        bool is_frozen, is_late;
        char events[64];
        assert_int_equal(make_tree(NULL), 0);
        if (rows[i].freeze)
            put_file("cgroup.freeze", rows[i].freeze);
        snprintf(events, sizeof(events), "populated 1\n%s", rows[i].events);
        put_file("cgroup.events", events);
        assert_ok(cgroup_read_frozen(tree_directory, &is_frozen));
        assert_int_equal(is_frozen, rows[i].is_frozen);
        assert_ok(freezer_is_late(tree_directory, &hasty, &is_late));
        assert_int_equal(is_late, rows[i].is_late);
        remove_tree(NULL);
    }
}

static void tells_that_there_is_none(void **state)
{
    (void) state;
    assert_int_equal(make_tree(NULL), 0);
    struct error *error = freezer_freeze(tree_directory, &hasty);
    assert_true(error_forget_if(error, ENOENT));
    remove_tree(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "waits_for_stillness", waits_for_stillness, NULL, remove_own, NULL },
        { "freezes_an_empty_one", freezes_an_empty_one, NULL, remove_own, NULL },
        { "knows_that_one_above_is_frozen", knows_that_one_above_is_frozen, NULL, remove_own,
          NULL },
        cmocka_unit_test(thaws_when_time_is_over),
        cmocka_unit_test(gives_up_when_told),
        cmocka_unit_test(knows_what_shall_be_frozen),
        cmocka_unit_test(tells_that_there_is_none),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/freezer", tests, NULL, NULL);
}
