/* SPDX-License-Identifier: Apache-2.0 */
/* os/network: to another's network namespace and back, whatever came of the visit. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/error.h"
#include "os/network.h"
#include "os/pidfd.h"
#include "tests/unit/os/in_child.h"

static ino_t find_network(void)
{
    struct stat found;
    demand(stat("/proc/self/ns/net", &found) == 0);
    return found.st_ino;
}

static pid_t start_elsewhere(int *pidfd)
{
    pid_t child = fork();

    demand(child >= 0);
    if (child == 0)
        pause();
    demand(pidfd_open_process(child, pidfd) == OK);
    return child;
}

static void goes_and_returns(void)
{
    ino_t home = find_network();
    int pidfd, own = -1;

    if (geteuid() != 0)
        _exit(CHILD_SKIPS);
    demand(unshare(CLONE_NEWNET) == 0);
    ino_t there = find_network();
    pid_t child = start_elsewhere(&pidfd);
    demand(there != home && unshare(CLONE_NEWNET) == 0);
    home = find_network();

    demand(network_enter(pidfd, &own) == OK);
    demand(find_network() == there);
    demand(fcntl(own, F_GETFD) == FD_CLOEXEC);
    demand(network_return(&own, OK) == OK);
    demand(find_network() == home && own == -1);

    demand(network_enter(pidfd, &own) == OK);
    struct error *error = network_return(&own, error_new(ERROR_STATE, "of the visit"));
    demand(error && error->code == ERROR_STATE);
    error_forget(error);
    demand(find_network() == home);

    kill(child, SIGKILL);
    demand(waitpid(child, NULL, 0) == child);
    error = network_enter(pidfd, &own);
    demand(error && error->number == ESRCH && own == -1);
    error_forget(error);
    demand(find_network() == home);
}

static void goes_to_a_process_and_back(void **state)
{
    (void) state;
    in_child(goes_and_returns);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(goes_to_a_process_and_back) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/network", tests, NULL, NULL);
}
