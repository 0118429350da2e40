/* SPDX-License-Identifier: Apache-2.0 */
/* Where the programs of the host are that tare asks for help (newuidmap, newgidmap).  What stands
 * in somebody's PATH does not matter: it may be missing, and it may be anybody's. */

#include <unistd.h>

#include "base/list.h"
#include "base/text.h"
#include "os/program.h"

static const char *const directories[] = {
    "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin",
};

fallible program_find(const char *name, char *path)
{
    for (size_t i = 0; i < LENGTH(directories); i++) {
        size_t length = text_format(path, PROGRAM_PATH_SIZE, "%s/%s", directories[i], name);
        if (length < PROGRAM_PATH_SIZE && !access(path, X_OK))
            return OK;
    }
    return error_new(ERROR_PROGRAM, "the program %s is not installed", name);
}
