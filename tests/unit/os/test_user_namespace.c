/* SPDX-License-Identifier: Apache-2.0 */
/* os/user_namespace: what /proc says of ours. */
#include "tests/unit/os/in_child.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>

#include "base/cleanup.h"
#include "libocispec/arena.h"
#include "os/user_namespace.h"

static char memory[1 << 14];
static struct arena arena = { memory, sizeof(memory), 0 };

static void put(const char *path, const char *text)
{
    auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        _exit(CHILD_SKIPS);
}

static void be_nested(void)
{
    const struct id_range *ranges = NULL;
    uint32_t count = 7;
    if (unshare(CLONE_NEWUSER))
        _exit(CHILD_SKIPS);
    demand(!user_namespace_is_initial());
    demand(!user_namespace_read_gids(&arena, &ranges, &count) && count == 0);
    put("/proc/self/setgroups", "deny");
    put("/proc/self/gid_map", "7 0 1");
    demand(!user_namespace_read_gids(&arena, &ranges, &count));
    demand(count == 1 && ranges[0].first == 7 && ranges[0].count == 1);
}

static void knows_a_nested_one(void **state)
{
    (void) state;
    in_child(be_nested);
}

/* A map of every id to itself does not make it the initial one. */
static void be_nested_with_all_ids(void)
{
    int ready[2];
    char byte;
    demand(!pipe2(ready, O_CLOEXEC));
    pid_t child = fork();
    demand(child >= 0);
    if (!child) {
        char path[64];
        demand(read(ready[0], &byte, 1) == 1);
        snprintf(path, sizeof(path), "/proc/%d/uid_map", getppid());
        put(path, "0 0 4294967295");
        _exit(0);
    }
    int status;
    if (unshare(CLONE_NEWUSER) || write(ready[1], "x", 1) != 1)
        _exit(CHILD_SKIPS);
    demand(waitpid(child, &status, 0) == child && WIFEXITED(status));
    if (WEXITSTATUS(status) == CHILD_SKIPS)
        _exit(CHILD_SKIPS);
    demand(!WEXITSTATUS(status) && geteuid() == 0 && !user_namespace_is_initial());
}

static void is_not_misled_by_maps(void **state)
{
    (void) state;
    if (geteuid())
        skip();
    in_child(be_nested_with_all_ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "knows a nested one", knows_a_nested_one, NULL, NULL, NULL },
        { "is not misled by its maps", is_not_misled_by_maps, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/user_namespace", tests, NULL, NULL);
}
