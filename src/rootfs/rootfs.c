/* SPDX-License-Identifier: Apache-2.0 */
/* root and linux.rootfsPropagation: reads them, opens the root filesystem.  What surprises: the
 * copy is a peer of the host's mounts until it is cut off: at once where the kernel can do that,
 * else by init (rootfs_isolate, rootfs_attach). */

#include "rootfs/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "libocispec/config.h"
#include "os/mount_api.h"

/* Slaves get the host's later mounts; a shared root begins a peer group of its own. */
static void plan_propagation(const struct oci_linux *linux_, struct rootfs_plan *plan)
{
    static const uint64_t words[] = {
        [OCI_ROOTPROP_PRIVATE] = 0,       [OCI_ROOTPROP_SHARED] = MS_SHARED,
        [OCI_ROOTPROP_SLAVE] = MS_SLAVE,  [OCI_ROOTPROP_UNBINDABLE] = MS_UNBINDABLE,
        [OCI_ROOTPROP_RPRIVATE] = 0,      [OCI_ROOTPROP_RSHARED] = MS_SHARED,
        [OCI_ROOTPROP_RSLAVE] = MS_SLAVE, [OCI_ROOTPROP_RUNBINDABLE] = MS_UNBINDABLE,
    };
    plan->isolation = MS_PRIVATE;
    if (!linux_ || !linux_->rootfs_propagation.present)
        return;
    plan->propagation = words[linux_->rootfs_propagation.value];
    if (plan->propagation == MS_SLAVE)
        plan->isolation = MS_SLAVE;
}

/* The first field that asks for a mount, or for a change of one; NULL if none does. */
static const char *find_mounting(const struct oci_config *config)
{
    const struct oci_linux *linux_ = config->linux_;

    if (config->root->readonly.value)
        return "root.readonly";
    if (config->mounts.n)
        return "mounts";
    if (linux_ && linux_->rootfs_propagation.present)
        return "linux.rootfsPropagation";
    if (linux_ && linux_->masked_paths.n)
        return "linux.maskedPaths";
    return linux_ && linux_->readonly_paths.n ? "linux.readonlyPaths" : NULL;
}

/* Without a mount namespace of its own the container shares the host's: it is entered by chroot(2).
 * Mounts are then attached to a copy of the root that is itself attached nowhere, so that the host
 * does not see them, and nothing has to be unmounted. */
static fallible plan_shared_view(const struct oci_config *config, bool *is_detached)
{
    const char *field = find_mounting(config);

    *is_detached = field && mount_can_build_detached();
    if (field && !*is_detached)
        return error_hint(
            error_config(field, "this would mount in the host's own mount namespace"),
            "list a mount namespace in linux.namespaces (without one it takes Linux 6.15)");
    log_warning("no mount namespace is asked for: the root is changed by chroot alone");
    return OK;
}

fallible rootfs_plan(const struct oci_config *config, bool is_isolated, bool has_no_pivot,
                     struct rootfs_plan *plan)
{
    if (!config->root)
        return error_config("root", "it is missing");
    if (!config->root->path || !*config->root->path)
        return error_config("root.path", "it is empty");
    bool is_detached = false;
    if (!is_isolated)
        try(plan_shared_view(config, &is_detached));
    else if (has_no_pivot)
        log_warning("--no-pivot leaves the host's root mounted below the container's: a process "
                    "with CAP_SYS_ADMIN can reach it");
    *plan = (struct rootfs_plan){
        .tree = -1,
        .is_read_only = config->root->readonly.value,
        .is_shared_view = !is_isolated,
        .is_detached = is_detached,
        .has_no_pivot = has_no_pivot || !is_isolated,
    };
    plan_propagation(config->linux_, plan);
    return OK;
}

static fallible open_root(const char *path, int bundle, int *directory)
{
    *directory = openat(bundle, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*directory < 0)
        return error_call(error_errno(ERROR_BUNDLE, "open %s", path), CALL_OPEN, path);
    return OK;
}

/* What is attached nowhere is cut off here; where that takes a call of its own, init does it to
 * what it attaches. */
static fallible clone_root(int directory, struct rootfs_plan *plan, int *tree)
{
    const struct mount_change change = {
        .propagation = plan->is_detached ? MS_PRIVATE : plan->isolation,
        .is_recursive = true,
    };
    auto_close int made = -1;

    struct error *refused = mount_clone_changed(directory, "", &change, &made, &plan->is_cut_off);
    if (refused)
        return refused->number != EPERM
                   ? refused
                   : error_hint(
                         refused,
                         "a seccomp filter may forbid "
                         "mounts: inside another container, start that one with --privileged");
    if (plan->is_detached && !plan->is_cut_off)
        try(mount_change_detached(made, &change));
    *tree = take_fd(&made);
    return OK;
}

fallible rootfs_open(const char *path, int bundle, struct arena *arena, struct rootfs_plan *plan,
                     const char **resolved)
{
    auto_close int directory = -1;
    const char *found = NULL;
    int tree = -1;
    struct error *failure = open_root(path, bundle, &directory);
    if (!failure)
        failure = host_object_find(directory, arena, &found);
    if (!failure && plan->is_noted)
        failure = host_object_note(directory, arena, &plan->object);
    if (!failure && plan->is_shared_view && !plan->is_detached)
        tree = take_fd(&directory);
    else if (!failure && !plan->is_opened_inside)
        failure = clone_root(directory, plan, &tree);
    if (failure)
        return error_field(failure, "root.path");
    plan->tree = tree;
    plan->path = found;
    *resolved = found;
    return OK;
}
