/* SPDX-License-Identifier: Apache-2.0 */
/* security/apparmor: process.apparmorProfile. */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "libocispec/process.h"
#include "security/apparmor.h"
#include "tests/unit/security/labels.h"

/* On /sys/module, in the child's own mount namespace: ENABLED is "Y\n", "N\n", or NULL. */
static void fake(const char *enabled)
{
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("tare", "/sys/module", "tmpfs", 0, NULL))
        _exit(CHILD_SKIPS);
    if (!enabled)
        return;
    demand(!mkdir("/sys/module/apparmor", 0700) && !mkdir("/sys/module/apparmor/parameters", 0700));
    int fd = open("/sys/module/apparmor/parameters/enabled", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    demand(write(fd, enabled, strlen(enabled)) == (ssize_t) strlen(enabled));
    close(fd);
}

static struct error *plan(const char *name, const char **profile)
{
    struct oci_process process = { .apparmor_profile = name };
    return apparmor_plan(&process, profile);
}

static void expect_plan(const char *name, const char *expected)
{
    const char *profile = "untouched";
    demand(!plan(name, &profile));
    demand(expected ? profile && !strcmp(profile, expected) : !profile);
}

static void plan_in_force(void)
{
    const char *profile = "untouched";
    fake("Y\n");
    expect_plan(NULL, NULL);
    expect_plan("", NULL);
    expect_plan("docker-default", "docker-default");
    expect_plan("/usr/bin/with space", "/usr/bin/with space");
    expect_plan("unconfined", "unconfined");
    expect_plan("unconfined_foo", "unconfined_foo");
    expect(plan("a\nb", &profile), ERROR_CONFIG,
           "process.apparmorProfile: \"a\nb\" has a control character");
    demand(!strcmp(profile, "untouched"));
}

static void plan_without(const char *enabled)
{
    const char *profile = "untouched";
    fake(enabled);
    expect_plan(NULL, NULL);
    expect_plan("", NULL);
    expect_plan("unconfined", NULL);
    struct error *error = plan("unconfined_foo", &profile);
    demand(error && *error->hint && !strcmp(error->field, "process.apparmorProfile"));
    expect(error, ERROR_UNSUPPORTED,
           "process.apparmorProfile: \"unconfined_foo\": AppArmor is not in force here");
    expect(plan("unconfine", &profile), ERROR_UNSUPPORTED,
           "process.apparmorProfile: \"unconfine\": AppArmor is not in force here");
    demand(!strcmp(profile, "untouched"));
}

static void plan_switched_off(void)
{
    plan_without("N\n");
}

static void plan_not_built(void)
{
    plan_without(NULL);
}

static void believe_nothing(void)
{
    lie_about_labels();
    expect(apparmor_apply("docker-default"), ERROR_READ_BACK,
           "\"docker-default\": the kernel says \"\"");
    expect(apparmor_apply(":ns:profile"), ERROR_READ_BACK, "\":ns:profile\": the kernel says \"\"");
}

static void hint_at_unknown(void)
{
    refuse_call(SYS_lsm_set_self_attr, ENOENT);
    struct error *error = apparmor_apply("none");
    demand(error && error->number == ENOENT && strstr(error->hint, "apparmor_parser"));
    expect(error, ERROR_SYSTEM,
           "`/proc/self/attr/apparmor/exec` to 'exec none': lsm_set_self_attr");
}

static void hint_at_denied(void)
{
    refuse_call(SYS_lsm_set_self_attr, EACCES);
    struct error *error = apparmor_apply("none");
    demand(error && error->number == EACCES && strstr(error->hint, "change_profile"));
    error_forget(error);
}

#define TEST(name)                                                                                 \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void) state;                                                                              \
        in_child(name);                                                                            \
    }
TEST(plan_in_force)
TEST(plan_switched_off)
TEST(plan_not_built)
TEST(believe_nothing)
TEST(hint_at_unknown)
TEST(hint_at_denied)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "[P12] profiles where AppArmor is in force", test_plan_in_force, NULL, NULL, NULL },
        { "[P12] where it is switched off, only \"unconfined\"", test_plan_switched_off, NULL, NULL,
          NULL },
        { "[P12] where it is not there, only \"unconfined\"", test_plan_not_built, NULL, NULL,
          NULL },
        { "[P12] (R12) a profile that did not take is an error", test_believe_nothing, NULL, NULL,
          NULL },
        { "[P12] unknown profiles have a hint", test_hint_at_unknown, NULL, NULL, NULL },
        { "[P12] refused profiles have a hint", test_hint_at_denied, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
