/* SPDX-License-Identifier: Apache-2.0 */
/* os/fd_pass: a descriptor in a message. */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/unit/os/in_child.h"

#include "os/fd.h"

static int ends[2];

static void open_ends(int type)
{
    assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
}

static void close_ends(void)
{
    close(ends[0]);
    close(ends[1]);
}

static bool is_same_file(int a, int b)
{
    struct stat first, second;
    return !fstat(a, &first) && !fstat(b, &second) && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* COUNT descriptors with LENGTH bytes. */
static void send_many(int count, size_t length)
{
    union {
        char bytes[CMSG_SPACE(3 * sizeof(int))];
        struct cmsghdr header;
    } control = { .bytes = "" };
    char bytes[4096] = "";
    struct iovec payload = { bytes, length };
    struct msghdr message = { .msg_iov = &payload, .msg_iovlen = 1 };

    if (count) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE((size_t) count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN((size_t) count * sizeof(int));
        memset(CMSG_DATA(rights), 0, (size_t) count * sizeof(int)); /* standard input, often */
    }
    assert_int_equal(sendmsg(ends[0], &message, 0), length);
}

static int count_open(void)
{
    int count = 0;
    for (int fd = 0; fd < 64; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void test_passes(void **state)
{
    (void) state;
    int sent = open("/dev/zero", O_RDONLY | O_CLOEXEC), got = -1;
    open_ends(SOCK_STREAM);
    assert_null(fd_send(ends[0], "/dev/pts/0", sent));
    assert_null(fd_receive(ends[1], &got));
    assert_true(got >= 0 && got != sent && is_same_file(got, sent));
    assert_int_equal(fcntl(got, F_GETFD), FD_CLOEXEC);
    close(got);
    close(sent);
    close_ends();
}

/* What an engine sees, read by hand. */
static void test_form(void **state)
{
    (void) state;
    union {
        char bytes[256];
        struct cmsghdr header;
    } control;
    char bytes[4096] = "";
    struct iovec payload = { bytes, sizeof(bytes) };
    struct msghdr message = { .msg_iov = &payload,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof(control.bytes) };
    open_ends(SOCK_STREAM);
    assert_null(fd_send(ends[0], "/dev/pts/12", 0));
    assert_int_equal(recvmsg(ends[1], &message, MSG_CMSG_CLOEXEC), 11);
    assert_string_equal(bytes, "/dev/pts/12");
    assert_int_equal(message.msg_controllen, CMSG_SPACE(sizeof(int)));
    assert_int_equal(CMSG_FIRSTHDR(&message)->cmsg_len, CMSG_LEN(sizeof(int)));
    close_ends();
}

static void test_refuses_other_messages(void **state)
{
    (void) state;
    static const struct {
        int count;
        size_t length;
    } bad[] = { { 0, 1 }, { 2, 1 }, { 3, 1 }, { 0, 4096 } };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int got = -7;
        open_ends(SOCK_STREAM);
        int before = count_open();
        send_many(bad[i].count, bad[i].length);
        struct error *error = fd_receive(ends[1], &got);
        assert_non_null(error);
        assert_int_equal(error->code, ERROR_PROTOCOL);
        error_forget(error);
        assert_int_equal(got, -7);
        assert_int_equal(count_open(), before); /* what came is closed */
        close_ends();
    }
}

static void test_end(void **state)
{
    (void) state;
    int got = -7;
    open_ends(SOCK_STREAM);
    close(ends[0]);
    struct error *error = fd_receive(ends[1], &got);
    assert_int_equal(error->code, ERROR_PROTOCOL);
    error_forget(error);
    assert_int_equal(got, -7);
    close(ends[1]);
}

/* No SIGPIPE. */
static void test_gone(void **state)
{
    (void) state;
    open_ends(SOCK_STREAM);
    close(ends[1]);
    struct error *error = fd_send(ends[0], "x", 0);
    assert_int_equal(error->number, EPIPE);
    error_forget(error);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_refuses_other_messages),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_gone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
