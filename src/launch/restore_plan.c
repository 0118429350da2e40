/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container cannot be restored with.  A checkpoint ends the container, and its images would
 * be of no use then: so it asks, too, before it begins.
 */
#include "base/allocate.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/plan.h"
#include "launch/reasons.h"
#include "launch/restore.h"
#include "libocispec/config.h"
#include "os/proc.h"
#include "rootfs/mount_words.h"
#include "state/record.h"

enum { FIELD_SIZE = 48 };

static fallible check_namespaces(const struct namespaces_plan *namespaces)
{
    for (uint32_t i = 0; i < namespaces->joined_count; i++) {
        const struct namespace_join *join = &namespaces->joined[i];
        char field[FIELD_SIZE];
        if (criu_can_join(join->flag))
            continue;
        text_format(field, sizeof(field), "linux.namespaces[%u].path", join->index);
        return error_hint(error_unsupported(field,
                                            "a %s namespace that is joined cannot be restored",
                                            namespaces_name(join->flag)),
                          "criu makes these anew: without a path the container has one of its own");
    }
    return OK;
}

fallible restore_check_plan(const struct plan *plan)
{
    if (plan->opens_inside || plan->rootfs.is_shared_view)
        return error_unsupported("linux.namespaces",
                                 "to be restored a container needs a mount namespace of its own, "
                                 "and tare the right to mount");
    try(check_namespaces(&plan->namespaces));
    if (!plan->has_cgroup)
        return error_unsupported("linux.cgroupsPath",
                                 "to be restored a container needs a cgroup of its own, in which "
                                 "it stands still until it has been checked");
    if (has_agent(plan))
        return error_unsupported("linux.seccomp.listenerPath",
                                 "a filter that asks an agent cannot be restored");
    for (uint32_t i = 0; i < plan->mounts.n; i++)
        if (plan->mounts.v[i].kind == MOUNT_KIND_BIND &&
            plan->mounts.v[i].idmap != MOUNT_IDMAP_NONE)
            return error_unsupported(plan->mounts.v[i].field,
                                     "an idmapped mount cannot be restored");
    return restore_check_types(&plan->mounts);
}

static bool has_mount_namespace(const struct oci_linux *linux_)
{
    for (uint32_t i = 0; linux_ && i < linux_->namespaces.n; i++)
        if (linux_->namespaces.v[i]->type == OCI_NSTYPE_MOUNT)
            return true;
    return false;
}

static fallible plan_mount(const struct oci_mount *mount, uint32_t index, struct arena *arena,
                           struct mount_plan *plan)
{
    struct mount_words words = { 0 };

    *plan = (struct mount_plan){ .idmap = MOUNT_IDMAP_NONE };
    try_print(plan->field, arena, "mounts[%u]", index);
    try(mount_words_read(mount, plan->field, arena, &words));
    plan->kind = words.is_remount ? MOUNT_KIND_REMOUNT
                 : words.is_bind  ? MOUNT_KIND_BIND
                                  : MOUNT_KIND_NEW;
    plan->filesystem.type = mount->type ? mount->type : "";
    if (mount->uid_mappings.n || words.has_idmap)
        plan->idmap = MOUNT_IDMAP_OWN;
    return OK;
}

fallible restore_plan_again(const struct oci_config *config, const struct record *record,
                            struct arena *arena, struct plan *plan)
{
    const struct oci_linux *linux_ = config->linux_;
    struct mounts_plan *mounts = &plan->mounts;
    int proc;

    try(proc_mounted(&proc));
    try(namespaces_find_own(proc, record->pid.value, &plan->namespaces.own));
    namespaces_list_joined(linux_, &plan->namespaces);
    plan->has_cgroup = record->cgroup_path != NULL;
    plan->rootfs.is_shared_view = !has_mount_namespace(linux_);
    plan->seccomp.has_listener =
        linux_ && linux_->seccomp && oci_seccomp_has_action(linux_->seccomp, OCI_SCMP_ACT_NOTIFY);
    try_new(mounts->v, arena, config->mounts.n);
    mounts->n = config->mounts.n;
    for (uint32_t i = 0; i < mounts->n; i++)
        try(plan_mount(config->mounts.v[i], i, arena, &mounts->v[i]));
    return OK;
}
