/* SPDX-License-Identifier: Apache-2.0 */
/* os/pidfd: signals, deadlines and wait statuses; and the kernel that knows no pidfd. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "os/clock.h"
#include "os/pidfd.h"
#include "os/syscalls.h"
#include "tests/unit/os/in_child.h"

/* A child that waits for a signal, or ends with STATUS if that is not negative. */
static pid_t start(int status)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (status >= 0)
            _exit(status);
        for (;;)
            pause();
    }
    return child;
}

static int open_process(pid_t pid)
{
    int pidfd = -1;
    assert_null(pidfd_open_process(pid, &pidfd));
    assert_int_equal(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
    return pidfd;
}

static void reaps_an_exit(void **state)
{
    (void) state;
    static const int statuses[] = { 0, 1, 126, 127, 255 };
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        int pidfd = open_process(start(statuses[i]));
        int status = -1;
        assert_null(pidfd_wait_end(pidfd, -1));
        assert_null(pidfd_reap(pidfd, &status));
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), statuses[i]);
        close(pidfd);
    }
}

static void reaps_a_killed_process(void **state)
{
    (void) state;
    int pidfd = open_process(start(-1));
    int status = -1;
    assert_null(pidfd_send(pidfd, 0));
    assert_null(pidfd_send(pidfd, SIGKILL));
    assert_null(pidfd_reap(pidfd, &status));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_false(WCOREDUMP(status));

    struct error *error = pidfd_send(pidfd, SIGKILL);
    assert_non_null(error);
    assert_true(error_forget_if(error, ESRCH));
    error = pidfd_reap(pidfd, &status);
    assert_non_null(error);
    assert_true(error_forget_if(error, ECHILD));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    close(pidfd);
}

static bool is_child(int pidfd)
{
    bool is = false;
    assert_null(pidfd_is_child(pidfd, &is));
    return is;
}

static void knows_its_children(void **state)
{
    (void) state;
    pid_t child = start(-1);
    int pidfd = open_process(child), own = open_process(getpid()), others = open_process(getppid());
    int status;
    assert_true(is_child(pidfd));
    assert_false(is_child(own));
    assert_false(is_child(others));
    assert_false(kill(child, SIGKILL));
    assert_null(pidfd_wait_end(pidfd, -1));
    assert_true(is_child(pidfd));
    assert_null(pidfd_reap(pidfd, &status));
    assert_false(is_child(pidfd));
    close(pidfd);
    close(own);
    close(others);
}

static int outcome_of(int pidfd, int milliseconds)
{
    int status = -7;
    assert_null(pidfd_read_outcome(pidfd, milliseconds, &status));
    return status;
}

/* Where the kernel tells nothing (before Linux 6.15), nothing is made up. */
static bool is_told(int status)
{
    if (status < 0)
        skip();
    return true;
}

static void reads_the_outcome_of_the_reaped(void **state)
{
    (void) state;
    static const int statuses[] = { 0, 1, 255 };
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        pid_t child = start(statuses[i]);
        int pidfd = open_process(child);
        assert_null(pidfd_wait_end(pidfd, -1));
        assert_int_equal(outcome_of(pidfd, 0), -1);
        assert_int_equal(waitpid(child, NULL, 0), child);
        int status = outcome_of(pidfd, 0);
        close(pidfd);
        assert_true(is_told(status) && WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), statuses[i]);
    }
    pid_t child = start(-1);
    int pidfd = open_process(child);
    assert_null(pidfd_send(pidfd, SIGKILL));
    assert_int_equal(waitpid(child, NULL, 0), child);
    int status = outcome_of(pidfd, -1);
    close(pidfd);
    assert_true(is_told(status) && WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void *reap(void *child)
{
    waitpid(*(pid_t *) child, NULL, 0);
    return NULL;
}

/* The kernel answers ESRCH to who asks just then. */
static void reads_the_outcome_of_who_is_being_reaped(void **state)
{
    (void) state;
    enum { ROUNDS = 2000, STATUS = 3, PATIENCE = 5000 };
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t reaper;
        pid_t child = start(STATUS);
        int pidfd = open_process(child);
        assert_int_equal(pthread_create(&reaper, NULL, reap, &child), 0);
        assert_null(pidfd_wait_end(pidfd, -1));
        int status = outcome_of(pidfd, PATIENCE);
        assert_int_equal(pthread_join(reaper, NULL), 0);
        int after = outcome_of(pidfd, 0);
        close(pidfd);
        assert_true(is_told(after) && WIFEXITED(after));
        assert_int_equal(status, after);
        assert_int_equal(WEXITSTATUS(status), STATUS);
    }
}

static void outcome_without_kernel(void)
{
    int pidfd = -1, status = -7;
    demand(!pidfd_open_process(getpid(), &pidfd));
    refuse_call(SYS_ioctl, ENOTTY);
    demand(!pidfd_read_outcome(pidfd, -1, &status));
    demand(status == -1);
}

static void waits_for_no_outcome_that_never_comes(void **state)
{
    (void) state;
    in_child(outcome_without_kernel);
}

static void refuses_the_gone(void **state)
{
    (void) state;
    pid_t child = start(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    int pidfd = -7;
    struct error *error = pidfd_open_process(child, &pidfd);
    assert_non_null(error);
    assert_true(error_forget_if(error, ESRCH));
    assert_int_equal(pidfd, -7);
}

static void open_without_kernel(void)
{
    refuse_call(SYS_pidfd_open, ENOSYS);
    int pidfd = -1;
    struct error *error = pidfd_open_process(getpid(), &pidfd);
    demand(error && error->code == ERROR_SYSTEM && error->number == ENOSYS);
    demand(pidfd == -1);
}

static void keeps_the_errno_of_old_kernels(void **state)
{
    (void) state;
    in_child(open_without_kernel);
}

static void ignore_alarm(int signal)
{
    (void) signal;
}

/* Signals must neither end the wait nor make it longer. */
static void wait_among_signals(void)
{
    struct sigaction action = { .sa_handler = ignore_alarm };
    const struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
    int pidfd = -1;
    demand(!pidfd_open_process(getpid(), &pidfd));
    demand(!sigaction(SIGALRM, &action, NULL) && !setitimer(ITIMER_REAL, &often, NULL));

    uint64_t began = clock_now();
    struct error *error = pidfd_wait_end(pidfd, 60);
    uint64_t took = (clock_now() - began) / 1000000;
    demand(error && error->code == ERROR_TIMEOUT && error->number == 0);
    demand(took >= 60 && took < 60000);
    error_forget(error);

    error = pidfd_wait_end(pidfd, 0);
    demand(error && error->code == ERROR_TIMEOUT);
}

static void keeps_the_deadline(void **state)
{
    (void) state;
    in_child(wait_among_signals);
    struct error *error = pidfd_wait_end(1000, -1);
    assert_non_null(error);
    assert_true(error_forget_if(error, EBADF));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaps_an_exit),
        cmocka_unit_test(reaps_a_killed_process),
        cmocka_unit_test(knows_its_children),
        cmocka_unit_test(refuses_the_gone),
        cmocka_unit_test(keeps_the_errno_of_old_kernels),
        cmocka_unit_test(keeps_the_deadline),
        cmocka_unit_test(reads_the_outcome_of_the_reaped),
        cmocka_unit_test(reads_the_outcome_of_who_is_being_reaped),
        cmocka_unit_test(waits_for_no_outcome_that_never_comes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
