/* SPDX-License-Identifier: Apache-2.0 */
/* process/keyring: the session keyring. */
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/syscall.h>

#include "tests/unit/process/checks.h"

#include "process/keyring.h"
#include "process/user.h"

static char name[64];

static long session(void)
{
    return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0, 0, 0);
}

static const char *describe(char *text, size_t size)
{
    memset(text, 0, size);
    syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, size - 1, 0);
    return text;
}

static int make_name(void **state)
{
    (void) state;
    snprintf(name, sizeof(name), "tare-test-%d", getpid());
    return 0;
}

/* Tried in a child, so that the keyring of the tests stays. */
static bool has_keyrings(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) < 0);
    int status = -1;
    waitpid(pid, &status, 0);
    return status == 0;
}

static void join_twice(void)
{
    char text[256];
    long before = session();
    must(keyring_join(name));
    long first = session();
    claim(first != before);
    claim(text_ends(describe(text, sizeof(text)), name));
    must(keyring_join(name));
    claim(session() != first);
    claim(text_ends(describe(text, sizeof(text)), name));
}

static void joins_a_new_one_each_time(void **state) /* (R23) */
{
    (void) state;
    if (!has_keyrings())
        skip();
    assert_in_child(join_twice);
}

/* Another user makes a keyring of that name which anybody may search, and waits. */
static pid_t lay_trap(long *serial)
{
    int pipe_ends[2];
    claim(pipe(pipe_ends) == 0);
    pid_t pid = fork();
    if (pid > 0) {
        claim(read(pipe_ends[0], serial, sizeof(*serial)) == sizeof(*serial));
        return pid;
    }
    must(user_apply(&(struct user_plan){ .uid = 1000, .gid = 1000, .umask = 022 }));
    long made = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name, 0, 0, 0);
    claim(made > 0);
    claim(syscall(SYS_keyctl, KEYCTL_SETPERM, made, 0x3f3f3f3f, 0, 0) == 0);
    claim(write(pipe_ends[1], &made, sizeof(made)) == sizeof(made));
    pause();
    _exit(0);
}

static void walk_past_trap(void)
{
    long trap = -1;
    pid_t pid = lay_trap(&trap);
    /* Joining by name alone would fall into it. */
    bool is_trap = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name, 0, 0, 0) == trap;
    struct error *error = keyring_join(name);
    long got = session();
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    must(error);
    claim(is_trap);
    claim(got != trap);
}

static void takes_nobody_elses(void **state)
{
    (void) state;
    need_root();
    if (!has_keyrings())
        skip();
    assert_in_child(walk_past_trap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_a_new_one_each_time),
        cmocka_unit_test(takes_nobody_elses),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/keyring", tests, make_name, NULL);
}
