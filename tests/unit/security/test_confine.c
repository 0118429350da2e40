/* SPDX-License-Identifier: Apache-2.0 */
/* security/confine: what a relay of ours can still do. */
#include "tests/unit/os/in_child.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "os/syscalls.h"
#include "security/confine.h"
#include "security/no_new_privileges.h"

static void stay_at_work(void)
{
    char byte = 'x';
    int ends[2];
    demand(!pipe2(ends, O_CLOEXEC));
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    demand(zero >= 0);
    demand(!confine_relay());

    struct pollfd event = { .fd = ends[0], .events = POLLIN };
    demand(write(ends[1], &byte, 1) == 1);
    demand(poll(&event, 1, 20000) == 1);
    demand(read(ends[0], &byte, 1) == 1);
    demand(pread(zero, &byte, 1, 0) == 1 && !byte);
    char *memory = malloc(1 << 24);
    demand(memory);
    memory[1 << 20] = 1;
    free(memory);
    demand(!close(ends[0]));
}

static void goes_on_reading_and_writing(void **state) /* R24 */
{
    (void) state;
    in_child(stay_at_work);
}

/* What a build checks as it runs has no filter. */
static bool is_filtered(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0;
}

static void reach_out(void)
{
    demand(!confine_relay());
    if (!is_filtered())
        _exit(CHILD_SKIPS);
    demand(open("/dev/null", O_RDONLY | O_CLOEXEC) < 0);
    demand(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 && errno == EPERM);
    demand(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) < 0 && errno == EPERM);
    demand(execl("/bin/true", "true", NULL) < 0 && errno == EPERM);
    demand(kill(1, 0) < 0 && errno == EPERM);
    demand(umount2("/", 0) < 0);
}

static void reaches_nothing_else(void **state)
{
    (void) state;
    in_child(reach_out);
}

static void need_landlock(void)
{
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 0)
        _exit(CHILD_SKIPS);
}

static void name_files(void)
{
    need_landlock();
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    demand(root >= 0);
    demand(!no_new_privileges_set());
    demand(!confine_files());
    demand(open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
    demand(openat(root, "dev/null", O_WRONLY | O_CLOEXEC) < 0 && errno == EACCES);
    demand(mkdir("/tmp/tare-test-confine", 0700) < 0 && errno == EACCES);
    demand(execl("/bin/true", "true", NULL) < 0 && errno == EACCES);
}

/* Alone: the filter of system calls lets none of them get so far. */
static void names_no_file(void **state) /* R24 */
{
    (void) state;
    in_child(name_files);
}

/* The filter is refused; what a build checks as it runs asks for none, and keeps its files. */
static void name_files_unfiltered(void)
{
    need_landlock();
    demand(!no_new_privileges_set());
    refuse_call(SYS_prctl, EBUSY);
    struct error *error = confine_reach();
    if (!error)
        _exit(CHILD_SKIPS);
    demand(error->number == EBUSY);
    demand(open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
}

static void names_no_file_without_the_filter_either(void **state) /* R24 */
{
    (void) state;
    in_child(name_files_unfiltered);
}

static void show_status(void)
{
    bool is_plain = geteuid();
    char status[4096];
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    demand(file >= 0);
    demand(!confine_relay());
    ssize_t length = pread(file, status, sizeof(status) - 1, 0);
    demand(length > 0);
    status[length] = '\0';
    demand(strstr(status, "\nCapPrm:\t0000000000000000\n"));
    demand(strstr(status, "\nCapEff:\t0000000000000000\n"));
    demand(is_plain || strstr(status, "\nCapBnd:\t0000000000000000\n"));
    demand(strstr(status, "\nNoNewPrivs:\t1\n"));
}

static void has_no_rights_left(void **state)
{
    (void) state;
    in_child(show_status);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_reading_and_writing),
        cmocka_unit_test(reaches_nothing_else),
        cmocka_unit_test(names_no_file),
        cmocka_unit_test(names_no_file_without_the_filter_either),
        cmocka_unit_test(has_no_rights_left),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("security/confine", tests, NULL, NULL);
}
