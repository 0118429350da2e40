/* SPDX-License-Identifier: Apache-2.0 */
/* process.args[0]: what execvp(3) would find, found without executing it.  A file is judged by its
 * descriptor, with the rights of the process, so that create says what start would meet. */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "os/fd_left.h"
#include "os/path.h"
#include "os/syscalls.h"
#include "process/executable.h"

/* Whether an errno tells what the file is; else the host is at its end (ENOMEM, EMFILE, EIO), and
 * nothing is known of the file. */
static bool says_about_file(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case EPERM:
    case ELOOP:
    case EXDEV:
    case ENAMETOOLONG:
    case ENODEV:
    case ENXIO:
    case ESTALE:
    case EINVAL:
        return true;
    default:
        return false;
    }
}

/* Names are cut, so that no name can push the words after it out of the text. */
static fallible word(const char *name, int number)
{
    switch (number) {
    case ENOENT:
        return error_new(ERROR_EXECUTABLE_MISSING,
                         "exec: \"%.500s\": stat %.500s: no such file or directory", name, name);
    case ENOTDIR:
        return error_new(ERROR_EXECUTABLE_MISSING, "exec: \"%.500s\": stat %.500s: not a directory",
                         name, name);
    case EISDIR:
        return error_new(ERROR_EXECUTABLE_REFUSED,
                         "exec: \"%.500s\": permission denied: is a directory", name);
    case EACCES:
        return error_new(ERROR_EXECUTABLE_REFUSED, "exec: \"%.500s\": permission denied", name);
    case ELOOP:
        errno = number;
        return error_hint(error_errno(ERROR_EXECUTABLE_REFUSED, "exec: \"%.500s\"", name),
                          "links of /proc, such as self/fd/3 or self/exe, are not followed");
    default:
        errno = number;
        return says_about_file(number)
                   ? error_errno(ERROR_EXECUTABLE_REFUSED, "exec: \"%.500s\"", name)
                   : error_system("exec: \"%.500s\"", name);
    }
}

static fallible explain(const char *name, int number)
{
    return error_call(word(name, number), CALL_OPEN, name);
}

/* CANDIDATE as seen from the root: 0, or the errno of what stands in the way.  The filter of the
 * process may forbid getcwd(2). */
static int make_absolute(const char *candidate, char path[EXECUTABLE_PATH_SIZE])
{
    char cwd[EXECUTABLE_PATH_SIZE];
    const char *above = "", *slash = "";

    if (candidate[0] != '/') {
        if (syscall(SYS_getcwd, cwd, sizeof(cwd)) < 0)
            return errno;
        if (cwd[0] != '/')
            return ENOENT;
        above = cwd;
        slash = "/";
    }
    size_t length = text_format(path, EXECUTABLE_PATH_SIZE, "%s%s%s", above, slash, candidate);
    return length < EXECUTABLE_PATH_SIZE ? 0 : ENAMETOOLONG;
}

/* 0, or the errno of what stands in the way. */
static int ask_execute(int fd, mode_t mode)
{
    if (syscall(SYS_faccessat2, fd, "", X_OK, AT_EACCESS | AT_EMPTY_PATH) == 0)
        return 0;
    /* A sandbox that does not know the call: without any bit not even root may, the rest is left to
     * execve(2). */
    if (errno == ENOSYS || errno == EPERM)
        return mode & 0111 ? 0 : EACCES;
    return errno;
}

/* What is wrong with a file: its errno (EISDIR for a directory), or 0. */
struct finding {
    int number;
    bool is_noexec; /* because of its mount */
};

static struct finding examine(const char *candidate, int root)
{
    char path[EXECUTABLE_PATH_SIZE];
    int wrong = make_absolute(candidate, path);
    if (wrong)
        return (struct finding){ .number = wrong };
    auto_leave int fd = -1;
    struct error *error = path_open(root, path, O_PATH, &fd);
    if (error) {
        struct finding finding = { .number = error->number ? error->number : EACCES };
        error_forget(error);
        return finding;
    }
    struct stat status;
    if (fstat(fd, &status) < 0)
        return (struct finding){ .number = errno };
    if (S_ISDIR(status.st_mode))
        return (struct finding){ .number = EISDIR };
    if (!S_ISREG(status.st_mode))
        return (struct finding){ .number = EACCES };
    wrong = ask_execute(fd, status.st_mode);
    struct statvfs mount;
    bool is_noexec = wrong == EACCES && fstatvfs(fd, &mount) == 0 && (mount.f_flag & ST_NOEXEC);
    return (struct finding){ .number = wrong, .is_noexec = is_noexec };
}

static fallible find_named(const char *name, int root, char path[EXECUTABLE_PATH_SIZE])
{
    struct finding finding = examine(name, root);
    if (finding.number == 0) {
        text_format(path, EXECUTABLE_PATH_SIZE, "%s", name);
        return OK;
    }
    struct error *error = explain(name, finding.number);
    if (finding.is_noexec)
        return error_hint(error, "it lies on a mount with the option noexec");
    return error;
}

/* Puts the next entry of SEARCH in front of NAME (nothing, if it is empty, which means the cwd),
 * and returns where the entry after it begins, or NULL.  Too long a candidate comes out empty. */
static const char *next_candidate(const char *search, const char *name,
                                  char candidate[EXECUTABLE_PATH_SIZE])
{
    int length = 0;
    while (search[length] && search[length] != ':' && length < EXECUTABLE_PATH_SIZE)
        length++;
    size_t size = text_format(candidate, EXECUTABLE_PATH_SIZE, "%.*s%s%s", length, search,
                              length ? "/" : "", name);
    if (size >= EXECUTABLE_PATH_SIZE)
        candidate[0] = '\0';
    while (search[length] && search[length] != ':')
        length++;
    return search[length] ? search + length + 1 : NULL;
}

fallible executable_find(const char *name, const char *search, int root,
                         char path[EXECUTABLE_PATH_SIZE])
{
    for (const char *c = name; *c; c++)
        if (*c == '/')
            return find_named(name, root, path);

    bool is_refused = false;
    const char *where = search ? search : EXECUTABLE_SEARCH;
    search = where;
    while (search && *name) {
        char candidate[EXECUTABLE_PATH_SIZE];
        search = next_candidate(search, name, candidate);
        int number = candidate[0] ? examine(candidate, root).number : ENAMETOOLONG;
        if (number == 0) {
            text_format(path, EXECUTABLE_PATH_SIZE, "%s", candidate);
            return OK;
        }
        if (number == EACCES || number == EISDIR)
            is_refused = true;
        else if (!says_about_file(number))
            return explain(candidate, number);
    }
    if (is_refused)
        return explain(name, EACCES);
    return error_call(error_new(ERROR_EXECUTABLE_MISSING,
                                "exec: \"%.500s\": executable file not found in $PATH", name),
                      CALL_NONE, where);
}

/* The host finds out why (cli/causes.c). */
static fallible word_execve(const char *path)
{
    switch (errno) {
    case ENOENT:
        return error_new(ERROR_EXECUTABLE_MISSING, "exec: \"%.500s\": no such file or directory",
                         path);
    case EACCES:
        return error_new(ERROR_EXECUTABLE_REFUSED, "exec: \"%.500s\": permission denied", path);
    case ENOEXEC:
        return error_new(ERROR_EXECUTABLE_REFUSED, "exec: \"%.500s\": exec format error", path);
    default:
        return error_system("exec: \"%.500s\"", path);
    }
}

fallible executable_explain(const char *path)
{
    return error_call(word_execve(path), CALL_EXECVE, path);
}
