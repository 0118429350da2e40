/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.intelRdt: the groups in resctrl.
 *
 * A process is in one group, and in at most one monitoring group below that.  Removing a group that
 * has processes succeeds: they fall back to the group of all others, so who removes one that is not
 * the container's alone has to look first.
 */
#include "cgroup/intel_rdt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/file.h"
#include "cgroup/intel_rdt_schemata.h"

#define MOUNT "/sys/fs/resctrl"

enum { PATH_SIZE = 2 * 256 + 32, STATUS_SIZE = 256, LINE_SIZE = 24 };
enum { LOCK_ATTEMPTS = 1000, PAUSE_MILLISECONDS = 10 };

static const char field[] = "linux.intelRdt";

fallible intel_rdt_open(int *root)
{
    auto_close int fd = open(MOUNT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct statfs status;

    if (fd < 0 || fstatfs(fd, &status) || status.f_type != RDTGROUP_SUPER_MAGIC)
        return error_hint(error_unsupported(field, "no resctrl is mounted on " MOUNT),
                          "where the processor has it: mount -t resctrl resctrl " MOUNT);
    *root = take_fd(&fd);
    return OK;
}

/* Below the root; "." for the group of all others. */
static const char *group_path(const struct intel_rdt_groups *groups)
{
    return text_equal(groups->group, "/") ? "." : groups->group;
}

static void monitor_path(const struct intel_rdt_groups *groups, char path[PATH_SIZE])
{
    text_format(path, PATH_SIZE, "%s/mon_groups/%s", group_path(groups), groups->monitor);
}

/* DIRECTORY is -1 when there is none. */
static fallible open_group(int root, const char *path, int *directory)
{
    *directory = openat(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*directory < 0 && errno != ENOENT)
        return error_system("open '" MOUNT "/%s'", path);
    return OK;
}

/* The kernel has one line of reasons for the last thing that was asked of it. */
static fallible explain(int root, struct error *error)
{
    char status[STATUS_SIZE];
    struct error *unread =
        cgroup_file_read_start(root, "info/last_cmd_status", status, sizeof(status));

    if (!unread)
        status[strcspn(status, "\n")] = '\0';
    if (!unread && *status && !text_equal(status, "ok"))
        error = error_hint(error, "the kernel says: %s", status);
    error_forget(unread);
    return error;
}

static fallible differs(const struct intel_rdt_plan *plan,
                        const struct schemata_difference *difference)
{
    const struct schemata_setting *wanted = &difference->wanted;
    const char *name = plan->groups.group;

    if (!difference->found.length)
        return error_config(field, "the group '%s' has no %.*s:%.*s", name, wanted->name.length,
                            wanted->name.at, wanted->domain.length, wanted->domain.at);
    return error_config(field, "the group '%s' has %.*s:%.*s=%.*s, not %.*s", name,
                        wanted->name.length, wanted->name.at, wanted->domain.length,
                        wanted->domain.at, difference->found.length, difference->found.at,
                        wanted->value.length, wanted->value.at);
}

static fallible compare(const struct intel_rdt_plan *plan, int root, int group)
{
    struct schemata_difference difference;
    char text[INTEL_RDT_SIZE];

    try_within(cgroup_file_read(group, "schemata", text, sizeof(text)), "the group '%s'",
               plan->groups.group);
    return schemata_differ(plan->schemata, text, root, &difference) ? differs(plan, &difference)
                                                                    : OK;
}

static fallible check_group(const struct intel_rdt_plan *plan, int root, int group)
{
    const char *name = plan->groups.group;

    if (group < 0 && !plan->groups.is_own && !plan->schemata)
        return error_hint(error_config("linux.intelRdt.closID", "there is no group '%s'", name),
                          "make it with its schemata, or say here what they are to be");
    if (group < 0)
        return OK;
    if (plan->groups.is_own)
        return error_hint(error_config(field, "there is a group '%s' already", name),
                          "name it in closID to use it; rmdir '" MOUNT "/%s' if it is left over",
                          name);
    return plan->schemata ? error_hint(compare(plan, root, group),
                                       "a group that is there is not changed: others may be in it")
                          : OK;
}

fallible intel_rdt_check(const struct intel_rdt_plan *plan, int root)
{
    char path[PATH_SIZE];
    auto_close int group = -1;
    auto_close int monitor = -1;

    try(open_group(root, group_path(&plan->groups), &group));
    try(check_group(plan, root, group));
    if (!plan->groups.monitor)
        return OK;
    monitor_path(&plan->groups, path);
    try(open_group(root, path, &monitor));
    return monitor < 0 ? OK
                       : error_hint(error_config("linux.intelRdt.enableMonitoring",
                                                 "there is a monitoring group '%s' already",
                                                 plan->groups.monitor),
                                    "rmdir '" MOUNT "/%s' if it is left over", path);
}

/* Not for ever: whoever holds it may have been stopped. */
static fallible lock(int root)
{
    const struct timespec pause = { .tv_nsec = PAUSE_MILLISECONDS * 1000000L };

    for (int i = 0; flock(root, LOCK_EX | LOCK_NB); i++) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return error_system("lock '" MOUNT "'");
        if (i == LOCK_ATTEMPTS)
            return error_new(ERROR_TIMEOUT, "another program has locked '" MOUNT "'");
        nanosleep(&pause, NULL);
    }
    return OK;
}

static fallible write_line(int directory, const char *file, const char *line, size_t length)
{
    auto_close int fd = openat(directory, file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 || write(fd, line, length) < 0)
        return error_system("write '%.*s' to %s", (int) length - 1, line, file);
    return OK;
}

/* One at a time, so that the one that is refused can be named.  The kernel's own begin with blanks.
 */
static fallible write_lines(const char *lines, int root, int group)
{
    while (*lines) {
        lines += strspn(lines, " ");
        size_t length = strcspn(lines, "\n");
        length += lines[length] == '\n';
        struct error *error = write_line(group, "schemata", lines, length);
        if (error)
            return explain(root, error);
        lines += length;
    }
    return OK;
}

static fallible write_schemata(const struct intel_rdt_plan *plan, int root)
{
    auto_close int group = -1;

    try(open_group(root, group_path(&plan->groups), &group));
    try(write_lines(plan->schemata, root, group));
    return error_within(compare(plan, root, group), "read back what was written");
}

static fallible change(const struct intel_rdt_plan *plan, int root)
{
    char before[INTEL_RDT_SIZE];
    auto_close int group = -1;

    try(open_group(root, group_path(&plan->groups), &group));
    if (group < 0)
        return error_new(ERROR_STATE, "the group '%s' is gone", plan->groups.group);
    try(cgroup_file_read(group, "schemata", before, sizeof(before)));
    struct error *error = write_schemata(plan, root);
    if (!error)
        return OK;
    struct error *left = write_lines(before, root, group);
    if (left)
        log_warning("the group '%s' stays half changed: %s", plan->groups.group, left->text);
    error_forget(left);
    return error;
}

fallible intel_rdt_change(const struct intel_rdt_plan *plan, int root)
{
    try(lock(root));
    struct error *error = change(plan, root);
    flock(root, LOCK_UN);
    return error_field(error, "%s", field);
}

static fallible make_directory(int root, const char *path)
{
    if (mkdirat(root, path, 0755))
        return explain(root, error_system("make the group '" MOUNT "/%s'", path));
    return OK;
}

static fallible make_groups(const struct intel_rdt_plan *plan, int root,
                            struct intel_rdt_made *made)
{
    char path[PATH_SIZE];
    auto_close int group = -1;

    try(intel_rdt_check(plan, root));
    try(open_group(root, group_path(&plan->groups), &group));
    if (group < 0) {
        try(make_directory(root, group_path(&plan->groups)));
        made->has_group = true;
        if (plan->schemata)
            try(write_schemata(plan, root));
    }
    if (plan->groups.monitor) {
        monitor_path(&plan->groups, path);
        try(make_directory(root, path));
        made->has_monitor = true;
    }
    return OK;
}

static fallible remove_directory(int root, const char *path)
{
    if (unlinkat(root, path, AT_REMOVEDIR) && errno != ENOENT)
        return error_system("remove the group '" MOUNT "/%s'", path);
    return OK;
}

/* Whether one that we have made is used by others meanwhile. */
static bool is_in_use(const struct intel_rdt_groups *groups, int root)
{
    char path[PATH_SIZE], pid[LINE_SIZE];

    text_format(path, sizeof(path), "%s/tasks", groups->group);
    struct error *error = cgroup_file_read_start(root, path, pid, sizeof(pid));
    bool has_tasks = !error && *pid;
    error_forget(error);
    return has_tasks;
}

static fallible remove_made(const struct intel_rdt_groups *groups, int root,
                            const struct intel_rdt_made *made)
{
    char path[PATH_SIZE];
    struct error *error = OK;

    if (made->has_monitor) {
        monitor_path(groups, path);
        error = remove_directory(root, path);
    }
    if (!error && made->has_group && (groups->is_own || !is_in_use(groups, root)))
        error = remove_directory(root, groups->group);
    return error;
}

fallible intel_rdt_make(const struct intel_rdt_plan *plan, int root, struct intel_rdt_made *made)
{
    struct intel_rdt_made ours = { .has_group = false };

    try(lock(root));
    struct error *error = make_groups(plan, root, &ours);
    if (error)
        error_forget(remove_made(&plan->groups, root, &ours));
    flock(root, LOCK_UN);
    try(error);
    *made = ours;
    return OK;
}

fallible intel_rdt_unmake(const struct intel_rdt_groups *groups, int root,
                          const struct intel_rdt_made *made)
{
    try(lock(root));
    struct error *error = remove_made(groups, root, made);
    flock(root, LOCK_UN);
    return error;
}

fallible intel_rdt_remove(const struct intel_rdt_groups *groups, int root)
{
    const struct intel_rdt_made theirs = { groups->is_own, groups->monitor };
    return intel_rdt_unmake(groups, root, &theirs);
}

/* The list is one number a line, and may be long: "/" has all tasks of the machine. */
static fallible find_task(int directory, pid_t pid, bool *is_there)
{
    auto_close int fd = openat(directory, "tasks", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char text[INTEL_RDT_SIZE];
    pid_t number = 0;
    ssize_t got = fd < 0 ? -1 : 1;

    *is_there = false;
    while (!*is_there && got > 0) {
        got = read(fd, text, sizeof(text));
        for (ssize_t i = 0; i < got && !*is_there; i++) {
            *is_there = text[i] == '\n' && number == pid;
            number = text[i] == '\n' ? 0 : number * 10 + (text[i] - '0');
        }
    }
    return got < 0 ? error_system("read tasks") : OK;
}

static fallible add_to(int root, const char *path, pid_t pid)
{
    char line[LINE_SIZE];
    auto_close int directory = -1;
    bool is_there;

    try(open_group(root, path, &directory));
    if (directory < 0)
        return error_new(ERROR_STATE, "the group is gone");
    size_t length = text_format(line, sizeof(line), "%d\n", pid);
    struct error *error = write_line(directory, "tasks", line, length);
    if (error)
        return explain(root, error);
    try(find_task(directory, pid, &is_there));
    return is_there ? OK : error_new(ERROR_READ_BACK, "process %d is not among its tasks", pid);
}

fallible intel_rdt_add(const struct intel_rdt_groups *groups, int root, pid_t pid)
{
    char path[PATH_SIZE];

    try_within(add_to(root, group_path(groups), pid), "'" MOUNT "/%s'", group_path(groups));
    if (!groups->monitor)
        return OK;
    monitor_path(groups, path);
    return error_within(add_to(root, path, pid), "'" MOUNT "/%s'", path);
}
