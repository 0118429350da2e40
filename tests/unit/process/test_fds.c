/* SPDX-License-Identifier: Apache-2.0 */
/* process/fds: which descriptors the process gets. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/unit/process/checks.h"

#include "process/fds.h"

static uid_t owner(int fd)
{
    struct stat status;
    claim(fstat(fd, &status) == 0);
    return status.st_uid;
}

/* 0: a pipe, 1: a socket, 2: an open file of nobody's business. */
static void give_standard(void)
{
    char file[] = "/tmp/tare-fds-XXXXXX";
    int ends[2], pair[2], plain = mkstemp(file);
    claim(plain >= 0 && unlink(file) == 0);
    claim(pipe(ends) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    int errors = dup(2);
    dup2(ends[0], 0);
    dup2(pair[0], 1);
    dup2(plain, 2);
    struct error *error = fds_own_standard(1234);
    uid_t owners[] = { owner(0), owner(1), owner(2) };
    dup2(errors, 2);
    must(error);
    claim(owners[0] == 1234);
    claim(owners[1] == 1234);
    claim(owners[2] == 0);
}

static void gives_pipes_and_sockets_alone(void **state) /* (T16) */
{
    (void) state;
    need_root();
    assert_in_child(give_standard);
}

static void give_without_right(void)
{
    int ends[2];
    claim(pipe(ends) == 0);
    dup2(ends[0], 0);
    claim(geteuid() != 0 || setresuid(1000, 1000, 1000) == 0);
    must(fds_own_standard(1234));
    claim(owner(0) != 1234);
}

static void goes_on_where_it_may_not(void **state)
{
    (void) state;
    assert_in_child(give_without_right);
}

/* Descriptors 3 to 9 are there but for 5, and 7 is ours: close-on-exec. */
static void close_others(void)
{
    for (int fd = 3; fd <= 9; fd++)
        claim(dup2(0, fd) == fd);
    close(5);
    claim(fcntl(7, F_SETFD, FD_CLOEXEC) == 0);
    must(fds_close_others(5));

    for (int fd = 3; fd <= 9; fd++) {
        int flags = fcntl(fd, F_GETFD);
        bool survives = flags >= 0 && !(flags & FD_CLOEXEC);
        claim(survives == (fd == 3 || fd == 4 || fd == 6));
    }
    must(fds_close_others(0));
    claim(fcntl(3, F_GETFD) != 0);
    claim(fcntl(2, F_GETFD) == 0);
    must(fds_close_others(UINT32_MAX));
}

static void closes_what_is_not_preserved(void **state) /* [FD1] (R9) */
{
    (void) state;
    assert_in_child(close_others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_pipes_and_sockets_alone),
        cmocka_unit_test(goes_on_where_it_may_not),
        cmocka_unit_test(closes_what_is_not_preserved),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/fds", tests, NULL, NULL);
}
