/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the state directory is (R22).
 *
 * Engines call with XDG_RUNTIME_DIR set to the empty string for some commands and not for others:
 * empty is unset, and root of the host never looks at it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "os/deadline.h"
#include "os/self.h"
#include "os/user_namespace.h"
#include "state/store.h"

enum { PATIENCE_MILLISECONDS = 30000 };

static const char system_path[] = "/run/tare";

static bool is_system_writable(void)
{
    return !access(system_path, W_OK) || (errno == ENOENT && !access("/run", W_OK));
}

static fallible find_default(struct arena *arena, const char **path)
{
    *path = system_path;
    if (user_namespace_is_roots())
        return OK;

    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (runtime && runtime[0] == '/') {
        try_print(*path, arena, "%s/tare", runtime);
        return OK;
    }
    if (is_system_writable())
        return OK;
    return error_hint(error_system("use %s for the state, without XDG_RUNTIME_DIR", system_path),
                      "name a directory of your own with --root");
}

/* A slash at the end would make a symbolic link be followed. */
static fallible take_root(const char *root, struct arena *arena, const char **path)
{
    size_t length = strlen(root);
    if (length == 0)
        return error_new(ERROR_USAGE, "--root must name a directory");
    if (length >= PATH_MAX)
        return error_new(ERROR_USAGE, "the path of --root is too long");
    while (length > 1 && root[length - 1] == '/')
        length--;
    try_print(*path, arena, "%.*s", (int) length, root);
    return OK;
}

/* Who may rename what is in a directory could put an older state of ours in the place of this one.
 * An owner who is not mapped here is the host's business. */
static fallible check_above(const char *path)
{
    struct stat status;

    if (stat(path, &status))
        return error_system("look at %s, above the state directory", path);
    if (status.st_mode & S_IWOTH && !(status.st_mode & S_ISVTX))
        return error_hint(error_new(ERROR_RECORD,
                                    "all can write to %s, and so exchange the state directory",
                                    path),
                          "name one with --root that has no such directory above");
    bool is_unmapped = status.st_uid == USER_NAMESPACE_OVERFLOW_ID && !user_namespace_is_roots();
    if (status.st_uid != 0 && status.st_uid != self_user() && !is_unmapped)
        log_warning("user %u could exchange the state directory: %s is his", status.st_uid, path);
    return OK;
}

/* Makes a directory and those above it that are missing; those that are there are looked at. */
static fallible make_directories(const char *path)
{
    char part[PATH_MAX];
    size_t length = strlen(path);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (!mkdir(part, 0700))
            continue;
        if (errno != EEXIST)
            return error_hint(error_system("make the state directory %s", part),
                              "another one can be named with --root");
        try(check_above(part));
    }
    return OK;
}

static fallible check_owner(int directory, const char *path)
{
    struct stat status;
    if (fstat(directory, &status))
        return error_system("look at the state directory %s", path);
    if (status.st_uid != self_user())
        return error_new(ERROR_RECORD, "the state directory %s belongs to user %u, not to us", path,
                         status.st_uid);
    if (status.st_mode & (S_IWGRP | S_IWOTH))
        return error_hint(
            error_new(ERROR_RECORD, "others can write to the state directory %s", path),
            "its mode should be 0700");
    return OK;
}

/* Not open(2): that of musl sets close-on-exec by a call of its own once more. */
static int open_directory(const char *path)
{
    return openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

fallible store_open(const char *root, bool is_needed, struct arena *arena, struct store *store)
{
    const char *path;
    if (root)
        try(take_root(root, arena, &path));
    else
        try(find_default(arena, &path));

    auto_close int directory = open_directory(path);
    if (directory < 0 && errno == ENOENT && !is_needed) {
        *store = (struct store){ .directory = -1, .path = path };
        return OK;
    }
    if (directory < 0 && errno == ENOENT) {
        try(make_directories(path));
        directory = open_directory(path);
    }
    if (directory < 0 && (errno == ENOTDIR || errno == ELOOP))
        return error_errno(ERROR_RECORD, "open the state directory %s", path);
    if (directory < 0)
        return error_system("open the state directory %s", path);
    try(check_owner(directory, path));
    *store = (struct store){ .directory = take_fd(&directory),
                             .path = path,
                             .patience = deadline_left(PATIENCE_MILLISECONDS) };
    return OK;
}

void store_close(struct store *store)
{
    close_fd(&store->directory);
}
