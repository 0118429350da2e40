/* SPDX-License-Identifier: Apache-2.0 */
/* process/terminal: process.terminal and process.consoleSize. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "tests/unit/process/checks.h"

#include "libocispec/process.h"
#include "os/fd.h"
#include "process/terminal.h"

static const struct terminal_context attended = { .is_foreground = true };
static const struct terminal_context engine = { .console_socket = "/run/socket" };
static const struct terminal_context nobody;

static struct error *plan(bool is_wanted, uint64_t height, uint64_t width,
                          const struct terminal_context *context, struct terminal_plan *made)
{
    struct oci_console_size size = { height, width };
    struct oci_process process = { .terminal = { is_wanted, true }, .console_size = &size };
    return terminal_plan(&process, context, made);
}

static void needs_somebody(void **state) /* [P2] */
{
    (void) state;
    struct terminal_plan made = { .socket = 7 };
    assert_error(plan(true, 1, 1, &nobody, &made), ERROR_CONFIG, "process.terminal",
                 "nobody takes the terminal");
    assert_error(plan(false, 1, 1, &engine, &made), ERROR_CONFIG, "process.terminal",
                 "is not true");
    assert_error(terminal_plan(NULL, &engine, &made), ERROR_CONFIG, "process.terminal",
                 "is not true");
    assert_int_equal(made.socket, 7);
    assert_ok(terminal_plan(NULL, &nobody, &made));
    assert_false(made.is_wanted);
    assert_int_equal(made.socket, -1);
    assert_ok(plan(true, 1, 2, &engine, &made));
    assert_true(made.is_wanted && !made.is_relayed);
    assert_ok(plan(true, 1, 2, &attended, &made));
    assert_true(made.is_wanted && made.is_relayed);
    /* In the foreground an engine may take it as well. */
    assert_ok(plan(true, 1, 2, &(struct terminal_context){ "/x", true }, &made));
    assert_true(made.is_wanted && !made.is_relayed);
}

static void knows_the_size(void **state) /* [P3] [P4] [P5] [P6] */
{
    (void) state;
    struct terminal_plan made = { .socket = 7 };
    assert_ok(plan(true, 65535, 0, &engine, &made));
    assert_true(made.has_size && made.rows == 65535 && made.columns == 0);
    assert_error(plan(true, 65536, 1, &engine, &made), ERROR_CONFIG, "process.consoleSize.height",
                 "65536 is more than 65535");
    assert_error(plan(true, 1, UINT64_MAX, &engine, &made), ERROR_CONFIG,
                 "process.consoleSize.width", "18446744073709551615 is more than 65535");
    assert_ok(plan(false, 65536, UINT64_MAX, &nobody, &made));
    assert_false(made.has_size);
}

static void look_at_a_size(void)
{
    struct oci_process process = { .terminal = { true, true } };
    struct winsize size = { .ws_row = 43, .ws_col = 21 };
    struct terminal_plan made;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    claim(master >= 0 && !unlockpt(master) && !ioctl(master, TIOCSWINSZ, &size));
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    claim(slave >= 0 && dup2(slave, 0) == 0);
    must(terminal_plan(&process, &attended, &made));
    claim(made.has_size && made.rows == 43 && made.columns == 21);
    must(terminal_plan(&process, &engine, &made));
    claim(!made.has_size);
    claim(dup2(null, 0) == 0 && dup2(slave, 1) == 1);
    must(terminal_plan(&process, &attended, &made));
    claim(made.has_size && made.rows == 43);
    claim(dup2(null, 1) == 1);
    must(terminal_plan(&process, &attended, &made));
    claim(!made.has_size);
}

static void takes_the_callers_size(void **state) /* [P3] */
{
    (void) state;
    assert_in_child(look_at_a_size);
}

/* Sockets, in a directory that is the working one. */
static int listen_as(const char *name, int type, int backlog)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy(address.sun_path, name);
    int listener = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    claim(listener >= 0 && !bind(listener, (void *) &address, sizeof(address)));
    claim(type == SOCK_DGRAM || !listen(listener, backlog));
    return listener;
}

static void connect_to_many(void)
{
    int connection = -1, other = -1;
    char directory[] = "/tmp/tare-terminal-XXXXXX";
    claim(mkdtemp(directory) && !chdir(directory));
    int listener = listen_as("socket", SOCK_STREAM, 0);
    must(terminal_connect("socket", &connection));
    claim(fcntl(connection, F_GETFD) == FD_CLOEXEC);
    /* Nobody accepts: it does not wait for that. */
    claim_error(terminal_connect("./socket", &other), ERROR_SYSTEM,
                "has no room for another connection");
    close(listener);
    struct error *error = terminal_connect("socket", &other);
    claim(error && error->number == ECONNREFUSED);
    error_forget(error);
    listen_as("packets", SOCK_SEQPACKET, 1);
    listen_as("datagrams", SOCK_DGRAM, 1);
    claim_error(terminal_connect("packets", &other), ERROR_SYSTEM, "is not a stream socket");
    claim_error(terminal_connect("datagrams", &other), ERROR_SYSTEM, "is not a stream socket");
    claim_error(terminal_connect(".", &other), ERROR_SYSTEM, "is not a socket");
    error = terminal_connect("none", &other);
    claim(error && error->number == ENOENT);
    error_forget(error);
    claim(other == -1);
    unlink("socket");
    unlink("packets");
    unlink("datagrams");
    rmdir(directory);
}

static void connects_at_once_or_not_at_all(void **state)
{
    (void) state;
    assert_in_child(connect_to_many);
}

/* A root in which DEVPTS_OPTIONS make a devpts on /dev/pts; its descriptor. */
static int make_root(const char *devpts_options)
{
    claim(!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    claim(!mount("tmpfs", "/tmp", "tmpfs", 0, NULL) && !chdir("/tmp"));
    claim(!mkdir("dev", 0755) && !mkdir("dev/pts", 0755));
    claim(!devpts_options || !mount("devpts", "dev/pts", "devpts", 0, devpts_options));
    return open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void open_one(void)
{
    const struct terminal_plan wanted = { .has_size = true, .rows = 12, .columns = 34 };
    struct terminal terminal = { -1, -1, 99 };
    struct stat status, named;
    struct winsize size;
    int root = make_root("ptmxmode=666,mode=620,gid=5");
    pid_t session = setsid();
    must(terminal_open(&wanted, 1234, root, &terminal));
    claim(terminal.number == 0);
    claim(fcntl(terminal.master, F_GETFD) == FD_CLOEXEC);
    claim(fcntl(terminal.slave, F_GETFD) == FD_CLOEXEC);
    claim(!fstat(terminal.slave, &status) && !stat("dev/pts/0", &named));
    claim(status.st_dev == named.st_dev && status.st_ino == named.st_ino);
    claim(status.st_uid == 1234 && status.st_gid == 5 && (status.st_mode & 0777) == 0620);
    claim(!ioctl(terminal.slave, TIOCGWINSZ, &size) && size.ws_row == 12 && size.ws_col == 34);
    pid_t controlled = 0;
    claim(!ioctl(terminal.slave, TIOCGSID, &controlled) && controlled == session);
    struct terminal second;
    setsid();
    claim_error(terminal_open(&wanted, 0, root, &second), ERROR_SYSTEM, "the controlling terminal");
}

static void opens_one(void **state) /* [P2] [P3] */
{
    (void) state;
    need_root();
    assert_in_child(open_one);
}

static void open_too_many(void)
{
    const struct terminal_plan wanted = { 0 };
    struct terminal terminal;
    int root = make_root("ptmxmode=666,max=1");
    claim(open("dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC) >= 0);
    struct error *error = terminal_open(&wanted, 0, root, &terminal);
    claim(error && error->number == ENOSPC && strstr(error->hint, "kernel.pty.max"));
}

static void says_why_there_are_no_more(void **state)
{
    (void) state;
    need_root();
    assert_in_child(open_too_many);
}

static void open_elsewhere(void)
{
    const struct terminal_plan wanted = { 0 };
    struct terminal terminal;
    int root = make_root(NULL);
    claim_error(terminal_open(&wanted, 0, root, &terminal), ERROR_PATH,
                "/dev/pts is not on a devpts");
    claim(!mknod("dev/pts/ptmx", S_IFCHR | 0666, makedev(5, 2)));
    claim_error(terminal_open(&wanted, 0, root, &terminal), ERROR_PATH,
                "/dev/pts is not on a devpts");
    claim(!mount("devpts", "dev/pts", "devpts", 0, "ptmxmode=666"));
    int file = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    claim(file >= 0 && !mount("file", "dev/pts/ptmx", NULL, MS_BIND, NULL));
    claim_error(terminal_open(&wanted, 0, root, &terminal), ERROR_PATH,
                "/dev/pts/ptmx is not on a devpts");
}

static void takes_it_from_a_devpts_alone(void **state) /* (T15) */
{
    (void) state;
    need_root();
    assert_in_child(open_elsewhere);
}

static void hand_one_over(void)
{
    int pair[2], got = -1;
    struct stat ours, theirs;
    struct terminal terminal = { .master = open("/dev/zero", O_RDONLY | O_CLOEXEC),
                                 .slave = -1,
                                 .number = 4294967295 };
    claim(!fstat(terminal.master, &ours));
    claim(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    const struct terminal_plan wanted = { .socket = pair[0] };
    must(terminal_hand_over(&wanted, &terminal));
    claim(terminal.master == -1 && fcntl(pair[0], F_GETFD) < 0);
    must(fd_receive(pair[1], &got));
    claim(!fstat(got, &theirs) && ours.st_ino == theirs.st_ino);
    claim(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    close(pair[1]);
    const struct terminal_plan gone = { .socket = pair[0] };
    terminal.master = got;
    struct error *error = terminal_hand_over(&gone, &terminal);
    claim(error && error->number == EPIPE && strstr(error->hint, "--console-socket"));
}

static void hands_one_over(void **state)
{
    (void) state;
    assert_in_child(hand_one_over);
}

static void become_standard(void)
{
    int kept = fcntl(2, F_DUPFD_CLOEXEC, 10);
    int zero = open("/dev/zero", O_RDWR | O_CLOEXEC), number = zero;
    struct stat status;
    struct error *error = terminal_become_standard(&zero);
    bool is_standard = true;
    for (int fd = 0; fd <= 2; fd++)
        is_standard &=
            !fstat(fd, &status) && status.st_rdev == makedev(1, 5) && fcntl(fd, F_GETFD) == 0;
    dup2(kept, 2);
    must(error);
    claim(is_standard && zero == -1 && fcntl(number, F_GETFD) < 0);
}

static void becomes_standard(void **state)
{
    (void) state;
    assert_in_child(become_standard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_somebody),
        cmocka_unit_test(knows_the_size),
        cmocka_unit_test(takes_the_callers_size),
        cmocka_unit_test(connects_at_once_or_not_at_all),
        cmocka_unit_test(opens_one),
        cmocka_unit_test(says_why_there_are_no_more),
        cmocka_unit_test(takes_it_from_a_devpts_alone),
        cmocka_unit_test(hands_one_over),
        cmocka_unit_test(becomes_standard),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
