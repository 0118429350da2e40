/* SPDX-License-Identifier: Apache-2.0 */
/* os/lock: who holds a lock, among others who do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/lock.h"

/* In memory, where the numbers are the same everywhere. */
static int make_file(void)
{
    int fd = memfd_create("lock", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* The same file, opened anew, so that its locks are others. */
static int open_again(int fd)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int again = open(path, O_RDWR | O_CLOEXEC);
    assert_true(again >= 0);
    return again;
}

static pid_t holder_of(int fd)
{
    pid_t holder = -7;
    assert_null(lock_find_holder(fd, &holder));
    return holder;
}

static void names_the_holder(void **state)
{
    (void) state;
    int file = make_file(), other = make_file(), pipes[2];
    char byte;
    assert_int_equal(holder_of(file), 0);
    assert_int_equal(flock(other, LOCK_EX), 0);
    assert_int_equal(holder_of(file), 0);
    assert_int_equal(holder_of(other), getpid());
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        int mine = open_again(file);
        if (flock(mine, LOCK_EX) || write(pipes[1], "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    assert_int_equal(holder_of(file), child);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(holder_of(file), 0);
    close(pipes[0]);
    close(pipes[1]);
    close(other);
    close(file);
}

/* Record locks are of another kind, and who waits holds nothing. */
static void knows_other_locks(void **state)
{
    (void) state;
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int file = make_file();
    assert_int_equal(fcntl(file, F_SETLK, &whole), 0);
    assert_int_equal(holder_of(file), 0);
    close(file);
}

/* More locks than one page of the list. */
static void finds_one_among_many(void **state)
{
    (void) state;
    enum { MANY = 900 };
    int files[MANY];
    for (int i = 0; i < MANY; i++) {
        files[i] = make_file();
        assert_int_equal(flock(files[i], LOCK_EX), 0);
    }
    for (int i = 0; i < MANY; i++)
        assert_int_equal(holder_of(files[i]), getpid());
    for (int i = 0; i < MANY; i++)
        close(files[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_holder),
        cmocka_unit_test(knows_other_locks),
        cmocka_unit_test(finds_one_among_many),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/lock", tests, NULL, NULL);
}
