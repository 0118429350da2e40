/* SPDX-License-Identifier: Apache-2.0 */
/* security/selinux: process.selinuxLabel and linux.mountLabel.  Where SELinux is not in force all
 * labels are refused; what needs it is tested in a test machine. */
#include <string.h>
#include <sys/vfs.h>

#include "libocispec/config.h"
#include "process/keyring.h"
#include "security/label.h"
#include "security/selinux.h"
#include "tests/unit/security/labels.h"

static bool is_in_force(void)
{
    struct statfs status;
    return statfs("/sys/fs/selinux", &status) == 0 && (unsigned) status.f_type == 0xf97cff8cU;
}

static struct error *plan(const char *process_label, const char *mount_label,
                          struct selinux_plan *made)
{
    struct oci_process process = { .selinux_label = process_label };
    struct oci_linux linux_ = { .mount_label = mount_label };
    struct oci_config config = { .process = &process, .linux_ = &linux_ };
    return selinux_plan(&config, NULL, made);
}

static void plan_nothing(void)
{
    struct selinux_plan made = { "untouched", "untouched" };
    demand(!plan(NULL, "", &made));
    demand(!made.process_label && !made.mount_label);
    struct oci_config config = { 0 };
    made = (struct selinux_plan){ "untouched", "untouched" };
    demand(!selinux_plan(&config, NULL, &made));
    demand(!made.process_label && !made.mount_label);
}

static void plan_refused(void)
{
    struct selinux_plan made = { "untouched", "untouched" };
    static char longest[LABEL_MOST + 2];
    memset(longest, 'x', LABEL_MOST + 1);
    expect(plan(longest, NULL, &made), ERROR_CONFIG,
           "process.selinuxLabel: has 1025 bytes, more than 1024");
    expect(plan(NULL, "a:b\t", &made), ERROR_CONFIG,
           "linux.mountLabel: \"a:b\t\" has a control character");
    demand(!strcmp(made.process_label, "untouched") && !strcmp(made.mount_label, "untouched"));
    if (is_in_force())
        _exit(CHILD_SKIPS);
    struct error *error = plan("a:b:c", NULL, &made);
    demand(error && *error->hint && !strcmp(error->field, "process.selinuxLabel"));
    expect(error, ERROR_UNSUPPORTED,
           "process.selinuxLabel: \"a:b:c\": SELinux is not in force here");
    expect(plan(NULL, "a:b:c", &made), ERROR_UNSUPPORTED,
           "linux.mountLabel: \"a:b:c\": SELinux is not in force here");
}

static void believe_nothing(void)
{
    lie_about_labels();
    expect(selinux_apply("a:b:c"), ERROR_READ_BACK, "\"a:b:c\": the kernel says \"\"");
}

static void hint_at_unknown(void)
{
    refuse_call(SYS_lsm_set_self_attr, EINVAL);
    struct error *error = selinux_apply("a:b:c");
    demand(error && error->number == EINVAL && strstr(error->hint, "does not know this label"));
    expect(error, ERROR_SYSTEM, "`/proc/self/attr/exec` to 'a:b:c': lsm_set_self_attr");
}

static void label_a_keyring(void)
{
    bool is_kept;
    refuse_call(SYS_lsm_set_self_attr, EINVAL);
    expect(keyring_join("a:b:c", &is_kept), ERROR_SYSTEM,
           "`/proc/self/attr/keycreate` to 'a:b:c': lsm_set_self_attr");
}

/* Without SELinux keys have no label, whatever we ask for. */
static void believe_no_keyring(void)
{
    bool is_kept;
    if (is_in_force() || syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3, 0) < 0)
        _exit(CHILD_SKIPS);
    lie_about_labels();
    struct error *error = keyring_join("a:b:c", &is_kept);
    demand(error && strstr(error->text, "label"));
    error_forget(error);
}

#define TEST(name)                                                                                 \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void) state;                                                                              \
        in_child(name);                                                                            \
    }
TEST(plan_nothing)
TEST(plan_refused)
TEST(believe_nothing)
TEST(hint_at_unknown)
TEST(label_a_keyring)
TEST(believe_no_keyring)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "[P13] [ML1] without labels there is nothing to do", test_plan_nothing, NULL, NULL,
          NULL },
        { "[P13] [ML1] labels without SELinux are refused", test_plan_refused, NULL, NULL, NULL },
        { "[P13] (R12) a label that did not take is an error", test_believe_nothing, NULL, NULL,
          NULL },
        { "[P13] unknown labels have a hint", test_hint_at_unknown, NULL, NULL, NULL },
        { "[P13] (R23) a label that the keyring cannot have", test_label_a_keyring, NULL, NULL,
          NULL },
        { "[P13] (R23) a label that the keyring has not got", test_believe_no_keyring, NULL, NULL,
          NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
