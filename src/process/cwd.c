/* SPDX-License-Identifier: Apache-2.0 */
/* process.cwd, the host's half: it must be absolute; whether it is there init sees, or check.  What
 * surprises: whether a directory could be made in another is asked by a file without a name. */

#include "process/cwd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "libocispec/process.h"
#include "os/path.h"

fallible cwd_plan(const struct oci_process *process, const char **cwd)
{
    if (process->cwd[0] != '/')
        return error_config("process.cwd", "\"%s\" is not an absolute path", process->cwd);
    *cwd = process->cwd;
    return OK;
}

/* 0, or an errno. */
static int open_directory(int root, const char *path, int *fd)
{
    struct error *error = path_open(root, path, O_PATH | O_DIRECTORY, fd);
    int number = error ? error->number : 0;

    error_forget(error);
    return number;
}

/* The next directory above PATH, which is cut. */
static int open_above(int root, char *path, int *fd)
{
    int wrong = ENOENT;

    while (wrong == ENOENT && *path) {
        *strrchr(path, '/') = '\0';
        wrong = open_directory(root, *path ? path : "/", fd);
    }
    return wrong;
}

/* Not every filesystem knows such files: what those say of a directory is not known. */
static int try_making(int parent)
{
    auto_close int file = openat(parent, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    bool is_known = errno == EROFS || errno == EACCES || errno == ENOSPC || errno == EDQUOT;

    return file < 0 && is_known ? errno : 0;
}

fallible cwd_try(const char *cwd, int root, bool *is_there)
{
    auto_close int fd = -1;
    char path[PATH_MAX];
    int wrong = open_directory(root, cwd, &fd);

    *is_there = !wrong;
    if (wrong == ENOENT && text_format(path, sizeof(path), "%s", cwd) < sizeof(path)) {
        wrong = open_above(root, path, &fd);
        if (!wrong)
            wrong = try_making(fd);
    }
    return wrong ? cwd_refuse_making(cwd, wrong) : OK;
}
