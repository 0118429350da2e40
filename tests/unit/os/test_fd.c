/* SPDX-License-Identifier: Apache-2.0 */
/* os/fd, os/fd_read: standard streams, inheritance with and without close_range(2), whole writes,
 * bounded reads. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>

#include "libocispec/arena.h"
#include "os/fd.h"
#include "os/syscalls.h"
#include "tests/unit/os/in_child.h"

static bool is_null_device(int fd)
{
    struct stat status;
    return !fstat(fd, &status) && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

static void open_missing(void)
{
    int report = fcntl(STDERR_FILENO, F_DUPFD, 10);
    close(0);
    close(1);
    close(2);
    struct error *error = fd_open_standard();
    bool is_good = !error;
    for (int fd = 0; fd < 3; fd++)
        is_good &= is_null_device(fd) && fcntl(fd, F_GETFD) == 0;
    is_good &= !fd_is_open(3) || !is_null_device(3);
    dup2(report, STDERR_FILENO);
    demand(is_good);
}

static void open_one_missing(void)
{
    int pipe_ends[2];
    demand(!pipe(pipe_ends));
    demand(dup2(pipe_ends[0], 0) == 0);
    close(1);
    struct stat before, after;
    demand(!fstat(0, &before));
    demand(!fd_open_standard());
    demand(!fstat(0, &after) && before.st_ino == after.st_ino);
    demand(is_null_device(1) && !is_null_device(0));
}

static void opens_standard_streams(void **state)
{
    (void) state;
    in_child(open_missing);
    in_child(open_one_missing);
}

static void tells_whether_open(void **state)
{
    (void) state;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(fd_is_open(fd));
    close(fd);
    assert_false(fd_is_open(fd));
    assert_false(fd_is_open(-1));
}

static void lets_inherit(void **state)
{
    (void) state;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_null(fd_inherit(fd));
    assert_int_equal(fcntl(fd, F_GETFD), 0);
    close(fd);
    struct error *error = fd_inherit(fd);
    assert_non_null(error);
    assert_true(error_forget_if(error, EBADF));
}

static void mark_from_50(void)
{
    demand(dup2(0, 49) == 49 && dup2(0, 50) == 50 && dup2(0, 77) == 77);
    demand(!fd_inherit_none_from(50));
    demand(fcntl(49, F_GETFD) == 0);
    demand(fcntl(50, F_GETFD) == FD_CLOEXEC);
    demand(fcntl(77, F_GETFD) == FD_CLOEXEC);
    demand(!fd_is_open(60));
}

static void mark_from_50_before_5_11(void)
{
    refuse_call(SYS_close_range, EINVAL);
    mark_from_50();
}

static void mark_from_50_before_5_9(void)
{
    refuse_call(SYS_close_range, ENOSYS);
    mark_from_50();
}

static void mark_from_50_in_a_sandbox(void)
{
    refuse_call(SYS_close_range, EPERM);
    mark_from_50();
}

static void mark_above_the_limit(void)
{
    struct rlimit low;
    demand(dup2(0, 500) == 500 && dup2(0, 49) == 49 && !getrlimit(RLIMIT_NOFILE, &low));
    low.rlim_cur = 60;
    demand(!setrlimit(RLIMIT_NOFILE, &low));
    refuse_call(SYS_close_range, EINVAL);
    demand(!fd_inherit_none_from(50));
    demand(fcntl(500, F_GETFD) == FD_CLOEXEC && fcntl(49, F_GETFD) == 0);
}

static void fail_to_mark(void)
{
    refuse_call(SYS_close_range, ENOMEM);
    demand(error_forget_if(fd_inherit_none_from(50), ENOMEM));
}

static void lets_nothing_else_be_inherited(void **state)
{
    (void) state;
    in_child(mark_from_50);
    in_child(mark_from_50_before_5_11);
    in_child(mark_from_50_before_5_9);
    in_child(mark_from_50_in_a_sandbox);
    in_child(mark_above_the_limit);
    in_child(fail_to_mark);
}

enum { MUCH = 1 << 20 };

/* So many that a slow machine, on which each takes longer than the pause to the next, comes to the
 * end; setitimer(2) is but a system call. */
static void count_alarm(int signal)
{
    static int left = 100;
    const struct itimerval never = { 0 };
    (void) signal;
    if (!--left)
        setitimer(ITIMER_REAL, &never, NULL);
}

/* A reader that is slow while signals come: short writes and EINTR. */
static void write_much(void)
{
    int ends[2];
    demand(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    char *bytes = malloc(MUCH);
    demand(bytes);
    for (int i = 0; i < MUCH; i++)
        bytes[i] = (char) (i * 7 + i / 251);

    pid_t reader = fork();
    demand(reader >= 0);
    if (reader == 0) {
        close(ends[0]);
        char *copy = malloc(MUCH);
        size_t used = 0;
        ssize_t got;
        while (copy && (got = read(ends[1], copy + used, MUCH - used)) > 0) {
            used += (size_t) got;
            usleep(500);
        }
        bool is_same = used == MUCH && memcmp(copy, bytes, MUCH) == 0;
        free(copy);
        _exit(!is_same);
    }
    struct sigaction action = { .sa_handler = count_alarm };
    const struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
    demand(!sigaction(SIGALRM, &action, NULL) && !setitimer(ITIMER_REAL, &often, NULL));
    demand(!fd_write_all(ends[0], bytes, MUCH));
    const struct itimerval never = { 0 };
    demand(!setitimer(ITIMER_REAL, &never, NULL));
    close(ends[0]);
    int status;
    demand(waitpid(reader, &status, 0) == reader && status == 0);
    free(bytes);
}

static void writes_all(void **state)
{
    (void) state;
    in_child(write_much);
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct error *error = fd_write_all(fd, "x", 1);
    assert_non_null(error);
    assert_int_equal(error->number, EBADF);
    error_forget(error);
    assert_null(fd_write_all(fd, "", 0));
    close(fd);
}

/* The read end of a pipe that holds TEXT and then ends. */
static int pipe_of(const char *text, size_t length)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], text, length), length);
    close(ends[1]);
    return ends[0];
}

static void reads_small_files(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        size_t size;
        const char *expected;
    } rows[] = { { "", 8, "" },
                 { "abc", 8, "abc" },
                 { "abcdefg", 8, "abcdefg" },
                 { "abcdefgh", 8, "abcdefg" },
                 { "abc", 1, "" } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char buffer[16];
        memset(buffer, '!', sizeof(buffer));
        int fd = pipe_of(rows[i].text, strlen(rows[i].text));
        assert_null(fd_read_small(fd, buffer, rows[i].size));
        assert_string_equal(buffer, rows[i].expected);
        assert_int_equal(buffer[rows[i].size], '!');
        close(fd);
    }
    char buffer[8];
    int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct error *error = fd_read_small(directory, buffer, sizeof(buffer));
    assert_non_null(error);
    assert_true(error_forget_if(error, EISDIR));
    close(directory);
}

static char range[131072] __attribute__((aligned(16)));

static struct arena fresh_arena(size_t size)
{
    memset(range, 0, sizeof(range));
    return (struct arena){ .base = range, .size = size };
}

static void check_whole(int fd, off_t size, const char *expected, size_t length)
{
    const struct fd_file file = { fd, size };
    struct arena arena = fresh_arena(sizeof(range));
    const char *text = NULL;
    size_t found = 0;
    assert_null(fd_read_file(&file, length, &arena, &text, &found));
    assert_int_equal(found, length);
    assert_memory_equal(text, expected, length);
    assert_int_equal(text[length], '\0');
    close(fd);
}

static int file_of(const char *text, size_t length)
{
    int fd = memfd_create("text", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void reads_whole_files(void **state)
{
    (void) state;
    static char text[20000];
    static const size_t lengths[] = { 0, 1, 4094, 4095, 4096, 4097, 8191, 8192, 20000 };
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char) (i % 251);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        off_t length = (off_t) lengths[i];
        check_whole(file_of(text, lengths[i]), length, text, lengths[i]);
        check_whole(file_of(text, lengths[i]), length / 2, text, lengths[i]); /* it has grown */
        check_whole(file_of(text, lengths[i]), length + 5000, text, lengths[i]);
        check_whole(pipe_of(text, lengths[i]), 0, text, lengths[i]);
    }

    struct arena arena = fresh_arena(sizeof(range));
    const char *one;
    const struct fd_file file = { .fd = pipe_of("abc", 3) };
    assert_null(fd_read_file(&file, 1000000, &arena, &one, NULL));
    assert_string_equal(one, "abc");
    close(file.fd);
}

static void refuses_long_files(void **state)
{
    (void) state;
    static const char text[10000] = "x";
    for (size_t most = 0; most < sizeof(text); most += 1111) {
        const struct fd_file files[] = {
            { file_of(text, sizeof(text)), sizeof(text) },
            { pipe_of(text, most + 1), 0 },
        };
        for (int i = 0; i < 2; i++) {
            struct arena arena = fresh_arena(sizeof(range));
            const char *read = "untouched";
            size_t length = 77;
            struct error *error = fd_read_file(&files[i], most, &arena, &read, &length);
            assert_non_null(error);
            assert_true(error_forget_if(error, EFBIG));
            assert_string_equal(read, "untouched");
            assert_int_equal(length, 77);
            close(files[i].fd);
        }
    }
}

static void says_when_the_arena_is_full(void **state)
{
    (void) state;
    static const char text[10000] = "x";
    const struct fd_file files[] = {
        { file_of(text, sizeof(text)), sizeof(text) },
        { pipe_of(text, sizeof(text)), 0 },
    };
    for (int i = 0; i < 2; i++) {
        struct arena arena = fresh_arena(9000);
        const char *read = NULL;
        struct error *error = fd_read_file(&files[i], 1 << 20, &arena, &read, NULL);
        assert_non_null(error);
        assert_int_equal(error->code, ERROR_MEMORY);
        error_forget(error);
        close(files[i].fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_standard_streams),
        cmocka_unit_test(tells_whether_open),
        cmocka_unit_test(lets_inherit),
        { "lets nothing else be inherited (R9)", lets_nothing_else_be_inherited, NULL, NULL, NULL },
        cmocka_unit_test(writes_all),
        cmocka_unit_test(reads_small_files),
        cmocka_unit_test(reads_whole_files),
        cmocka_unit_test(refuses_long_files),
        cmocka_unit_test(says_when_the_arena_is_full),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
