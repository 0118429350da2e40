/* SPDX-License-Identifier: Apache-2.0 */
/* os/lsm: attributes of security modules, by the system calls or by files.  No module needs to be
 * in force: what the kernel answers is then refused, or is answered in its place. */
#include <stdbool.h>
#include <string.h>

#include "os/lsm.h"
#include "os/syscalls.h"
#include "tests/unit/os/in_child.h"

static void expect(struct error *error, const char *words)
{
    if (!error || !strstr(error->text, words))
        dprintf(STDERR_FILENO, "# \"%s\" is not in \"%s\"\n", words, error ? error->text : "");
    demand(error && strstr(error->text, words));
    error_forget(error);
}

static bool is_unknown(struct error *error)
{
    bool is_so = error && (error->number == ENOENT || error->number == EINVAL);
    error_forget(error);
    return is_so;
}

/* What podman looks for is "`/proc/self/attr/...exec`". */
static void name_the_file(void)
{
    expect(lsm_set(LSM_APPARMOR_EXEC, "exec tare-test-none"),
           "`/proc/self/attr/apparmor/exec` to 'exec tare-test-none': ");
    expect(lsm_set(LSM_SELINUX_EXEC, "tare-test:none"),
           "`/proc/self/attr/exec` to 'tare-test:none': ");
    expect(lsm_set(LSM_SELINUX_KEYCREATE, "tare-test:none"), "`/proc/self/attr/keycreate` to ");
}

static void fall_back_to_files(void)
{
    char path[96];
    refuse_call(SYS_lsm_set_self_attr, ENOSYS);
    name_the_file();
    snprintf(path, sizeof(path), "/proc/%d/attr/apparmor/exec", getpid());
    expect(lsm_set(LSM_APPARMOR_EXEC, "exec tare-test-none"), path);
    demand(is_unknown(lsm_set(LSM_APPARMOR_EXEC, "exec tare-test-none")));
}

static void do_not_fall_back_from_an_answer(void)
{
    refuse_call(SYS_lsm_set_self_attr, ENOENT);
    expect(lsm_set(LSM_APPARMOR_EXEC, "exec x"), "'exec x': lsm_set_self_attr");
    refuse_call(SYS_lsm_get_self_attr, EINVAL);
    char text[64] = "untouched";
    expect(lsm_get(LSM_APPARMOR_EXEC, text, sizeof(text)),
           "read `/proc/self/attr/apparmor/exec`: lsm_get_self_attr");
    demand(!strcmp(text, "untouched"));
}

/* An answer without a value. */
static void read_nothing(void)
{
    char text[64] = "overwritten";
    refuse_call(SYS_lsm_get_self_attr, 0);
    demand(!lsm_get(LSM_SELINUX_EXEC, text, sizeof(text)));
    demand(!strcmp(text, ""));
}

static void refuse_long_values(void)
{
    static char value[LSM_VALUE_SIZE + 1];
    memset(value, 'x', LSM_VALUE_SIZE);
    expect(lsm_set(LSM_SELINUX_EXEC, value), "2048 bytes are too many for `/proc/self/attr/exec`");
}

#define TEST(name)                                                                                 \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void) state;                                                                              \
        in_child(name);                                                                            \
    }
TEST(name_the_file)
TEST(fall_back_to_files)
TEST(do_not_fall_back_from_an_answer)
TEST(read_nothing)
TEST(refuse_long_values)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "[E0.7.5] (R12) errors name the file", test_name_the_file, NULL, NULL, NULL },
        { "(R12) (R3) without the calls, files", test_fall_back_to_files, NULL, NULL, NULL },
        { "what a module answers is final", test_do_not_fall_back_from_an_answer, NULL, NULL,
          NULL },
        { "an attribute that is not set is empty", test_read_nothing, NULL, NULL, NULL },
        { "values are bounded", test_refuse_long_values, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
