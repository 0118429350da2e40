/* SPDX-License-Identifier: Apache-2.0 */
/* The storyboards of the two actors: they must meet at the same points, in the same order, for the
 * same reasons, or one actor waits for ever. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/list.h"
#include "base/text.h"
#include "launch/plan.h"
#include "launch/step.h"

/* Which actors play together. */
static const struct play {
    const struct step *host, *inside;
} plays[] = {
    { host_steps, init_steps },
    { exec_host_steps, exec_inside_steps },
    { live_host_steps, live_inside_steps },
};

static const struct step *next_meeting(const struct step *step)
{
    while (step->name && step->run)
        step++;
    return step;
}

static void check_meetings(const struct play *play)
{
    const struct step *host = next_meeting(play->host);
    const struct step *inside = next_meeting(play->inside);

    while (host->name && inside->name) {
        assert_string_equal(host->name, inside->name);
        assert_true(host->when == inside->when);
        host = next_meeting(host + 1);
        inside = next_meeting(inside + 1);
    }
    assert_null(host->name);
    assert_null(inside->name);
}

static void test_meetings_agree(void **state)
{
    (void) state;
    for (size_t i = 0; i < LENGTH(plays); i++)
        check_meetings(&plays[i]);
    assert_non_null(next_meeting(host_steps)->name);
    assert_non_null(next_meeting(exec_host_steps)->name);
}

static void check_names(const struct step *steps)
{
    for (const struct step *a = steps; a->name; a++)
        for (const struct step *b = steps; b < a; b++)
            assert_string_not_equal(a->name, b->name);
}

/* A name is what an error begins with: no two rows of an actor may share one. */
static void test_names_differ(void **state)
{
    (void) state;
    for (size_t i = 0; i < LENGTH(plays); i++) {
        check_names(plays[i].host);
        check_names(plays[i].inside);
    }
}

/* What the process made inside dies with it or its namespaces: its rows have nothing to undo. */
static void test_inside_undoes_nothing(void **state)
{
    (void) state;
    for (size_t i = 0; i < LENGTH(plays); i++)
        for (const struct step *step = plays[i].inside; step->name; step++)
            assert_null(step->undo);
}

static size_t count(const struct step *steps)
{
    size_t rows = 0;

    while (steps[rows].name)
        rows++;
    return rows;
}

/* A trace has room for every row. */
static void test_rows_fit_a_trace(void **state)
{
    (void) state;
    for (size_t i = 0; i < LENGTH(plays); i++) {
        assert_in_range(count(plays[i].host), 1, CHANNEL_SPANS);
        assert_in_range(count(plays[i].inside), 1, CHANNEL_SPANS);
    }
}

static size_t find(const struct step *steps, const char *name)
{
    size_t row = 0;

    while (steps[row].name && !text_equal(steps[row].name, name))
        row++;
    assert_non_null(steps[row].name);
    return row;
}

/* What the kernel takes of it depends on the cpuset, which the host writes meanwhile. */
static void test_limits_come_before_the_policy(void **state)
{
    static const char meeting[] = "the container is built";

    (void) state;
    assert_true(find(host_steps, "limit resources") < find(host_steps, meeting));
    assert_true(find(init_steps, meeting) < find(init_steps, "set the memory policy"));
}

/* Init is built meanwhile, and runs nothing of the container's before they have met. */
static void test_devices_are_filtered_before_anything_runs(void **state)
{
    static const char first_hooks[] = "mounts are in place", built[] = "the container is built";
    const struct plan plan = { .has_cgroup = true, .listener = NO_LISTENER };

    (void) state;
    assert_true(find(host_steps, "filter devices") < find(host_steps, first_hooks));
    assert_true(find(init_steps, first_hooks) < find(init_steps, "run the createContainer hooks"));
    assert_true(find(host_steps, first_hooks) < find(host_steps, built));
    assert_true(find(init_steps, built) < find(init_steps, "run the startContainer hooks"));
    assert_true(init_steps[find(init_steps, built)].when(&plan));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meetings_agree),
        cmocka_unit_test(test_names_differ),
        cmocka_unit_test(test_inside_undoes_nothing),
        cmocka_unit_test(test_rows_fit_a_trace),
        { "[NU1] [NU3] limits come before the memory policy", test_limits_come_before_the_policy,
          NULL, NULL, NULL },
        cmocka_unit_test(test_devices_are_filtered_before_anything_runs),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
