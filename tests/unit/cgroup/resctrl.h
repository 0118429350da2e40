/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A directory in place of resctrl.  The calls that mean more there than elsewhere are the test's
 * own: a directory that is made comes with its files, one that is removed goes with them, and what
 * is written to schemata is merged, and shown as the kernel shows it.  The processor has an L3
 * cache in two parts, and bandwidths in steps of ten percent.
 */

#include "tests/unit/container/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/intel_rdt.h"

static char tree[PATH_MAX];
static int root = -1;
static char written[4096]; /* to schemata, all that the kernel took */
static bool loses_tasks;   /* what is written to tasks does not get there */

static inline void put(const char *name, const char *text)
{
    int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(syscall(SYS_write, fd, text, strlen(text)), (long) strlen(text));
    close(fd);
}

static inline const char *get(const char *name)
{
    static char text[4096];
    int fd = openat(root, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    ssize_t got = read(fd, text, sizeof(text) - 1);
    close(fd);
    assert_true(got >= 0);
    text[got] = '\0';
    return text;
}

static inline bool is_there(const char *name)
{
    return !faccessat(root, name, F_OK, 0);
}

static inline void assert_file(const char *name, const char *text)
{
    assert_non_null(get(name));
    assert_string_equal(get(name), text);
}

static inline void show_schemata(const char *group, const unsigned cache[2], const unsigned band[2])
{
    char name[PATH_MAX], text[256];
    snprintf(name, sizeof(name), "%s/schemata", group);
    snprintf(text, sizeof(text), "    MB:0=%4u;1=%4u\n    L3:0=%03x;1=%03x\n", band[0], band[1],
             cache[0], cache[1]);
    put(name, text);
}

static inline int make_files(const char *group)
{
    static const unsigned all[2] = { 0xfff, 0xfff }, most[2] = { 100, 100 };
    char name[PATH_MAX];
    snprintf(name, sizeof(name), "%s/tasks", group);
    put(name, "");
    if (strstr(group, "mon_groups"))
        return 0;
    show_schemata(group, all, most);
    snprintf(name, sizeof(name), "%s/mon_groups", group);
    return (int) syscall(SYS_mkdirat, root, name, 0755);
}

int mkdirat(int directory, const char *path, mode_t mode)
{
    if (directory == root && is_there("full")) {
        put("info/last_cmd_status", "Out of CLOSIDs\n");
        errno = ENOSPC;
        return -1;
    }
    int failed = (int) syscall(SYS_mkdirat, directory, path, mode);
    return failed || directory != root ? failed : make_files(path);
}

int unlinkat(int directory, const char *path, int flags)
{
    char command[2 * PATH_MAX];
    if (directory != root || flags != AT_REMOVEDIR || !is_there(path))
        return (int) syscall(SYS_unlinkat, directory, path, flags);
    snprintf(command, sizeof(command), "rm -r '%s/%s'", tree, path);
    return system(command) ? -1 : 0;
}

/* One line, as the kernel takes it. */
static inline bool merge(const char *group, const char *line)
{
    unsigned cache[2], band[2], domain, value;
    int used = 0;
    char name[PATH_MAX];
    snprintf(name, sizeof(name), "%s/schemata", group);
    assert_int_equal(
        sscanf(get(name), " MB:0=%u;1=%u L3:0=%x;1=%x", &band[0], &band[1], &cache[0], &cache[1]),
        4);
    bool is_cache = !strncmp(line, "L3:", 3);
    if (!is_cache && strncmp(line, "MB:", 3) != 0)
        return false;
    for (const char *at = line + 3; *at != '\n'; at += used + (at[used] == ';')) {
        if (sscanf(at, is_cache ? "%u=%x%n" : "%u=%u%n", &domain, &value, &used) != 2 ||
            domain > 1 || (is_cache ? value > 0xfff : value > 100))
            return false;
        (is_cache ? cache : band)[domain] = is_cache ? value : (value + 9) / 10 * 10;
    }
    show_schemata(group, cache, band);
    return true;
}

static inline ssize_t write_schemata(const char *group, const char *text, size_t length)
{
    char line[1024];
    snprintf(line, sizeof(line), "%.*s", (int) length, text);
    if (line[strlen(line) - 1] != '\n' || !merge(group, line)) {
        put("info/last_cmd_status", "Unknown or unsupported resource name\n");
        errno = EINVAL;
        return -1;
    }
    put("info/last_cmd_status", "ok\n");
    strcat(written, line);
    return (ssize_t) length;
}

ssize_t write(int fd, const void *text, size_t length)
{
    char link[64], path[PATH_MAX] = "";
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t got = readlink(link, path, sizeof(path) - 1);
    path[got < 0 ? 0 : got] = '\0';
    char *slash = strrchr(path, '/');
    if (!*tree || !slash || strncmp(path, tree, strlen(tree)) != 0)
        return syscall(SYS_write, fd, text, length);
    if (strcmp(slash, "/tasks") == 0) {
        lseek(fd, 0, SEEK_END);
        return loses_tasks ? (ssize_t) length : syscall(SYS_write, fd, text, length);
    }
    *slash = '\0';
    const char *group = path + strlen(tree);
    return write_schemata(*group ? group + 1 : ".", text, length);
}

static inline int make_resctrl(void **state)
{
    (void) state;
    arena_reset();
    written[0] = '\0';
    loses_tasks = false;
    strcpy(tree, "/tmp/tare-unit-XXXXXX");
    if (!mkdtemp(tree))
        return -1;
    root = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0 || make_files(".") || syscall(SYS_mkdirat, root, "info", 0755) ||
        syscall(SYS_mkdirat, root, "info/MB", 0755))
        return -1;
    put("info/last_cmd_status", "ok\n");
    put("info/MB/bandwidth_gran", "10\n");
    return 0;
}

static inline int remove_resctrl(void **state)
{
    (void) state;
    char command[PATH_MAX + 16];
    close(root);
    root = -1;
    snprintf(command, sizeof(command), "rm -rf '%s'", tree);
    tree[0] = '\0';
    return system(command);
}
