/* SPDX-License-Identifier: Apache-2.0 */
/* The two storyboards: they must meet at the same points, in the same order, for the same reasons,
 * or one actor waits for ever. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "launch/step.h"

static const struct step *next_meeting(const struct step *step)
{
    while (step->name && step->run)
        step++;
    return step;
}

static void test_meetings_agree(void **state)
{
    const struct step *host = next_meeting(host_steps);
    const struct step *init = next_meeting(init_steps);
    int meetings = 0;

    (void) state;
    while (host->name && init->name) {
        assert_string_equal(host->name, init->name);
        assert_true(host->when == init->when);
        host = next_meeting(host + 1);
        init = next_meeting(init + 1);
        meetings++;
    }
    assert_null(host->name);
    assert_null(init->name);
    assert_true(meetings > 0);
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
    check_names(host_steps);
    check_names(init_steps);
}

/* What init made dies with its namespaces: its rows have nothing to undo. */
static void test_init_undoes_nothing(void **state)
{
    (void) state;
    for (const struct step *step = init_steps; step->name; step++)
        assert_null(step->undo);
}

/* A trace has room for every row. */
static void test_rows_fit_a_trace(void **state)
{
    int host = 0, init = 0;

    (void) state;
    while (host_steps[host].name)
        host++;
    while (init_steps[init].name)
        init++;
    assert_in_range(host, 1, CHANNEL_SPANS);
    assert_in_range(init, 1, CHANNEL_SPANS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meetings_agree),
        cmocka_unit_test(test_names_differ),
        cmocka_unit_test(test_init_undoes_nothing),
        cmocka_unit_test(test_rows_fit_a_trace),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
