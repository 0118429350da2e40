/* SPDX-License-Identifier: Apache-2.0 */
/* Where the programs are that tare asks for help: those of the host (newuidmap), and its own.  What
 * stands in somebody's PATH does not matter: it may be missing, and it may be anybody's. */

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

/* "" where /proc cannot say. */
static void find_own_directory(char *directory)
{
    ssize_t length = readlink("/proc/self/exe", directory, PATH_MAX - 1);

    directory[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(directory, '/');
    if (slash)
        *slash = '\0';
}

fallible program_find_own(const char *name, char *path)
{
    char own[PATH_MAX];

    find_own_directory(own);
    size_t length = text_format(path, PROGRAM_PATH_SIZE, "%s/src/%s", own, name);
    if (*own && length < PROGRAM_PATH_SIZE && !access(path, X_OK))
        return OK;
    length = text_format(path, PROGRAM_PATH_SIZE, "%s/%s", program_directory, name);
    if (length < PROGRAM_PATH_SIZE && !access(path, X_OK))
        return OK;
    return error_new(ERROR_PROGRAM, "the program %s of tare is not installed", name);
}
