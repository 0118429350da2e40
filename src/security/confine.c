/* SPDX-License-Identifier: Apache-2.0 */
/* Serves no field: our own confinement.  What surprises: who has no CAP_SETPCAP cannot empty his
 * bounding set, and need not, since nothing of it can be had without an execve(2). */

#include "security/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/landlock.h>

#include "base/cleanup.h"
#include "os/syscalls.h"
#include "security/capabilities.h"
#include "security/no_new_privileges.h"

/* All of the first version of Landlock (Linux 5.13): what is not handled stays allowed. */
enum { ALL_OF_FILES = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };

static fallible give_up_capabilities(void)
{
    struct capabilities_plan had = { 0 };

    try(capabilities_read(&had));
    struct capabilities_plan none = { .last = had.last };
    if (!(had.effective >> CAP_SETPCAP & 1))
        none.bounding = had.bounding;
    try(capabilities_bound(&none));
    return capabilities_apply(&none);
}

static bool is_lacking(int number)
{
    return number == ENOSYS || number == EOPNOTSUPP || number == EPERM;
}

/* A filter around us may refuse it as well. */
static fallible give_up_files(void)
{
    const struct landlock_ruleset_attr all = { .handled_access_fs = ALL_OF_FILES };
    auto_close int rules = (int) syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);

    if (rules < 0)
        return is_lacking(errno) ? OK : error_system("landlock_create_ruleset");
    return syscall(SYS_landlock_restrict_self, rules, 0) && !is_lacking(errno)
               ? error_system("landlock_restrict_self")
               : OK;
}

fallible confine_relay(void)
{
    try(no_new_privileges_set());
    try(give_up_capabilities());
    try(give_up_files());
    return confine_calls();
}
