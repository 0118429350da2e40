/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: order, skipped rows, undo from the last one back, names in front of errors, meetings.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launch/plan.h"
#include "launch/step.h"

static char played[64];

static void note(const char *what)
{
    strncat(played, what, sizeof(played) - strlen(played) - 1);
}

static fallible run_a(struct launch *launch)
{
    (void) launch;
    note("a");
    return OK;
}

static fallible run_b(struct launch *launch)
{
    (void) launch;
    note("b");
    return OK;
}

static fallible run_failing(struct launch *launch)
{
    (void) launch;
    note("!");
    return error_new(ERROR_SYSTEM, "no luck");
}

static void undo_a(struct launch *launch)
{
    (void) launch;
    note("A");
}

static void undo_b(struct launch *launch)
{
    (void) launch;
    note("B");
}

static bool is_traced(const struct plan *plan)
{
    return plan->has_trace;
}

static const struct step fine[] = {
    { "a", NULL, NULL, run_a, undo_a },
    { "skipped", NULL, is_traced, run_failing, undo_a },
    { "b", NULL, NULL, run_b, undo_b },
    {},
};

static const struct step failing[] = {
    { "a", NULL, NULL, run_a, undo_a },
    { "skipped", NULL, is_traced, run_a, undo_a },
    { "b", NULL, NULL, run_b, undo_b },
    { "try your luck", "linux.luck", NULL, run_failing, undo_a },
    { "never", NULL, NULL, run_a, undo_a },
    {},
};

static void test_rows_in_order(void **state)
{
    struct plan plan = {};
    struct launch launch = { .plan = &plan, .channel = -1 };

    (void) state;
    played[0] = '\0';
    assert_null(steps_run(fine, &launch));
    assert_string_equal(played, "ab");
    steps_undo(fine, &launch);
    assert_string_equal(played, "abBA");
}

static void test_failure_undoes_what_was_done(void **state)
{
    struct plan plan = {};
    struct launch launch = { .plan = &plan, .channel = -1 };

    (void) state;
    played[0] = '\0';
    struct error *error = steps_run(failing, &launch);
    assert_non_null(error);
    assert_string_equal(error->text, "try your luck: no luck");
    assert_string_equal(error->field, "linux.luck");
    assert_string_equal(played, "ab!BA");
    error_forget(error);
}

static void test_trace_has_a_span_for_each_row(void **state)
{
    struct channel_span spans[CHANNEL_SPANS] = {};
    struct plan plan = {};
    struct launch launch = { .plan = &plan, .channel = -1, .spans = spans };

    (void) state;
    assert_null(steps_run(fine, &launch));
    assert_int_equal(launch.span_count, 2);
    assert_int_equal(spans[0].row, 0);
    assert_int_equal(spans[1].row, 2);
    assert_true(spans[0].began <= spans[0].ended && spans[0].ended <= spans[1].began);
}

static bool always(const struct plan *plan)
{
    return plan;
}

static const struct step meeting_twice[] = {
    MEET("one", always),
    MEET("skipped", is_traced),
    MEET("two", always),
    {},
};

static const struct step meeting_once_then_failing[] = {
    MEET("one", always),
    { "break", NULL, NULL, run_failing, NULL },
    {},
};

/* Plays the peer in a child, which sends its error as init does; returns what the host side got. */
static struct error *meet_peer(const struct step *theirs)
{
    struct plan plan = {};
    int mine, other, status;

    assert_null(channel_open(&mine, &other));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct launch launch = { .plan = &plan, .channel = other };
        close(mine);
        struct error *error = steps_run(theirs, &launch);
        if (error)
            error_forget(channel_send_error(other, error));
        _exit(error ? 1 : 0);
    }
    close(other);
    struct launch launch = { .plan = &plan, .channel = mine };
    struct error *error = steps_run(meeting_twice, &launch);
    close(mine);
    assert_int_equal(waitpid(child, &status, 0), child);
    return error;
}

static void test_actors_meet(void **state)
{
    (void) state;
    assert_null(meet_peer(meeting_twice));
}

static void test_the_error_of_the_peer_arrives(void **state)
{
    (void) state;
    struct error *error = meet_peer(meeting_once_then_failing);
    assert_non_null(error);
    assert_string_equal(error->text, "break: no luck");
    error_forget(error);
}

static void test_a_peer_that_misses_a_meeting_is_found_out(void **state)
{
    static const struct step one[] = { MEET("one", always), {} };

    (void) state;
    struct error *error = meet_peer(one);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_INIT_DIED);
    error_forget(error);
}

/* What comes of a row that fails when the peer has SAID that, and has ended if IS_END. */
static struct error *fail_behind_peer(fallible (*say)(int channel), bool is_end)
{
    struct plan plan = {};
    int mine, other;

    assert_null(channel_open(&mine, &other));
    assert_null(say(other));
    if (is_end)
        close(other);
    struct launch launch = { .plan = &plan, .channel = mine };
    struct error *error = steps_run(failing, &launch);
    assert_non_null(error);
    close(mine);
    if (!is_end)
        close(other);
    return error;
}

static fallible say_nothing(int channel)
{
    (void) channel;
    return OK;
}

static fallible say_error(int channel)
{
    struct error *theirs = error_new(ERROR_MOUNT, "their luck ran out");
    struct error *error = channel_send_error(channel, theirs);
    error_forget(theirs);
    return error;
}

static void test_a_peer_that_has_failed_before_is_heard_first(void **state)
{
    static const struct {
        fallible (*say)(int channel);
        bool is_end;
        const char *text, *field;
    } rows[] = {
        { say_error, true, "their luck ran out", "" },
        { say_error, false, "their luck ran out", "" },
        { say_nothing, true, "init ended without a word", "" },
        { say_nothing, false, "try your luck: no luck", "linux.luck" },
        { channel_send_farewell, true, "try your luck: no luck", "linux.luck" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error *error = fail_behind_peer(rows[i].say, rows[i].is_end);
        assert_string_equal(error->text, rows[i].text);
        assert_string_equal(error->field, rows[i].field);
        error_forget(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_in_order),
        cmocka_unit_test(test_failure_undoes_what_was_done),
        cmocka_unit_test(test_trace_has_a_span_for_each_row),
        cmocka_unit_test(test_actors_meet),
        cmocka_unit_test(test_the_error_of_the_peer_arrives),
        cmocka_unit_test(test_a_peer_that_misses_a_meeting_is_found_out),
        cmocka_unit_test(test_a_peer_that_has_failed_before_is_heard_first),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
