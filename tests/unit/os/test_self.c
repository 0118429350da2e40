/* SPDX-License-Identifier: Apache-2.0 */
/* os/self: what our own process is, against what the kernel says when it is asked directly. */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "os/self.h"
#include "tests/unit/os/in_child.h"

static void knows_the_user(void **state)
{
    (void) state;
    assert_int_equal(self_user(), geteuid());
}

/* Other code must not be misled by what it does itself: the first answer holds. */
static void keep_the_first_status(void)
{
    const char *first, *second;
    demand(!prctl(PR_SET_NAME, "before"));
    demand(!self_status(&first) && strstr(first, "Name:\tbefore\n"));
    demand(strstr(first, "\nCapBnd:\t"));
    demand(!prctl(PR_SET_NAME, "after"));
    demand(!self_status(&second) && second == first && strstr(second, "Name:\tbefore\n"));
}

static void keeps_the_first_status(void **state)
{
    (void) state;
    in_child(keep_the_first_status);
}

static void find_ignored_signals(void)
{
    uint64_t ignored = 0;
    demand(signal(SIGHUP, SIG_IGN) != SIG_ERR && signal(SIGTERM, SIG_IGN) != SIG_ERR);
    demand(signal(SIGRTMAX, SIG_IGN) != SIG_ERR && signal(SIGINT, SIG_DFL) != SIG_ERR);
    demand(signal(SIGQUIT, SIG_DFL) != SIG_ERR);
    demand(!self_ignored_signals(&ignored));
    demand(ignored >> (SIGHUP - 1) & 1 && ignored >> (SIGTERM - 1) & 1);
    demand(ignored >> (SIGRTMAX - 1) & 1);
    demand(!(ignored >> (SIGINT - 1) & 1) && !(ignored >> (SIGQUIT - 1) & 1));
}

static void finds_ignored_signals(void **state)
{
    (void) state;
    in_child(find_ignored_signals);
}

static void find_the_umask(void)
{
    mode_t mask = 0;
    umask(0137);
    demand(!self_umask(&mask) && mask == 0137 && umask(0) == 0137);
}

static void finds_the_umask(void **state)
{
    (void) state;
    in_child(find_the_umask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_user),
        cmocka_unit_test(keeps_the_first_status),
        cmocka_unit_test(finds_ignored_signals),
        cmocka_unit_test(finds_the_umask),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/self", tests, NULL, NULL);
}
