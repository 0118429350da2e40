/* SPDX-License-Identifier: Apache-2.0 */
/* Serves no field: the files that a relay of ours can reach by name, which are none.  What
 * surprises: what a ruleset does not handle stays allowed, so that it handles all and names
 * nothing. */

#include <errno.h>
#include <linux/landlock.h>

#include "base/cleanup.h"
#include "os/syscalls.h"
#include "security/confine.h"

/* All of the first version of Landlock (Linux 5.13). */
enum { ALL_OF_FILES = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };

static bool is_lacking(int number)
{
    return number == ENOSYS || number == EOPNOTSUPP || number == EPERM;
}

/* A filter around us may refuse it as well. */
fallible confine_files(void)
{
    const struct landlock_ruleset_attr all = { .handled_access_fs = ALL_OF_FILES };
    auto_close int rules = (int) syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);

    if (rules < 0)
        return is_lacking(errno) ? OK : error_system("landlock_create_ruleset");
    return syscall(SYS_landlock_restrict_self, rules, 0) && !is_lacking(errno)
               ? error_system("landlock_restrict_self")
               : OK;
}
