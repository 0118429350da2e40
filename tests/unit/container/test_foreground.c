/* SPDX-License-Identifier: Apache-2.0 */
/* container/foreground: who gets which signal, and what status comes back. */
#include "tests/unit/container/config.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/foreground.h"
#include "os/pidfd.h"

/* A child that tells a pipe of every signal it gets, as a byte, and exits when it gets SIGTERM. */
static int told[2];

static void tell(int signal)
{
    unsigned char byte = (unsigned char) signal;
    if (write(told[1], &byte, 1) != 1 || signal == SIGTERM)
        _exit(9);
}

/* BODY is what the child does; it begins without any signal blocked. */
static pid_t start(void (*body)(void), int *pidfd)
{
    pid_t child = fork();
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        body();
        _exit(0);
    }
    assert_true(child > 0);
    assert_ok(pidfd_open_process(child, pidfd));
    return child;
}

static void exit_with_three(void)
{
    _exit(3);
}

static void exit_with_255(void)
{
    _exit(-1);
}

static void kill_itself(void)
{
    raise(SIGKILL);
}

static void hear(void)
{
    const int signals[] = { SIGHUP,  SIGINT,   SIGQUIT,  SIGUSR1, SIGUSR2,
                            SIGCONT, SIGWINCH, SIGRTMIN, SIGTERM };
    sigset_t all;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &(struct sigaction){ .sa_handler = tell, .sa_mask = all }, NULL);
    unsigned char ready = 0;
    if (write(told[1], &ready, 1) != 1)
        _exit(8);
    for (;;)
        pause();
}

static int wait_for(void (*body)(void))
{
    struct foreground foreground = { .signals = -1 };
    int status = -1, pidfd = -1;
    assert_ok(foreground_prepare(&foreground, false));
    assert_true(fcntl(foreground.signals, F_GETFD) & FD_CLOEXEC);
    pid_t child = start(body, &pidfd);
    assert_ok(foreground_wait(&foreground, pidfd, -1, &status));
    assert_int_equal(foreground.signals, -1);
    assert_int_equal(waitpid(child, NULL, WNOHANG), -1); /* reaped */
    close(pidfd);
    return status;
}

static void test_status(void **state)
{
    (void) state;
    assert_int_equal(wait_for(exit_with_three), 3);
    assert_int_equal(wait_for(exit_with_255), 255);
    assert_int_equal(wait_for(kill_itself), 128 + SIGKILL);
}

/* Our children's end is no business of init. */
static void test_relay(void **state)
{
    (void) state;
    struct foreground foreground = { .signals = -1 };
    int status = -1, pidfd = -1;
    unsigned char byte;

    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    assert_ok(foreground_prepare(&foreground, false));
    raise(SIGHUP); /* kept until there is somebody */
    start(hear, &pidfd);
    assert_int_equal(read(told[0], &byte, 1), 1);

    pid_t sender = fork();
    if (sender == 0) {
        const int sent[] = {
            SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH, SIGRTMIN, SIGTERM
        };
        unsigned char heard = 0;
        bool is_right = read(told[0], &heard, 1) == 1 && heard == SIGHUP;
        for (size_t i = 0; is_right && i < sizeof(sent) / sizeof(sent[0]); i++) {
            kill(getppid(), sent[i]);
            is_right = read(told[0], &heard, 1) == 1 && heard == sent[i];
        }
        if (!is_right)
            kill(getppid(), SIGTERM);
        _exit(!is_right);
    }
    assert_ok(foreground_wait(&foreground, pidfd, -1, &status));
    assert_int_equal(status, 9);
    int sent;
    assert_int_equal(waitpid(sender, &sent, 0), sender);
    assert_int_equal(sent, 0);
    close(pidfd);
}

static void test_own(void **state)
{
    (void) state;
    static const int own[] = { SIGKILL, SIGSTOP, SIGCHLD, SIGSEGV, SIGBUS,
                               SIGFPE,  SIGILL,  SIGTRAP, SIGSYS,  SIGPIPE };
    const int relayed[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,  SIGTSTP,  SIGTTIN,
                            SIGTTOU, SIGCONT, SIGUSR1, SIGWINCH, SIGRTMIN, SIGRTMAX };
    struct foreground foreground = { .signals = -1 };
    sigset_t blocked;

    assert_ok(foreground_prepare(&foreground, false));
    assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &blocked), 0);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (sigismember(&blocked, own[i]))
            fail_msg("signal %d is held back", own[i]);
    for (size_t i = 0; i < sizeof(relayed) / sizeof(relayed[0]); i++)
        if (!sigismember(&blocked, relayed[i]))
            fail_msg("signal %d is not held back", relayed[i]);
    close(foreground.signals);
}

static int lift(void **state)
{
    (void) state;
    sigset_t none;
    alarm(0);
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL);
}

#define TEST(sentence, function)                                                                   \
    {                                                                                              \
        sentence, function, NULL, lift, NULL                                                       \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST("the status is that of the command, 128 and more for a signal", test_status),
        TEST("signals are passed on, also those that came before", test_relay),
        TEST("faults, children and pipes stay tare's own business", test_own),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
