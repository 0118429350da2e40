/* SPDX-License-Identifier: Apache-2.0 */
/* process.selinuxLabel and linux.mountLabel, the host's half, without libselinux.  The kernel
 * spells some labels otherwise than it was given them (categories in order, ranges folded); so that
 * what is read back can be compared, it is asked for its spelling first. */

#include "security/selinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "libocispec/config.h"
#include "security/label.h"

enum { SELINUXFS_MAGIC = 0xf97cff8c };

static bool is_in_force(void)
{
    struct statfs status;
    return statfs("/sys/fs/selinux", &status) == 0 &&
           (unsigned) status.f_type == (unsigned) SELINUXFS_MAGIC;
}

/* One write of a label, and one read of what it is; empty where the policy lets us not ask. */
static fallible ask(const char *label, char *spelled, size_t size)
{
    auto_close int fd = open("/sys/fs/selinux/context", O_RDWR | O_NOCTTY | O_CLOEXEC);
    size_t length = strlen(label) + 1;

    if (fd < 0)
        return error_system("open /sys/fs/selinux/context");
    if (write(fd, label, length) != (ssize_t) length)
        return error_system("write to /sys/fs/selinux/context");
    ssize_t got = read(fd, spelled, size - 1);
    if (got < 0)
        return error_system("read /sys/fs/selinux/context");
    spelled[got] = '\0';
    return OK;
}

static fallible plan_label(const char *field, const char *label, struct arena *arena,
                           const char **planned)
{
    char spelled[LABEL_MOST * 2] = "";

    *planned = NULL;
    if (!label || !*label)
        return OK;
    try(label_check(field, label));
    if (!is_in_force())
        return error_hint(error_unsupported(field, "\"%s\": SELinux is not in force here", label),
                          "leave it out, or boot with SELinux among the modules of lsm=");
    struct error *error = ask(label, spelled, sizeof(spelled));
    if (error_forget_if(error, EINVAL))
        return error_config(field, "\"%s\" is no label of the loaded policy", label);
    if (!error_forget_if(error, EACCES)) /* who may not ask hears of it when the label is set */
        try(error);
    try_print(*planned, arena, "%s", *spelled ? spelled : label);
    return OK;
}

fallible selinux_plan(const struct oci_config *config, struct arena *arena,
                      struct selinux_plan *plan)
{
    const struct oci_process *process = config->process;
    const struct oci_linux *linux_ = config->linux_;
    struct selinux_plan made;

    try(plan_label("process.selinuxLabel", process ? process->selinux_label : NULL, arena,
                   &made.process_label));
    try(plan_label("linux.mountLabel", linux_ ? linux_->mount_label : NULL, arena,
                   &made.mount_label));
    *plan = made;
    return OK;
}
