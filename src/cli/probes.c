/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the host after a failure; what concerns namespaces, processes or
 * files is asked in files of their own. */

#include "cli/probes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/list.h"
#include "base/text.h"
#include "os/proc.h"
#include "os/self.h"

bool probe_seccomp(const struct error *error, char found[PROBE_SIZE])
{
    const char *status, *line = NULL;
    struct error *failure = self_status(&status);

    (void) error;
    found[0] = '\0';
    if (!failure)
        line = proc_find_line(status, "Seccomp");
    error_forget(failure);
    return line && line[0] == '2';
}

#define NAMED(capability) capability, #capability

/* Which capability a call needs that has failed so, where another row of the causes does not say it
 * better.  Each is what decides: a call that needs none is refused for another reason. */
static const struct {
    enum error_call call;
    int number;
    unsigned capability;
    const char *name;
} needs[] = {
    { CALL_CHOWN, EPERM, NAMED(CAP_CHOWN) },
    { CALL_CHROOT, EPERM, NAMED(CAP_SYS_CHROOT) },
    { CALL_FSMOUNT, EPERM, NAMED(CAP_SYS_ADMIN) },
    { CALL_IOCTL, EPERM, NAMED(CAP_NET_ADMIN) }, /* of a network */
    { CALL_MKDIR, EACCES, NAMED(CAP_DAC_OVERRIDE) },
    { CALL_MKNOD, EACCES, NAMED(CAP_DAC_OVERRIDE) },
    { CALL_MKNOD, EPERM, NAMED(CAP_MKNOD) },
    { CALL_MKNOD, EPERM, NAMED(CAP_CHOWN) }, /* the node is then given to its owner */
    { CALL_MOUNT, EPERM, NAMED(CAP_SYS_ADMIN) },
    { CALL_MOVE_MOUNT, EPERM, NAMED(CAP_SYS_ADMIN) },
    { CALL_OPEN, EACCES, NAMED(CAP_DAC_OVERRIDE) },
    { CALL_OPEN_TREE, EACCES, NAMED(CAP_DAC_OVERRIDE) },
    { CALL_OPEN_TREE, EACCES, NAMED(CAP_SYS_ADMIN) }, /* the container's root does it then */
    { CALL_OPEN_TREE, EPERM, NAMED(CAP_SYS_ADMIN) },
    { CALL_PIDFD_SEND_SIGNAL, EPERM, NAMED(CAP_KILL) },
    { CALL_PIVOT_ROOT, EPERM, NAMED(CAP_SYS_ADMIN) },
    { CALL_PRCTL, EPERM, NAMED(CAP_SETPCAP) },
    { CALL_PTRACE, EPERM, NAMED(CAP_SYS_PTRACE) },
    { CALL_SENDTO, EPERM, NAMED(CAP_NET_ADMIN) },
    { CALL_SETGROUPS, EPERM, NAMED(CAP_SETGID) },
    { CALL_SETHOSTNAME, EPERM, NAMED(CAP_SYS_ADMIN) },
    { CALL_SETNS, EPERM, NAMED(CAP_SYS_ADMIN) },
    { CALL_SETNS, EPERM, NAMED(CAP_SYS_PTRACE) },
    { CALL_SETNS, EPERM, NAMED(CAP_SYS_CHROOT) },
    { CALL_SETRESGID, EPERM, NAMED(CAP_SETGID) },
    { CALL_SETRESUID, EPERM, NAMED(CAP_SETUID) },
    { CALL_UMOUNT, EPERM, NAMED(CAP_SYS_ADMIN) },
    { CALL_UNSHARE, EPERM, NAMED(CAP_SYS_ADMIN) },
    { CALL_WRITE, EACCES, NAMED(CAP_DAC_OVERRIDE) },
};

bool probe_lacking(const struct error *error, char found[PROBE_SIZE])
{
    size_t length = 0;

    found[0] = '\0';
    for (size_t i = 0; i < LENGTH(needs) && self_user() == 0; i++)
        if (needs[i].call == error->call && needs[i].number == error->number &&
            !self_has_capability(needs[i].capability))
            length += text_format(found + length, PROBE_SIZE - length, "%s%s", length ? ", " : "",
                                  needs[i].name);
    return length;
}

bool probe_open_files(const struct error *error, char found[PROBE_SIZE])
{
    struct rlimit limit;
    (void) error;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
        return false;
    text_format(found, PROBE_SIZE, "RLIMIT_NOFILE is %llu", (unsigned long long) limit.rlim_cur);
    return true;
}

bool probe_mount_limit(const struct error *error, char found[PROBE_SIZE])
{
    uint64_t most;
    (void) error;
    if (!probe_setting("sys/fs/mount-max", &most))
        return false;
    text_format(found, PROBE_SIZE, "fs.mount-max is %llu", (unsigned long long) most);
    return true;
}

bool probe_nofile(const struct error *error, char found[PROBE_SIZE])
{
    found[0] = '\0';
    return text_equal(error->object, "RLIMIT_NOFILE");
}

bool probe_object(const struct error *error, char found[PROBE_SIZE])
{
    text_format(found, PROBE_SIZE, "%s", error->object);
    return found[0];
}

bool probe_search(const struct error *error, char found[PROBE_SIZE])
{
    return error->call == CALL_NONE && probe_object(error, found);
}

bool probe_tun(const struct error *error, char found[PROBE_SIZE])
{
    found[0] = '\0';
    return text_equal(error->object, "/dev/net/tun");
}

/* The shortest beginning of the object, a whole number of its parts, of which HOLDS says so. */
static bool find_part(const struct error *error, bool (*holds)(const char *part),
                      char found[PROBE_SIZE])
{
    const char *path = error->object;
    if (path[0] != '/' || strlen(path) >= PROBE_SIZE)
        return false;
    for (const char *end = path; *end;) {
        end = strchrnul(end + 1, '/');
        text_format(found, PROBE_SIZE, "%.*s", (int) (end - path), path);
        if (holds(found))
            return true;
    }
    return false;
}

/* A link that leads nowhere is as good as missing. */
static bool is_missing(const char *part)
{
    struct stat status;
    return stat(part, &status) && errno == ENOENT;
}

static bool is_closed(const char *part)
{
    struct stat status;
    return !stat(part, &status) && S_ISDIR(status.st_mode) &&
           faccessat(AT_FDCWD, part, X_OK, AT_EACCESS);
}

bool probe_missing_part(const struct error *error, char found[PROBE_SIZE])
{
    return find_part(error, is_missing, found);
}

bool probe_closed_part(const struct error *error, char found[PROBE_SIZE])
{
    return find_part(error, is_closed, found);
}

bool probe_full_disk(const struct error *error, char found[PROBE_SIZE])
{
    struct statvfs disk;
    if (error->object[0] != '/' || statvfs(error->object, &disk))
        return false;
    bool has_inodes = disk.f_files == 0 || disk.f_favail > 0;
    text_format(found, PROBE_SIZE, "the filesystem of %.180s has no %s left", error->object,
                has_inodes ? "room" : "inodes");
    return !has_inodes || disk.f_bavail == 0;
}
