/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A directory of plain files in place of a cgroup: what is written to which, and in which order. */

#include "tests/unit/cgroup/fixture.h"

#include <limits.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/inotify.h>

enum { WATCHED_MOST = 16 };

static char tree[PATH_MAX];
static int tree_directory = -1;
static int watcher = -1;
static char watched[WATCHED_MOST][64];

static inline int make_tree(void **state)
{
    (void) state;
    strcpy(tree, "/tmp/tare-unit-XXXXXX");
    if (!mkdtemp(tree))
        return -1;
    tree_directory = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return tree_directory < 0 ? -1 : 0;
}

static inline int remove_tree(void **state)
{
    (void) state;
    char command[PATH_MAX + 16];
    close(tree_directory);
    if (watcher >= 0)
        close(watcher);
    watcher = -1;
    snprintf(command, sizeof(command), "rm -rf '%s'", tree);
    return system(command);
}

static inline void put_file(const char *name, const char *text)
{
    int fd = openat(tree_directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t) strlen(text));
    close(fd);
}

static inline void put_directory(const char *name)
{
    assert_int_equal(mkdirat(tree_directory, name, 0755), 0);
}

static inline void assert_file(const char *name, const char *text)
{
    char got[4096];
    int fd = openat(tree_directory, name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t length = read(fd, got, sizeof(got) - 1);
    close(fd);
    assert_true(length >= 0);
    got[length] = '\0';
    assert_string_equal(got, text);
}

static inline void watch(const char *name)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof(path), "%s/%s", tree, name);
    int number = inotify_add_watch(watcher, path, IN_MODIFY);
    assert_in_range(number, 1, WATCHED_MOST - 1);
    snprintf(watched[number], sizeof(watched[0]), "%s", name);
}

/* Watches the tree, and those of its directories that the tests use. */
static inline void watch_tree(void)
{
    static const char *const places[] = { "", "a/", "a/b/", "a/b/c/" };
    watcher = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    assert_true(watcher >= 0);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (!faccessat(tree_directory, *places[i] ? places[i] : ".", F_OK, 0))
            watch(places[i]);
}

/* The files that were written to since, in order; of several writes to the same file in a row the
 * kernel tells one. */
static inline void assert_writes(const char *const *files, size_t count)
{
    alignas(struct inotify_event) char bytes[8192];
    ssize_t length = read(watcher, bytes, sizeof(bytes));
    size_t found = 0;
    for (ssize_t at = 0; at < length;) {
        const struct inotify_event *event = (const void *) (bytes + at);
        char name[NAME_MAX + 80];
        snprintf(name, sizeof(name), "%s%s", watched[event->wd], event->name);
        if (found >= count)
            fail_msg("more than %zu writes: %s", count, name);
        assert_string_equal(name, files[found++]);
        at += (ssize_t) (sizeof(*event) + event->len);
    }
    assert_int_equal(found, count);
}
