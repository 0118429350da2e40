/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For the tests of os/path.c: the root of a container beside a directory of the host, the canary.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/list.h"

static char base[] = "/tmp/tare-path-XXXXXX";
static int top = -1;  /* base */
static int root = -1; /* base/root, the container's */

static inline void remove_tree(int parent, const char *name)
{
    if (!unlinkat(parent, name, 0))
        return;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    DIR *list = fdopendir(fd);
    for (struct dirent *entry; (entry = readdir(list));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            remove_tree(fd, entry->d_name);
    closedir(list);
    unlinkat(parent, name, AT_REMOVEDIR);
}

/* Everything in a directory, as a number. */
static inline uint64_t digest(int parent, const char *name)
{
    uint64_t sum = 0;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    assert_true(fd >= 0);
    DIR *list = fdopendir(fd);
    for (struct dirent *entry; (entry = readdir(list));) {
        struct stat status;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        assert_return_code(fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW), errno);
        sum += status.st_ino * 31 + status.st_mode * 7 + (uint64_t) status.st_size +
               (uint64_t) status.st_ctim.tv_nsec + status.st_uid;
        if (S_ISDIR(status.st_mode))
            sum += digest(fd, entry->d_name);
    }
    closedir(list);
    return sum + 1;
}

static inline int set_up(void **context)
{
    (void) context;
    assert_non_null(mkdtemp(base));
    if (!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        (void) mount("tmpfs", base, "tmpfs", 0, NULL); /* for speed alone */
    top = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_return_code(mkdirat(top, "root", 0755), errno);
    assert_return_code(mkdirat(top, "canary", 0755), errno);
    assert_return_code(mkdirat(top, "canary/a", 0755), errno);
    close(openat(top, "canary/b", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    close(openat(top, "c", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    root = openat(top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(root >= 0);
    return 0;
}

static inline int tear_down(void **context)
{
    (void) context;
    umount2(base, MNT_DETACH);
    remove_tree(AT_FDCWD, base);
    close(root);
    close(top);
    return 0;
}

static inline int empty_root(void **context)
{
    (void) context;
    close(root);
    remove_tree(top, "root");
    assert_return_code(mkdirat(top, "root", 0755), errno);
    root = openat(top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    umask(022);
    return 0;
}

/* The errno of an attempt, 0 for none; the error is given back. */
static inline int number_of(struct error *error)
{
    int number = error ? error->number : 0;
    error_forget(error);
    return number;
}

#define assert_ok(attempt) assert_int_equal(number_of(attempt), 0)

static inline struct stat look(const char *path)
{
    struct stat status = { 0 };
    assert_return_code(fstatat(root, path, &status, AT_SYMLINK_NOFOLLOW), errno);
    return status;
}

static inline void assert_inside(int fd)
{
    char link[64], place[PATH_MAX] = "", wanted[PATH_MAX];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    assert_true(readlink(link, place, sizeof(place) - 1) > 0);
    int length = snprintf(wanted, sizeof(wanted), "%s/root", base);
    assert_int_equal(strncmp(place, wanted, (size_t) length), 0);
}
