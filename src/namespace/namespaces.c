/* SPDX-License-Identifier: Apache-2.0 */
/* linux.namespaces: what of the system the container sees as its own.  A type that is not listed is
 * shared with the caller, and so is one whose path leads to where the caller is. */

#include "namespace/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/linux.h"
#include "os/syscalls.h"

static const struct namespace_type {
    const char *name;
    uint64_t flag;
    const char *own; /* the caller's, of procfs */
} types[] = {
    [OCI_NSTYPE_MOUNT] = { "mount", CLONE_NEWNS, "/proc/self/ns/mnt" },
    [OCI_NSTYPE_PID] = { "pid", CLONE_NEWPID, "/proc/self/ns/pid" },
    [OCI_NSTYPE_NETWORK] = { "network", CLONE_NEWNET, "/proc/self/ns/net" },
    [OCI_NSTYPE_UTS] = { "uts", CLONE_NEWUTS, "/proc/self/ns/uts" },
    [OCI_NSTYPE_IPC] = { "ipc", CLONE_NEWIPC, "/proc/self/ns/ipc" },
    [OCI_NSTYPE_USER] = { "user", CLONE_NEWUSER, "/proc/self/ns/user" },
    [OCI_NSTYPE_CGROUP] = { "cgroup", CLONE_NEWCGROUP, "/proc/self/ns/cgroup" },
    [OCI_NSTYPE_TIME] = { "time", CLONE_NEWTIME, "/proc/self/ns/time" },
};

/* An entry under examination. */
struct entry {
    const struct oci_namespace *asked;
    uint32_t index;
    char field[ERROR_FIELD_SIZE]; /* of its path */
};

static uint32_t find_type(const struct oci_namespace_array *list, uint8_t type)
{
    uint32_t i = 0;
    while (list->v[i]->type != type)
        i++;
    return i;
}

/* The type of the namespace that FD refers to has to be the one that the config says [N4]. */
static fallible check_type(const struct entry *entry, int fd)
{
    const char *wanted = types[entry->asked->type].name;
    int flag = ioctl(fd, NS_GET_NSTYPE);
    if (flag < 0)
        return error_config(entry->field, "\"%s\" is no namespace", entry->asked->path);
    if ((uint64_t) flag == types[entry->asked->type].flag)
        return OK;
    const char *found = namespaces_name((uint64_t) flag);
    return error_config(entry->field, "\"%s\" is a namespace of type %s, not %s",
                        entry->asked->path, found ? found : "unknown", wanted);
}

static fallible open_namespace(const struct entry *entry, int *fd)
{
    /* Not O_PATH, which would say nothing of the type; a fifo must not keep us waiting. */
    auto_close int opened = open(entry->asked->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (opened < 0)
        return error_field(error_system("open the %s namespace \"%s\"",
                                        types[entry->asked->type].name, entry->asked->path),
                           "%s", entry->field);
    try(check_type(entry, opened));
    *fd = take_fd(&opened);
    return OK;
}

/* pivot_root(2) gives the container's root to whoever lives in the namespace: to another pod's
 * processes that may be meant, to the host's never. */
static fallible check_mounts(const struct entry *entry, int fd)
{
    struct stat first, asked;

    if (!stat("/proc/1/ns/mnt", &first) && !fstat(fd, &asked) && first.st_dev == asked.st_dev &&
        first.st_ino == asked.st_ino)
        return error_hint(error_unsupported(entry->field,
                                            "it is the mount namespace of process 1, which would "
                                            "get the container's root"),
                          "leave the entry out to share the caller's mount namespace");
    log_warning("%s: whoever lives in this mount namespace gets the container's root",
                entry->field);
    return OK;
}

static fallible is_callers(uint8_t type, int fd, bool *is_it)
{
    struct stat own, other;
    if (stat(types[type].own, &own) || fstat(fd, &other))
        return error_system("look at %s", types[type].own);
    *is_it = own.st_dev == other.st_dev && own.st_ino == other.st_ino;
    return OK;
}

static fallible plan_join(const struct entry *entry, struct namespaces_plan *plan)
{
    const char *path = entry->asked->path;
    uint64_t flag = types[entry->asked->type].flag;
    auto_close int fd = -1;
    bool is_ours;

    if (path[0] != '/')
        return error_config(entry->field, "\"%s\" is not an absolute path", path);
    try(open_namespace(entry, &fd));
    try(is_callers(entry->asked->type, fd, &is_ours));
    if (is_ours)
        return OK;
    if (flag == CLONE_NEWNS)
        try(check_mounts(entry, fd));
    plan->own |= flag;
    plan->joined[plan->joined_count++] =
        (struct namespace_join){ flag, entry->index, path, take_fd(&fd) };
    return OK;
}

static fallible plan_one(const struct oci_namespace_array *list, uint32_t i,
                         struct namespaces_plan *plan)
{
    struct entry entry = { .asked = list->v[i], .index = i };
    uint32_t first = find_type(list, entry.asked->type);

    text_format(entry.field, sizeof(entry.field), "linux.namespaces[%u].type", i);
    if (first < i)
        return error_config(entry.field, "\"%s\" stands in linux.namespaces[%u] already",
                            types[entry.asked->type].name, first);
    text_format(entry.field, sizeof(entry.field), "linux.namespaces[%u].path", i);
    if (entry.asked->path)
        return plan_join(&entry, plan);
    plan->created |= types[entry.asked->type].flag;
    plan->own |= types[entry.asked->type].flag;
    return OK;
}

fallible namespaces_plan(const struct oci_linux *linux_, struct namespaces_plan *plan)
{
    struct namespaces_plan made = { 0 };
    for (uint32_t i = 0; linux_ && i < linux_->namespaces.n; i++) {
        struct error *error = plan_one(&linux_->namespaces, i, &made);
        if (error) {
            namespaces_close(&made);
            return error;
        }
    }
    *plan = made;
    return OK;
}

static const char *name_file(const struct namespace_type *type)
{
    return strrchr(type->own, '/') + 1;
}

/* A type that the kernel was built without has no file. */
fallible namespaces_find_own(int proc, pid_t pid, uint64_t *own)
{
    uint64_t found = 0;

    for (size_t i = 0; i < LENGTH(types); i++) {
        char path[64];
        struct stat ours, theirs;

        if (stat(types[i].own, &ours)) {
            if (errno == ENOENT)
                continue;
            return error_system("look at %s", types[i].own);
        }
        text_format(path, sizeof(path), "%d/ns/%s", (int) pid, name_file(&types[i]));
        if (fstatat(proc, path, &theirs, 0))
            return error_system("look at /proc/%s", path);
        if (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino)
            found |= types[i].flag;
    }
    *own = found;
    return OK;
}

void namespaces_list_joined(const struct oci_linux *linux_, struct namespaces_plan *plan)
{
    plan->joined_count = 0;
    for (uint32_t i = 0; linux_ && i < linux_->namespaces.n; i++) {
        const struct oci_namespace *asked = linux_->namespaces.v[i];
        uint64_t flag = types[asked->type].flag;
        if (asked->path && plan->own & flag)
            plan->joined[plan->joined_count++] =
                (struct namespace_join){ flag, i, asked->path, -1 };
    }
}

void namespaces_close(struct namespaces_plan *plan)
{
    for (uint32_t i = 0; i < plan->joined_count; i++)
        close_fd(&plan->joined[i].fd);
}

static const struct namespace_type *find_flag(uint64_t flag)
{
    for (size_t i = 0; i < LENGTH(types); i++)
        if (types[i].flag == flag)
            return &types[i];
    return NULL;
}

const char *namespaces_name(uint64_t flag)
{
    const struct namespace_type *type = find_flag(flag);
    return type ? type->name : NULL;
}

const char *namespaces_file(uint64_t flag)
{
    const struct namespace_type *type = find_flag(flag);
    return type ? name_file(type) : NULL;
}
