/* SPDX-License-Identifier: Apache-2.0 */
/* os/deadline: until when a command has to be done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/time.h>

#include "base/error.h"
#include "os/deadline.h"
#include "os/interrupts.h"

enum { SECOND = 1000000000 };

static int forget_deadline(void **state)
{
    (void) state;
    deadline_end();
    return 0;
}

static bool has_timer(void)
{
    struct itimerval timer;

    assert_int_equal(getitimer(ITIMER_REAL, &timer), 0);
    return timer.it_value.tv_sec || timer.it_value.tv_usec;
}

static void there_is_none_unless_it_is_set(void **state)
{
    (void) state;
    assert_false(deadline_is_set());
    assert_int_equal(deadline_left(-1), -1);
    assert_int_equal(deadline_left(30000), 30000);
    assert_int_equal(deadline_grace(0), 0);
    assert_int_equal(deadline_grace(100), 100);
    assert_false(has_timer());
}

static void what_is_left_becomes_less(void **state)
{
    (void) state;
    deadline_set(100ULL * SECOND);
    assert_true(deadline_is_set());
    assert_in_range(deadline_left(-1), 1, 100000);
    assert_in_range(deadline_grace(0), 11, 100);
    assert_int_equal(deadline_grace(5), 5);
    assert_true(has_timer());
    deadline_set(1);
    while (deadline_left(-1))
        continue;
    assert_int_equal(deadline_grace(0), 10);
    assert_int_equal(deadline_grace(60), 10);
    assert_int_equal(deadline_grace(3), 3);
}

static void who_holds_interrupts_is_told(void **state)
{
    (void) state;
    struct interrupts interrupts;
    deadline_set(1);
    assert_null(interrupts_hold(&interrupts));
    while (deadline_left(-1))
        continue;
    sigset_t pending;
    do
        assert_int_equal(sigpending(&pending), 0);
    while (!sigismember(&pending, SIGALRM)); /* at the latest by the next tick */
    struct error *error = interrupts_take(interrupts.fd);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_INTERRUPTED);
    assert_string_equal(error->text, "gave up, since the time of --timeout is over");
    error_forget(error);
    interrupts_release(&interrupts);
}

static void the_end_takes_back_what_has_come(void **state)
{
    (void) state;
    struct interrupts interrupts;
    sigset_t pending;
    deadline_set(SECOND);
    assert_null(interrupts_hold(&interrupts));
    raise(SIGALRM);
    deadline_end();
    assert_int_equal(sigpending(&pending), 0);
    assert_false(sigismember(&pending, SIGALRM));
    assert_false(has_timer());
    assert_false(deadline_is_set());
    interrupts_release(&interrupts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(there_is_none_unless_it_is_set, forget_deadline),
        cmocka_unit_test_teardown(what_is_left_becomes_less, forget_deadline),
        cmocka_unit_test_teardown(who_holds_interrupts_is_told, forget_deadline),
        cmocka_unit_test_teardown(the_end_takes_back_what_has_come, forget_deadline),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
