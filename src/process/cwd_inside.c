/* SPDX-License-Identifier: Apache-2.0 */
/* process.cwd, init's half.  A directory of the host that leaked as a descriptor could be entered
 * through /proc/self/fd (CVE-2024-21626); so links of /proc are not followed, and getcwd(2) has to
 * name a place below the root.  The raw call: libc's hides "(unreachable)". */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/path.h"
#include "process/cwd.h"

#define FAILED "chdir to cwd (\"%.1000s\") set in config.json failed"

/* What engines and people know is spelled out here; the host adds words for the rest. */
fallible cwd_refuse(const char *cwd, int number)
{
    if (number == ENOENT)
        return error_new(ERROR_CWD, FAILED ": no such file or directory", cwd);
    if (number == EACCES)
        return error_new(ERROR_CWD, FAILED ": permission denied", cwd);
    if (number == ENOTDIR)
        return error_new(ERROR_CWD, FAILED ": not a directory", cwd);
    errno = number;
    struct error *error = error_errno(ERROR_CWD, FAILED, cwd);
    if (number == ELOOP)
        return error_hint(error, "links of /proc, such as self/fd/3 or 1/root, are not followed");
    return error;
}

static int forget(struct error *error)
{
    int number = error->number;
    error_forget(error);
    return number;
}

static bool is_root(const char *cwd)
{
    return text_equal(cwd, "/");
}

fallible cwd_refuse_making(const char *cwd, int number)
{
    if (number == EROFS)
        return error_hint(cwd_refuse(cwd, ENOENT),
                          "it is missing, and its filesystem is read-only");
    return cwd_refuse(cwd, number == EEXIST ? ENOTDIR : number);
}

fallible cwd_make(const char *cwd, int root)
{
    auto_close int fd = -1;
    if (is_root(cwd))
        return OK;
    struct error *error = path_make_directory(root, cwd, 0755, &fd);
    if (!error)
        return OK;
    return cwd_refuse_making(cwd, forget(error));
}

static fallible refuse_outside(const char *cwd)
{
    return error_new(ERROR_CWD, FAILED ": it lies outside of the container", cwd);
}

/* The proof where the process's own filter, which may be in force already, forbids getcwd(2). */
static fallible verify(const char *cwd, int fd, int root)
{
    bool is_inside = false;
    struct error *error = path_is_inside(root, fd, &is_inside);
    if (error)
        return cwd_refuse(cwd, forget(error));
    return is_inside ? OK : refuse_outside(cwd);
}

/* The descriptor of the root is the proof that it is the container's. */
static fallible enter_root(int root)
{
    return fchdir(root) < 0 ? cwd_refuse("/", errno) : OK;
}

fallible cwd_enter(const char *cwd, int root)
{
    auto_close int fd = -1;
    if (is_root(cwd))
        return enter_root(root);
    struct error *error = path_open(root, cwd, O_PATH | O_DIRECTORY, &fd);
    if (error)
        return cwd_refuse(cwd, forget(error));
    if (fchdir(fd) < 0)
        return cwd_refuse(cwd, errno);

    char place[PATH_MAX];
    if (syscall(SYS_getcwd, place, sizeof(place)) >= 0)
        return place[0] == '/' ? OK : refuse_outside(cwd);
    return errno == ENOENT ? cwd_refuse(cwd, errno) : verify(cwd, fd, root);
}
