/* SPDX-License-Identifier: Apache-2.0 */
/* os/user_namespace: what /proc says of ours. */
#include "tests/unit/os/in_child.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "libocispec/arena.h"
#include "os/keeper.h"
#include "os/mount_api.h"
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

/* ---- one that is kept for its maps ---- */

static void put_maps(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
    put(path, "0 1000 10");
    snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
    put(path, "0 2000 10");
}

static void keep_and_map(void)
{
    const struct mount_filesystem filesystem = { .type = "tmpfs" };
    struct keeper keeper;
    auto_close int table = -1, tree = -1;
    struct stat ours, theirs, top;

    if (unshare(CLONE_NEWNS) || user_namespace_bear(&keeper))
        _exit(CHILD_SKIPS);
    put_maps(keeper.pid);
    demand(!user_namespace_open(keeper.pid, &table));
    demand(fcntl(table, F_GETFD) & FD_CLOEXEC);
    demand(!stat("/proc/self/ns/user", &ours) && !fstat(table, &theirs));
    demand(ours.st_ino != theirs.st_ino);
    pid_t pid = keeper.pid;
    keeper_end(&keeper);
    demand(kill(pid, 0) < 0 && errno == ESRCH);
    demand(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);

    demand(!mount_new(&filesystem, &tree));
    if (mount_map_ids(tree, table, false)) /* before Linux 6.3 */
        _exit(CHILD_SKIPS);
    demand(!fstat(tree, &top) && top.st_uid == 1000 && top.st_gid == 2000);
    struct error *error = mount_map_ids(tree, table, false); /* what is mapped stays so */
    demand(error && error->number == EPERM && error->call == CALL_MOUNT_SETATTR);
    error_forget(error);
    error = user_namespace_open(pid, &tree);
    demand(error && error->number == ENOENT);
    error_forget(error);
}

static void keeps_one_for_its_maps(void **state)
{
    (void) state;
    if (geteuid())
        skip();
    in_child(keep_and_map);
}

/* The middle one of three ends, and leaves its keeper to itself. */
static void outlive(void)
{
    int report[2];
    struct keeper keeper = { 0 };

    demand(!pipe2(report, O_CLOEXEC) && !prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
    pid_t middle = fork();
    demand(middle >= 0);
    if (!middle) {
        if (user_namespace_bear(&keeper))
            _exit(CHILD_SKIPS);
        demand(write(report[1], &keeper.pid, sizeof(pid_t)) == sizeof(pid_t));
        _exit(0);
    }
    int status;
    pid_t left;
    demand(waitpid(middle, &status, 0) == middle);
    if (WEXITSTATUS(status) == CHILD_SKIPS)
        _exit(CHILD_SKIPS);
    demand(read(report[0], &left, sizeof(left)) == sizeof(left));
    demand(waitpid(left, &status, 0) == left && WIFEXITED(status) && !WEXITSTATUS(status));
}

/* The keeper's, as soon as it has closed what it does not need. */
static int count_descriptors(pid_t pid, int most)
{
    char path[64];
    int count = 0;

    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    for (int i = 0; i < 500; i++) {
        DIR *directory = opendir(path);
        demand(directory);
        for (count = -2; readdir(directory);)
            count++;
        closedir(directory);
        if (count <= most)
            break;
        usleep(10000);
    }
    return count;
}

/* As root without a capability, who owns the user namespace none the less. */
static void demand_unreachable(pid_t pid)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { 0 };
    static const char *const links[] = { "root", "cwd", "exe", "ns/user" };
    char path[64], target[64];
    int status;

    pid_t other = fork();
    demand(other >= 0);
    if (!other) {
        demand(!syscall(SYS_capset, &header, none));
        for (int i = 0; i < 4; i++) {
            snprintf(path, sizeof(path), "/proc/%d/%s", pid, links[i]);
            demand(readlink(path, target, sizeof(target)) < 0 && errno == EACCES);
        }
        demand(ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 && errno == EPERM);
        _exit(0);
    }
    demand(waitpid(other, &status, 0) == other && WIFEXITED(status) && !WEXITSTATUS(status));
}

static void hide_keeper(void)
{
    struct keeper keeper;

    if (user_namespace_bear(&keeper))
        _exit(CHILD_SKIPS);
    demand_unreachable(keeper.pid);
    demand(count_descriptors(keeper.pid, 1) == 1);
    demand(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1);
    put_maps(keeper.pid);
    keeper_end(&keeper);
}

static void lets_nobody_trace_it(void **state)
{
    (void) state;
    if (geteuid())
        skip();
    in_child(hide_keeper);
}

static void does_not_outlive_us(void **state)
{
    (void) state;
    if (geteuid())
        skip();
    in_child(outlive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "knows a nested one", knows_a_nested_one, NULL, NULL, NULL },
        { "is not misled by its maps", is_not_misled_by_maps, NULL, NULL, NULL },
        { "[M10] keeps one for its maps", keeps_one_for_its_maps, NULL, NULL, NULL },
        { "[M10] root without rights cannot reach it (R8)", lets_nobody_trace_it, NULL, NULL,
          NULL },
        { "what it keeps does not outlive us", does_not_outlive_us, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/user_namespace", tests, NULL, NULL);
}
