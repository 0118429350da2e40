/* SPDX-License-Identifier: Apache-2.0 */
/* os/self: what our own process is, against what the kernel says when it is asked directly. */
#include <grp.h>
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

/* Who has so many that the file is longer than what is read of it. */
static void join_many_groups(void)
{
    enum { MANY = 1000 };
    gid_t groups[MANY];
    const char *status;

    for (unsigned i = 0; i < MANY; i++)
        groups[i] = 4000000000U + i;
    if (setgroups(MANY, groups))
        _exit(CHILD_SKIPS);
    demand(!self_status(&status) && !strstr(status, "\nSigIgn:"));
}

static void find_all_behind_many_groups(void)
{
    umask(0137);
    join_many_groups();
    find_ignored_signals();
    find_the_umask();
}

static void finds_all_behind_many_groups(void **state)
{
    (void) state;
    in_child(find_all_behind_many_groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_user),
        cmocka_unit_test(keeps_the_first_status),
        cmocka_unit_test(finds_ignored_signals),
        cmocka_unit_test(finds_the_umask),
        cmocka_unit_test(finds_all_behind_many_groups),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/self", tests, NULL, NULL);
}
