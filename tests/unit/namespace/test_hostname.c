/* SPDX-License-Identifier: Apache-2.0 */
/* namespace/hostname: hostname and domainname. */
#include <sched.h>
#include <sys/utsname.h>

#include "tests/unit/process/checks.h"

#include "libocispec/config.h"
#include "namespace/hostname.h"

#define SIXTY_FOUR "0123456789012345678901234567890123456789012345678901234567890123"

static void plans_both(void **state) /* [HN1] [DN1] */
{
    (void) state;
    struct oci_config config = { .hostname = SIXTY_FOUR, .domainname = "example" };
    struct hostname_plan plan;
    assert_ok(hostname_plan(&config, CLONE_NEWUTS | CLONE_NEWPID, &plan));
    assert_string_equal(plan.hostname, SIXTY_FOUR);
    assert_string_equal(plan.domainname, "example");

    config = (struct oci_config){ 0 };
    assert_ok(hostname_plan(&config, 0, &plan));
    assert_null(plan.hostname);
    assert_null(plan.domainname);
}

static void refuses_long_names(void **state) /* [HN1] [DN1] */
{
    (void) state;
    struct hostname_plan plan;
    struct oci_config config = { .hostname = SIXTY_FOUR "4" };
    assert_error(hostname_plan(&config, CLONE_NEWUTS, &plan), ERROR_CONFIG, "hostname", "65 bytes");
    config = (struct oci_config){ .domainname = SIXTY_FOUR "4" };
    assert_error(hostname_plan(&config, CLONE_NEWUTS, &plan), ERROR_CONFIG, "domainname",
                 "65 bytes");
}

static void refuses_to_rename_the_host(void **state) /* [HN1] [DN1] */
{
    (void) state;
    struct hostname_plan plan;
    struct oci_config config = { .hostname = "x" };
    assert_error(hostname_plan(&config, ~(unsigned long long) CLONE_NEWUTS, &plan), ERROR_CONFIG,
                 "hostname", "needs a new uts namespace");
    config = (struct oci_config){ .domainname = "x" };
    assert_error(hostname_plan(&config, 0, &plan), ERROR_CONFIG, "domainname",
                 "needs a new uts namespace");
}

static void set_names(void)
{
    struct utsname before, names;
    claim(unshare(CLONE_NEWUTS) == 0 && uname(&before) == 0);
    must(hostname_apply(&(struct hostname_plan){ 0 }));
    claim(uname(&names) == 0 && memcmp(&before, &names, sizeof(names)) == 0);
    must(hostname_apply(&(struct hostname_plan){ SIXTY_FOUR, "example.org" }));
    claim(uname(&names) == 0);
    claim(text_equal(names.nodename, SIXTY_FOUR));
    claim(text_equal(names.domainname, "example.org"));
    must(hostname_apply(&(struct hostname_plan){ .hostname = "" }));
    claim(uname(&names) == 0 && names.nodename[0] == '\0');
    claim(text_equal(names.domainname, "example.org"));
    claim_error(hostname_apply(&(struct hostname_plan){ .domainname = SIXTY_FOUR "4" }),
                ERROR_SYSTEM, "domainname \"0123");
}

static void applies_both(void **state)
{
    (void) state;
    need_root();
    assert_in_child(set_names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_both),
        cmocka_unit_test(refuses_long_names),
        cmocka_unit_test(refuses_to_rename_the_host),
        cmocka_unit_test(applies_both),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("namespace/hostname", tests, NULL, NULL);
}
