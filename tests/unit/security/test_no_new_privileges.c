/* SPDX-License-Identifier: Apache-2.0 */
/* security/no_new_privileges: process.noNewPrivileges. */
#include <sys/prctl.h>

#include "tests/unit/process/checks.h"

#include "security/no_new_privileges.h"

static void set_it(void)
{
    must(no_new_privileges_set());
    claim(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    must(no_new_privileges_set());
}

static void sets_it(void **state) /* [P14] */
{
    (void) state;
    assert_in_child(set_it);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sets_it) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("security/no_new_privileges", tests, NULL, NULL);
}
