/* SPDX-License-Identifier: Apache-2.0 */
/* os/trial: the answer comes, whatever becomes of who gives it; nothing is left of him. */
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/text.h"
#include "os/pidfd.h"
#include "os/syscalls.h"
#include "os/trial.h"
#include "tests/unit/os/in_child.h"

enum { SHORT = 200, LONG = 60000, PAUSE_SECONDS = 600 };

static int untouched = 5;

static fallible succeed(void *context, char found[TRIAL_FOUND_SIZE])
{
    untouched = 6;
    text_format(found, TRIAL_FOUND_SIZE, "found %s", (const char *) context);
    return OK;
}

static fallible refuse(void *context, char found[TRIAL_FOUND_SIZE])
{
    (void) context;
    text_format(found, TRIAL_FOUND_SIZE, "half of it");
    errno = EPERM;
    return error_field(error_hint(error_call(error_system("try it"), CALL_CLONE, "object"), "hint"),
                       "field");
}

static fallible hang(void *context, char found[TRIAL_FOUND_SIZE])
{
    (void) context;
    found[0] = 'x';
    sleep(PAUSE_SECONDS);
    return OK;
}

static fallible die(void *context, char found[TRIAL_FOUND_SIZE])
{
    (void) context;
    (void) found;
    kill(getpid(), SIGKILL);
    return OK;
}

static fallible lock_itself_in(void *context, char found[TRIAL_FOUND_SIZE])
{
    signal(SIGSEGV, SIG_DFL); /* cmocka's; a libc that cannot exit crashes */
    refuse_call(SYS_exit_group, EPERM);
    refuse_call(SYS_exit, EPERM);
    text_format(found, TRIAL_FOUND_SIZE, "%s", (const char *) context);
    return OK;
}

static fallible leave(void *context, char found[TRIAL_FOUND_SIZE])
{
    (void) context;
    (void) found;
    _exit(7);
}

static struct error *ask(fallible (*question)(void *, char[TRIAL_FOUND_SIZE]), int milliseconds,
                         char found[TRIAL_FOUND_SIZE])
{
    char word[] = "it";
    const struct trial trial = { question, word, milliseconds };
    struct error *error = trial_run(&trial, found);

    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    return error;
}

static void gives_what_is_found(void **state)
{
    (void) state;
    char found[TRIAL_FOUND_SIZE];

    assert_null(ask(succeed, LONG, found));
    assert_string_equal(found, "found it");
    assert_int_equal(untouched, 5); /* it had its own memory */
}

static void gives_the_error(void **state)
{
    (void) state;
    char found[TRIAL_FOUND_SIZE];
    struct error *error = ask(refuse, LONG, found);

    assert_non_null(error);
    assert_string_equal(found, "half of it");
    assert_int_equal(error->number, EPERM);
    assert_int_equal(error->call, CALL_CLONE);
    assert_string_equal(error->object, "object");
    assert_string_equal(error->hint, "hint");
    assert_string_equal(error->field, "field");
    error_forget(error);
}

static void does_not_wait_for_ever(void **state)
{
    (void) state;
    char found[TRIAL_FOUND_SIZE] = "old";
    struct error *error = ask(hang, SHORT, found);

    assert_non_null(error);
    assert_int_equal(error->code, ERROR_TIMEOUT);
    assert_string_equal(found, "");
    error_forget(error);
}

static void tells_of_an_end_without_answer(void **state)
{
    (void) state;
    char found[TRIAL_FOUND_SIZE];
    struct error *error = ask(die, LONG, found);

    assert_non_null(error);
    assert_string_equal(error->text, "who tried it was killed by signal 9");
    error_forget(error);
    error = ask(leave, LONG, found);
    assert_non_null(error);
    assert_string_equal(error->text, "who tried it ended with status 7");
    error_forget(error);
}

/* Its word is given, so it is no matter that it has to be killed. */
static void needs_no_way_to_exit(void **state)
{
    (void) state;
    char found[TRIAL_FOUND_SIZE];

    assert_null(ask(lock_itself_in, SHORT, found));
    assert_string_equal(found, "it");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_is_found),    cmocka_unit_test(gives_the_error),
        cmocka_unit_test(does_not_wait_for_ever), cmocka_unit_test(tells_of_an_end_without_answer),
        cmocka_unit_test(needs_no_way_to_exit),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/trial", tests, NULL, NULL);
}
