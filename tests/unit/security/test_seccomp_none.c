/* SPDX-License-Identifier: Apache-2.0 */
/* security/seccomp_none: what a build without libseccomp answers, tested in every build. */
#include "tests/unit/process/checks.h"

#include "libocispec/seccomp.h"
#include "security/seccomp_none.c"

static void refuses_every_filter(void **state) /* [S1] */
{
    (void) state;
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ALLOW };
    struct seccomp_plan made = { .length = 7 };
    struct error *error = seccomp_plan(&seccomp, false, fresh_arena(), &made);
    assert_non_null(error);
    assert_string_equal(error->hint, "leave it out if the program may make every system call");
    assert_error(error, ERROR_UNSUPPORTED, "linux.seccomp", "built without libseccomp");
    assert_int_equal(made.length, 7);
}

static void has_none_where_none_is_asked_for(void **state)
{
    (void) state;
    struct seccomp_plan made = { .length = 7 };
    assert_ok(seccomp_plan(NULL, false, fresh_arena(), &made));
    assert_true(!made.program && !made.length);
}

static void claims_nothing(void **state) /* [F10] */
{
    (void) state;
    struct oci_f_seccomp features;
    assert_ok(seccomp_describe(fresh_arena(), &features));
    assert_true(features.enabled.present && !features.enabled.value);
    assert_true(!features.actions.v && !features.archs.v && !features.supported_flags.v);
    assert_null(seccomp_library_version(fresh_arena()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_every_filter),
        cmocka_unit_test(has_none_where_none_is_asked_for),
        cmocka_unit_test(claims_nothing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("security/seccomp_none", tests, NULL, NULL);
}
