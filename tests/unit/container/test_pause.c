/* SPDX-License-Identifier: Apache-2.0 */
/* container/pause, of a container whose cgroup is removed at that moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/container.h"
#include "os/pidfd.h"

static struct container container;
static pid_t init;

/* A child of the test plays init.  Nobody has such a cgroup. */
static int make(void **state)
{
    (void) state;
    init = fork();
    if (init == 0)
        for (;;)
            pause();
    container = (struct container){
        .record = { .cgroup_mount = "/nowhere", .cgroup_path = "/none" },
        .entry = { .directory = -1 },
        .pidfd = -1,
    };
    struct error *error = pidfd_open_process(init, &container.pidfd);
    error_forget(error);
    return error ? -1 : 0;
}

static int end(void **state)
{
    (void) state;
    close(container.pidfd);
    kill(init, SIGKILL);
    waitpid(init, NULL, 0);
    return 0;
}

static void assert_fails(struct error *error, enum error_code code, int number)
{
    assert_non_null(error);
    assert_int_equal(error->code, code);
    assert_int_equal(error->number, number);
    if (code == ERROR_STATE)
        assert_string_equal(error->text, "container not running");
    error_forget(error);
}

static void fails_both_ways(enum error_code code, int number)
{
    container.status = CONTAINER_RUNNING;
    assert_fails(container_pause(&container), code, number);
    container.status = CONTAINER_PAUSED;
    assert_fails(container_resume(&container), code, number);
}

static void goes_with_its_container(void **state)
{
    (void) state;
    kill(init, SIGKILL);
    fails_both_ways(ERROR_STATE, 0);
}

static void goes_alone(void **state)
{
    (void) state;
    fails_both_ways(ERROR_CGROUP, ENOENT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "its end is told, not that of its cgroup", goes_with_its_container, make, end, NULL },
        { "of one that lives, the cgroup is missed", goes_alone, make, end, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("container/pause", tests, NULL, NULL);
}
