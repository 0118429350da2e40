/* SPDX-License-Identifier: Apache-2.0 */
/* os/clone: whose memory the child has, and how long we wait for it. */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "os/clone.h"
#include "os/syscalls.h"
#include "tests/unit/os/in_child.h"

enum { OURS = 1, THEIRS = 7 };

static volatile int memory;
static int ends[2];

static __attribute__((noreturn)) void write_and_end(void *context)
{
    struct timespec moment = { .tv_nsec = 50000000 };

    nanosleep(&moment, NULL);
    memory = *(int *) context;
    errno = ENOTTY;
    _exit(THEIRS);
}

static __attribute__((noreturn)) void execute(void *context)
{
    char shell[] = "sh", option[] = "-c";
    char *argv[] = { shell, option, context, NULL }, *environment[] = { NULL };

    dup2(ends[0], STDIN_FILENO);
    close(ends[1]);
    execve("/bin/sh", argv, environment);
    _exit(THEIRS);
}

static int end_of(pid_t pid)
{
    int status;

    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void copies(void **state)
{
    (void) state;
    const struct clone_args arguments = { .exit_signal = SIGCHLD };
    int value = THEIRS;

    memory = OURS;
    assert_int_equal(end_of(clone_bear(&arguments, false, write_and_end, &value)), THEIRS);
    assert_int_equal(memory, OURS);
}

/* What it has written is there when we go on. */
static void shares(void **state)
{
    (void) state;
    const struct clone_args arguments = { .exit_signal = SIGCHLD };
    int value = THEIRS;

    if (!clone_can_share)
        skip();
    memory = OURS;
    pid_t pid = clone_bear(&arguments, true, write_and_end, &value);
    assert_int_equal(memory, THEIRS);
    assert_int_equal(end_of(pid), THEIRS);
}

/* We go on while it still waits for us. */
static void executes(void **state)
{
    (void) state;
    const struct clone_args arguments = { .exit_signal = SIGCHLD };
    char script[] = "read line; exit $line";

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = clone_bear(&arguments, true, execute, script);
    assert_true(pid > 0);
    assert_int_equal(write(ends[1], "5\n", 2), 2);
    assert_int_equal(end_of(pid), 5);
    close(ends[0]);
    close(ends[1]);
}

static void says_what_is_wrong(void **state)
{
    (void) state;
    const struct clone_args arguments = { .flags = CLONE_THREAD, .exit_signal = SIGCHLD };

    errno = 0;
    assert_int_equal(clone_bear(&arguments, true, write_and_end, NULL), -1);
    assert_int_equal(errno, EINVAL);
}

static void forks_with_a_pidfd(void **state)
{
    (void) state;
    int pidfd = -1;

    memory = OURS;
    pid_t pid = clone_fork(0, &pidfd);
    if (pid == 0)
        _exit(memory = THEIRS);
    assert_int_equal(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(end_of(pid), THEIRS);
    assert_int_equal(memory, OURS);
    close(pidfd);
}

/* What the kernel wrote before it failed is no descriptor of ours. */
static void has_no_pidfd_of_a_failure(void **state)
{
    (void) state;
    int pidfd = 7;
    const struct clone_args arguments = { .flags = CLONE_PIDFD | CLONE_THREAD,
                                          .pidfd = (uint64_t) (uintptr_t) &pidfd };

    assert_int_equal(clone_bear(&arguments, false, write_and_end, NULL), -1);
    assert_int_equal(pidfd, -1);
    pidfd = 7;
    errno = 0;
    assert_int_equal(clone_fork(CLONE_NEWNS | CLONE_FS, &pidfd), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(pidfd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies),
        cmocka_unit_test(shares),
        cmocka_unit_test(executes),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(forks_with_a_pidfd),
        cmocka_unit_test(has_no_pidfd_of_a_failure),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
