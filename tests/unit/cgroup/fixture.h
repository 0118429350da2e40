/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A cgroup of the test's own, and processes in it.  Without root or cgroup2 the tests skip. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "libocispec/arena.h"
#include "libocispec/linux.h"

static char memory[1 << 22] __attribute__((aligned(4096)));
static struct arena arena;

static inline void empty_arena(void)
{
    memset(memory, 0, arena.used);
    arena = (struct arena){ .base = memory, .size = sizeof(memory) };
}

static inline void assert_ok(struct error *error)
{
    if (error)
        fail_msg("%s (%s)", error->text, strerror(error->number));
}

static inline void assert_error(struct error *error, enum error_code code, const char *part)
{
    assert_non_null(error);
    if (error->code != code || !strstr(error->text, part))
        fail_msg("code %d: %s", error->code, error->text);
    error_forget(error);
}

/* The plan for a cgroup "/tare-unit-PID/NAME"; skips where none can be made. */
static inline struct cgroup_plan plan_own(const char *name)
{
    static char path[4096];
    struct cgroup_plan plan = { .is_wanted = false };
    const struct oci_linux config = { .cgroups_path = path };
    empty_arena();
    snprintf(path, sizeof(path), "/tare-unit-%d/%s", getpid(), name);
    struct error *error = geteuid() == 0
                              ? cgroup_plan(&config, "x", CGROUP_MANAGER_CGROUPFS, &arena, &plan)
                              : error_new(ERROR_CGROUP, "not root");
    if (error) {
        error_forget(error);
        skip();
    }
    return plan;
}

/* Removes what a test has made, "/tare-unit-PID" and all below. */
static inline int remove_own(void **state)
{
    (void) state;
    char path[64];
    struct cgroup_plan plan;
    const struct oci_linux config = { .cgroups_path = path };
    snprintf(path, sizeof(path), "/tare-unit-%d", getpid());
    empty_arena();
    struct error *error = cgroup_plan(&config, "x", CGROUP_MANAGER_CGROUPFS, &arena, &plan);
    if (!error)
        error = cgroup_kill(plan.mount, plan.path, 0);
    if (!error)
        error = cgroup_remove(plan.mount, plan.path, 0, 5000);
    error_forget(error);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    return 0;
}

/* The first controller that the root hands down, as "+name"; skips when it hands down none. */
static inline void find_controller(const char *mount, char *word, size_t size)
{
    char path[64], names[256] = "";
    snprintf(path, sizeof(path), "%s/cgroup.subtree_control", mount);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        skip();
    ssize_t got = read(fd, names, sizeof(names) - 1);
    close(fd);
    size_t length = strcspn(names, " \n");
    if (got <= 0 || length == 0)
        skip();
    snprintf(word, size, "+%.*s", (int) length, names);
}

static inline bool is_there(const struct cgroup_plan *plan)
{
    char path[8192];
    snprintf(path, sizeof(path), "%s%s", plan->mount, plan->path);
    return !access(path, F_OK);
}

static inline int make_child(int directory, const char *name)
{
    assert_false(mkdirat(directory, name, 0755));
    int child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(child >= 0);
    return child;
}

static inline void write_to(int directory, const char *file, const char *text)
{
    int fd = openat(directory, file, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t) strlen(text));
    close(fd);
}

/* What was asked of the freezer; cgroup.events follows a moment later. */
static inline void assert_frozen(int directory, bool is_frozen)
{
    char word = 0;
    int fd = openat(directory, "cgroup.freeze", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && read(fd, &word, 1) == 1);
    close(fd);
    assert_int_equal(word, is_frozen ? '1' : '0');
}

/* A process in the cgroup that does nothing. */
static inline pid_t put_sleeper(int directory)
{
    pid_t child = fork();
    if (child == 0) {
        signal(SIGTERM, SIG_DFL);
        for (;;)
            pause();
    }
    assert_ok(cgroup_add(directory, child));
    return child;
}

static inline void assert_killed(pid_t child, int signal)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), signal);
}
