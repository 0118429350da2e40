/* SPDX-License-Identifier: Apache-2.0 */
/* process/keyring: the session keyring. */
#include <linux/keyctl.h>
#include <sys/syscall.h>

#include "tests/unit/process/checks.h"

#include "process/keyring.h"

static long session(void)
{
    return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0, 0, 0);
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
    bool is_kept = true;
    long before = session();
    must(keyring_join(NULL, &is_kept));
    claim(!is_kept);
    long first = session();
    claim(first != before);
    must(keyring_join(NULL, &is_kept));
    claim(!is_kept);
    claim(session() != first);
}

static void joins_a_new_one_each_time(void **state) /* (R23) */
{
    (void) state;
    if (!has_keyrings())
        skip();
    assert_in_child(join_twice);
}

/* A key of the caller's session is not to be found from the new one. */
static void look_for_a_key(void)
{
    bool is_kept = true;
    claim(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) > 0);
    claim(syscall(SYS_add_key, "user", "tare-secret", "x", 1, KEY_SPEC_SESSION_KEYRING) > 0);
    claim(syscall(SYS_request_key, "user", "tare-secret", NULL, 0) > 0);
    must(keyring_join(NULL, &is_kept));
    claim(!is_kept);
    claim(syscall(SYS_request_key, "user", "tare-secret", NULL, 0) < 0);
}

static void leaves_the_keys_of_the_caller(void **state)
{
    (void) state;
    if (!has_keyrings())
        skip();
    assert_in_child(look_for_a_key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_a_new_one_each_time),
        cmocka_unit_test(leaves_the_keys_of_the_caller),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/keyring", tests, NULL, NULL);
}
