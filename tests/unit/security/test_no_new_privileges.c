/* SPDX-License-Identifier: Apache-2.0 */
/* security/no_new_privileges: process.noNewPrivileges. */
#include <sys/prctl.h>

#include "tests/unit/process/checks.h"

#include "os/proc.h"
#include "security/no_new_privileges.h"

static void set_it(void)
{
    static const char words[] = "no new privileges was set, but the kernel says not";
    char before[4096], after[4096];
    must(proc_read_own("status", before, sizeof(before)));
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0) {
        claim_error(no_new_privileges_verify(before), ERROR_READ_BACK, words);
        claim_error(no_new_privileges_verify(NULL), ERROR_READ_BACK, words);
    }
    must(no_new_privileges_set());
    claim(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    must(no_new_privileges_set());
    must(proc_read_own("status", after, sizeof(after)));
    must(no_new_privileges_verify(after));
    must(no_new_privileges_verify(NULL));
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
