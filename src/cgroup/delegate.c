/* SPDX-License-Identifier: Apache-2.0 */
/* linux.cgroupsPath: who owns the cgroup of a container, so that one that is not root, systemd for
 * one, can make cgroups in it.  Its limits are never among the files given away. */
#include "cgroup/delegate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/config.h"
#include "os/fd.h"

enum { LIST_SIZE = 4096, NAME_SIZE = 128 };

static bool has_option(const struct oci_mount *mount, const char *option)
{
    for (uint32_t i = 0; i < mount->options.n; i++)
        if (text_equal(mount->options.v[i], option))
            return true;
    return false;
}

bool delegate_is_wanted(const struct oci_config *config)
{
    for (uint32_t i = 0; i < config->mounts.n; i++) {
        const struct oci_mount *mount = config->mounts.v[i];
        bool is_cgroup = mount->type &&
                         (text_equal(mount->type, "cgroup") || text_equal(mount->type, "cgroup2"));
        if (is_cgroup && text_equal(mount->destination, "/sys/fs/cgroup") &&
            !has_option(mount, "ro"))
            return true;
    }
    return false;
}

static fallible read_list(char *list)
{
    auto_close int fd = open("/sys/kernel/cgroup/delegate", O_RDONLY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        text_format(list, LIST_SIZE, "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n");
        return OK;
    }
    if (fd < 0)
        return error_errno(ERROR_CGROUP, "open /sys/kernel/cgroup/delegate");
    return fd_read_small(fd, list, LIST_SIZE);
}

static fallible give(int directory, const char *name, uid_t uid)
{
    if (!fchownat(directory, name, uid, (gid_t) -1, AT_SYMLINK_NOFOLLOW) || errno == ENOENT)
        return OK;
    return error_errno(ERROR_CGROUP, "give %s of the cgroup to user %u", name, (unsigned) uid);
}

static fallible give_all(int directory, uid_t uid)
{
    char list[LIST_SIZE], name[NAME_SIZE];

    if (fchown(directory, uid, (gid_t) -1))
        return error_errno(ERROR_CGROUP, "give the cgroup to user %u", (unsigned) uid);
    try(read_list(list));
    for (const char *line = list; *line;) {
        size_t length = strcspn(line, "\n");
        text_format(name, sizeof(name), "%.*s", (int) length, line);
        if (length && !strchr(name, '/'))
            try(give(directory, name, uid));
        line += length + (line[length] == '\n');
    }
    return OK;
}

fallible delegate_give(int directory, uid_t uid)
{
    struct error *error = give_all(directory, uid);

    if (error && error->number == EPERM) {
        log_warning("%s: that needs CAP_CHOWN", error->text);
        error_forget(error);
        return OK;
    }
    return error;
}
