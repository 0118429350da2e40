/* SPDX-License-Identifier: Apache-2.0 */
/* Where the programs are that tare asks for help: those of the host (newuidmap), and its own.  What
 * stands in somebody's PATH does not matter: it may be missing, and it may be anybody's. */

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "base/text.h"
#include "os/program.h"

static const char *const directories[] = {
    "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin",
};

const char program_directory[] = PACKAGE_LIBEXECDIR;

fallible program_find(const char *name, char *path)
{
    for (size_t i = 0; i < LENGTH(directories); i++) {
        size_t length = text_format(path, PROGRAM_PATH_SIZE, "%s/%s", directories[i], name);
        if (length < PROGRAM_PATH_SIZE && !access(path, X_OK))
            return OK;
    }
    return error_new(ERROR_PROGRAM, "the program %s is not installed", name);
}

/* These give 0, or the errno. */

static int find_own_directory(char *directory)
{
    ssize_t length = readlink("/proc/self/exe", directory, PATH_MAX - 1);
    if (length < 0)
        return errno;

    directory[length] = '\0';
    char *slash = strrchr(directory, '/');
    if (slash)
        *slash = '\0';
    return 0;
}

static int look_in(const char *directory, const char *name, char *path)
{
    size_t length = text_format(path, PROGRAM_PATH_SIZE, "%s/%s", directory, name);

    if (length >= PROGRAM_PATH_SIZE)
        return ENAMETOOLONG;
    return access(path, X_OK) ? errno : 0;
}

static int look_beside_us(const char *name, char *path)
{
    char own[PATH_MAX], built[PROGRAM_PATH_SIZE];
    int number = find_own_directory(own);

    text_format(built, sizeof(built), "src/%s", name);
    return number ? number : look_in(own, built, path);
}

/* That nobody finds it, be it for a /proc that is not there, is no fault of the kernel. */
static bool is_missing(int number)
{
    return number == ENOENT || number == ENOTDIR || number == EACCES || number == ENAMETOOLONG;
}

fallible program_find_own(const char *name, char *path)
{
    int beside = look_beside_us(name, path);
    if (!beside)
        return OK;
    int installed = look_in(program_directory, name, path);
    if (!installed)
        return OK;
    errno = is_missing(beside) ? installed : beside;
    if (is_missing(errno))
        return error_new(ERROR_PROGRAM, "the program %s of tare is not installed", name);
    return error_system("look for the program %s of tare", name);
}
