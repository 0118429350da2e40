/* SPDX-License-Identifier: Apache-2.0 */
/* --preserve-fds: which numbers are taken.  Each test runs in a child, where all of them are free.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/launch_options.h"
#include "os/syscalls.h"

static bool is_null(int fd)
{
    struct stat status;
    return !fstat(fd, &status) && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static bool closes_on_exec(int fd)
{
    return fcntl(fd, F_GETFD) == FD_CLOEXEC;
}

/* 0 from a child in which nothing above 2 is open. */
static void in_child(int (*check)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        for (int fd = 3; fd < 256; fd++)
            close(fd);
        _exit(check());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int check_holes(void)
{
    if (open("/dev/zero", O_RDONLY) != 3 || fcntl(3, F_DUPFD, 6) != 6 || close(3))
        return 1;
    launch_options.preserved_fds = "5";
    if (launch_options_reserve_fds())
        return 2;
    for (int fd = 3; fd <= 7; fd++)
        if (fd != 6 && (!is_null(fd) || !closes_on_exec(fd)))
            return 10 + fd;
    if (is_null(6) || fcntl(6, F_GETFD) != 0) /* the caller's is as it was */
        return 3;
    return is_open(8) ? 4 : 0;
}

static int check_none(void)
{
    launch_options.preserved_fds = NULL;
    if (launch_options_reserve_fds() || is_open(3))
        return 1;
    launch_options.preserved_fds = "0";
    return launch_options_reserve_fds() || is_open(3);
}

static int check_many(void)
{
    struct rlimit limit = { 4096, 4096 };
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max < 1100)
        return 0;
    limit.rlim_cur = 1100;
    if (setrlimit(RLIMIT_NOFILE, &limit))
        return 1;
    launch_options.preserved_fds = "1024";
    if (launch_options_reserve_fds())
        return 2;
    return is_null(3) && is_null(1026) && !is_open(1027) ? 0 : 3;
}

static int check_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return 1;
    limit.rlim_cur = 16;
    if (setrlimit(RLIMIT_NOFILE, &limit))
        return 1;
    launch_options.preserved_fds = "64";
    struct error *error = launch_options_reserve_fds();
    return !error || error->code != ERROR_SYSTEM || error->number != EMFILE;
}

static void test_holes(void **state)
{
    (void) state;
    in_child(check_holes);
}

static void test_none(void **state)
{
    (void) state;
    in_child(check_none);
}

static void test_many(void **state)
{
    (void) state;
    in_child(check_many);
    in_child(check_limit);
}

static void test_words(void **state)
{
    (void) state;
    static const char *const words[] = { "",   "x",   "-1",  "+1",   " 1",
                                         "1 ", "0x1", "1.0", "1025", "18446744073709551616" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        launch_options.preserved_fds = words[i];
        struct error *error = launch_options_reserve_fds();
        assert_non_null(error);
        assert_int_equal(error->code, ERROR_USAGE);
        error_forget(error);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "[FD1] holes are filled, what is open stays as it is", test_holes, NULL, NULL, NULL },
        { "[FD1] nothing is taken for none", test_none, NULL, NULL, NULL },
        { "many are taken, as far as the limit goes", test_many, NULL, NULL, NULL },
        { "(T24) only plain numbers count", test_words, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
