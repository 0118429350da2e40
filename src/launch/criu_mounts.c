/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container has of its host: mounts that the config binds, null devices that mask paths, and
 * namespaces that are somebody else's.  criu leaves them out of the images under a name, and asks
 * for them by that name when it restores: what stands there then is the config's alone (R21).
 *
 * A destination may lead elsewhere, over a link of the image.  Where something is mounted is asked
 * of the kernel by the id of the mount, therefore, and never taken from the config.
 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/stat.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore_binds.h"
#include "libocispec/config.h"
#include "os/fd.h"
#include "os/mount_api.h"
#include "os/mount_list.h"
#include "os/path.h"
#include "os/proc.h"
#include "state/notify_socket.h"

/* The names under which images have namespaces of others; engines move images between runtimes. */
static const struct {
    enum oci_nstype type;
    uint64_t flag;
    const char *name;
} external_namespaces[] = {
    { OCI_NSTYPE_NETWORK, CLONE_NEWNET, "extRootNetNS" },
    { OCI_NSTYPE_PID, CLONE_NEWPID, "extRootPidNS" },
};

/* Those that criu joins.  It knows them, and the above, by the names of their files. */
static const uint64_t joined_namespaces =
    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWUSER | CLONE_NEWTIME;

static bool has_option(const struct oci_mount *mount, const char *option)
{
    for (uint32_t i = 0; i < mount->options.n; i++)
        if (text_equal(mount->options.v[i], option))
            return true;
    return false;
}

static bool is_bind(const struct oci_mount *mount)
{
    return (mount->type && text_equal(mount->type, "bind")) || has_option(mount, "bind") ||
           has_option(mount, "rbind");
}

static bool has_namespace(const struct oci_config *config, enum oci_nstype type, bool by_path)
{
    const struct oci_namespace_array *list = config->linux_ ? &config->linux_->namespaces : NULL;

    for (uint32_t i = 0; list && i < list->n; i++)
        if (list->v[i]->type == type && !list->v[i]->path == !by_path)
            return true;
    return false;
}

/* Without a namespace of its own it has its cgroup bound. */
static bool is_from_host(const struct oci_config *config, const struct oci_mount *mount)
{
    bool is_cgroup = mount->type && text_starts(mount->type, "cgroup");
    return is_bind(mount) || (is_cgroup && !has_namespace(config, OCI_NSTYPE_CGROUP, false));
}

/* Of a container ------------------------------------------------------------------------------- */

struct seen {
    struct criu_work *work;
    struct arena *arena;
    struct mount_list mounts;
    bool *is_known; /* for each of them: it is of the config */
    int root;
};

static void know(const struct seen *seen, const struct mount_entry *mount)
{
    if (mount)
        seen->is_known[mount - seen->mounts.v] = true;
}

/* What is mounted where PATH leads, if PATH is where something is mounted; MODE is of what is seen
 * there, or NULL. */
static const struct mount_entry *find_mount(const struct seen *seen, const char *path, mode_t *mode)
{
    struct mount_place place = { .is_mount_root = false };
    struct stat status = { .st_mode = 0 };
    auto_close int fd = -1;
    struct error *error = path_open(seen->root, path, O_PATH, &fd);

    if (!error)
        error = mount_look(fd, &place);
    if (!error && mode && fstat(fd, &status))
        error = error_system("look at %s", path);
    bool is_there = !error && place.is_mount_root;
    error_forget(error);
    if (mode)
        *mode = status.st_mode;
    return is_there ? mount_list_find(&seen->mounts, place.mount) : NULL;
}

/* What restore would refuse; of one that goes on nothing is lost. */
static fallible refuse(const struct seen *seen, struct error *error)
{
    const struct criu_options *options = seen->work->options;

    if (!options->leaves_running && !options->is_pre_dump)
        return error;
    log_warning("it cannot be restored: %s", error_line(error));
    error_forget(error);
    return OK;
}

/* A file that others replace, as editors do, is the old one in the container still, which nobody
 * could bind once more. */
static fallible check_presence(const struct seen *seen, const struct mount_entry *mount)
{
    static const char mark[] = "//deleted";

    if (!text_ends(mount->root, mark))
        return OK;
    return refuse(seen, error_hint(error_new(ERROR_STATE,
                                             "what is mounted on %s has been removed or replaced "
                                             "on the host, and could not be mounted again",
                                             mount->point),
                                   "bind the directory that it is in, or write to the file without "
                                   "replacing it"));
}

/* criu leaves out each tracefs, as what the kernel mounts in a debugfs by itself. */
static fallible check_type(const struct seen *seen, const struct mount_entry *mount)
{
    const struct mount_entry *parent = mount_list_find(&seen->mounts, mount->parent);

    if (!text_equal(mount->type, "tracefs") || (parent && text_equal(parent->type, "debugfs")))
        return OK;
    return refuse(seen, error_hint(error_new(ERROR_STATE,
                                             "mounts: criu leaves out a tracefs, such as is "
                                             "mounted on %s",
                                             mount->point),
                                   "mount it in a debugfs, or not at all: the container goes on"));
}

static fallible check_bind(const struct seen *seen, const struct mount_entry *mount)
{
    try(check_presence(seen, mount));
    return check_type(seen, mount);
}

/* With what is mounted below it and came with it: no row of the config has made that. */
static fallible tell_bind(const struct seen *seen, const struct mount_entry *top,
                          const char *destination, bool is_recursive)
{
    try(check_bind(seen, top));
    try(criu_external_add(seen->work, "mnt[%s]:%s", top->point, destination));
    for (uint32_t i = 0; i < seen->mounts.n; i++) {
        const char *point = seen->mounts.v[i].point, *rest = mount_list_below(point, top->point);
        if (!rest || seen->is_known[i])
            continue;
        if (is_recursive)
            know(seen, &seen->mounts.v[i]);
        try(check_bind(seen, &seen->mounts.v[i]));
        try(criu_external_add(seen->work, "mnt[%s]:%s%s", point, destination, rest));
    }
    return OK;
}

/* A directory is masked by a tmpfs, of which the images have all; the null device may be on another
 * one. */
static fallible tell_mask(const struct seen *seen, const char *path)
{
    mode_t mode;
    const struct mount_entry *mount = find_mount(seen, path, &mode);

    if (!mount || S_ISDIR(mode))
        return OK;
    return criu_external_add(seen->work, "mnt[%s]:%s", mount->point, path);
}

/* In a user namespace devices are bound.  A terminal that is bound is the container's own. */
static fallible tell_devices(const struct seen *seen)
{
    for (uint32_t i = 0; i < seen->mounts.n; i++) {
        const struct mount_entry *mount = &seen->mounts.v[i];
        mode_t mode;
        if (!text_starts(mount->point, "/dev/") || text_equal(mount->type, "devpts") ||
            find_mount(seen, mount->point, &mode) != mount || !S_ISCHR(mode))
            continue;
        know(seen, mount);
        try(criu_external_add(seen->work, "mnt[%s]:%s", mount->point, mount->point));
    }
    return OK;
}

static fallible tell_mount(const struct seen *seen, const struct oci_config *config,
                           const struct oci_mount *mount)
{
    struct mount_plan plan;

    try(mounts_plan_destination(mount, seen->arena, &plan));
    const struct mount_entry *top = find_mount(seen, plan.destination, NULL);
    return top && is_from_host(config, mount)
               ? tell_bind(seen, top, plan.destination, has_option(mount, "rbind"))
               : OK;
}

static fallible tell_mounts(const struct seen *seen, const struct oci_config *config)
{
    const struct oci_string_array *masked = config->linux_ ? &config->linux_->masked_paths : NULL;

    for (uint32_t i = 0; i < config->mounts.n; i++)
        try(tell_mount(seen, config, config->mounts.v[i]));
    for (uint32_t i = 0; masked && i < masked->n; i++)
        try(tell_mask(seen, masked->v[i]));
    return has_namespace(config, OCI_NSTYPE_USER, false) ? tell_devices(seen) : OK;
}

static void know_paths(const struct seen *seen, const struct oci_string_array *paths)
{
    for (uint32_t i = 0; i < paths->n; i++)
        know(seen, find_mount(seen, paths->v[i], NULL));
}

/* What its rows have made, besides the root and the console. */
static fallible know_rows(const struct seen *seen, const struct oci_config *config)
{
    const struct oci_linux *linux_ = config->linux_;
    struct mount_plan plan;

    know(seen, find_mount(seen, "/", NULL));
    if (config->process && config->process->terminal.value)
        know(seen, find_mount(seen, "/dev/console", NULL));
    for (uint32_t i = 0; i < config->mounts.n; i++) {
        try(mounts_plan_destination(config->mounts.v[i], seen->arena, &plan));
        know(seen, find_mount(seen, plan.destination, NULL));
    }
    if (!linux_)
        return OK;
    know_paths(seen, &linux_->masked_paths);
    know_paths(seen, &linux_->readonly_paths);
    return OK;
}

/* Those of a directory that is bound came with it, where the config has them too. */
static void know_devices(const struct seen *seen, const struct oci_config *config)
{
    const struct oci_linux *linux_ = config->linux_;

    for (uint32_t i = 0; linux_ && i < linux_->devices.n; i++)
        know(seen, find_mount(seen, linux_->devices.v[i]->path, NULL));
}

/* What tare has mounted itself, and the config has not (container/notify.c). */
static bool is_notify_place(const struct mount_entry *mount)
{
    return text_equal(mount->point, NOTIFY_PLACE) && text_ends(mount->root, "/" NOTIFY_DIRECTORY);
}

/* Of one that is hidden nobody could say what it is, though it may be of the config. */
static fallible refuse_unknown(const struct seen *seen, const struct mount_entry *mount)
{
    if (find_mount(seen, mount->point, NULL) != mount)
        return error_hint(error_new(ERROR_STATE,
                                    "mounts: what is mounted on %s lies under another mount, and "
                                    "could not be restored",
                                    mount->point),
                          "mount each destination once, behind those that it lies in, and have "
                          "none in linux.readonlyPaths and maskedPaths: the container goes on");
    if (is_notify_place(mount))
        return error_new(ERROR_STATE, "the container was given a NOTIFY_SOCKET, in %s",
                         mount->point);
    return error_hint(
        error_new(ERROR_STATE, "mounts: %s is mounted, and not in the config", mount->point),
        "unmount it, or let the config mount it: the container goes on");
}

/* Restore could not tell these from an attack, and a checkpoint ends the container. */
static fallible check_rest(const struct seen *seen)
{
    for (uint32_t i = 0; i < seen->mounts.n; i++)
        if (!seen->is_known[i])
            try(refuse(seen, refuse_unknown(seen, &seen->mounts.v[i])));
    return OK;
}

static fallible tell_namespaces(struct criu_work *work, int proc, const struct oci_config *config,
                                pid_t pid)
{
    struct stat status;
    char path[64];

    for (size_t i = 0; i < LENGTH(external_namespaces); i++) {
        const char *file = namespaces_file(external_namespaces[i].flag);
        if (!has_namespace(config, external_namespaces[i].type, true))
            continue;
        text_format(path, sizeof(path), "%d/ns/%s", pid, file);
        if (fstatat(proc, path, &status, 0))
            return error_system("look at /proc/%s", path);
        try(criu_external_add(work, "%s[%lu]:%s", file, (unsigned long) status.st_ino,
                              external_namespaces[i].name));
    }
    return OK;
}

fallible criu_externals_of(struct criu_work *work, const struct oci_config *config, pid_t pid,
                           struct arena *arena)
{
    struct seen seen = { .work = work, .arena = arena };
    char path[64];
    int proc;

    try(proc_mounted(&proc));
    try(tell_namespaces(work, proc, config, pid));
    try(mount_list_read(proc, pid, arena, &seen.mounts));
    text_format(path, sizeof(path), "%d/root", pid);
    auto_close int root = openat(proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return error_system("open /proc/%s", path);
    seen.root = root;
    try_new(seen.is_known, arena, seen.mounts.n);
    try(know_rows(&seen, config));
    try(tell_mounts(&seen, config));
    know_devices(&seen, config);
    return check_rest(&seen);
}

/* For a restore -------------------------------------------------------------------------------- */

bool criu_can_join(uint64_t flag)
{
    for (size_t i = 0; i < LENGTH(external_namespaces); i++)
        if (external_namespaces[i].flag == flag)
            return true;
    return joined_namespaces & flag;
}

static void give_namespace(struct criu_work *work, const struct namespace_join *join)
{
    for (size_t i = 0; i < LENGTH(external_namespaces); i++)
        if (external_namespaces[i].flag == join->flag) {
            criu_inherit_add(work, external_namespaces[i].name, join->fd);
            return;
        }
    criu_join_add(work, namespaces_file(join->flag), join->path);
}

fallible criu_externals_for(struct criu_work *work, const struct host *host,
                            const struct plan *plan)
{
    struct restore_binds binds;

    for (uint32_t i = 0; i < plan->namespaces.joined_count; i++)
        give_namespace(work, &plan->namespaces.joined[i]);
    try(restore_list_binds(host, plan, &binds));
    for (uint32_t i = 0; i < binds.n; i++)
        try(criu_external_add(work, "mnt[%s]:%s", binds.v[i].name, binds.v[i].source));
    return OK;
}
