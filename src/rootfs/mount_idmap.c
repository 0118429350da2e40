/* SPDX-License-Identifier: Apache-2.0 */
/* mounts[].uidMappings, mounts[].gidMappings, idmap and ridmap.  What surprises: the first column
 * of a mapping is an id of the filesystem here, and the second what it is to the host, so that the
 * container's own mappings show it the filesystem's ids as they are. */

#include "rootfs/mount_idmap.h"

#include "base/allocate.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/mount.h"

/* What shows the kernel, and with it the ids of whoever looks: it is never idmapped. */
static const char *const views[] = { "proc", "sysfs", "mqueue", "devpts", "cgroup", "cgroup2" };

static bool is_view(const struct oci_mount *mount, const struct mount_plan *plan)
{
    if (plan->kind != MOUNT_KIND_NEW && !plan->is_cgroup)
        return false;
    for (size_t i = 0; i < LENGTH(views); i++)
        if (text_equal(views[i], mount->type))
            return true;
    return false;
}

static fallible check_both(const struct oci_mount *mount, struct arena *arena,
                           const struct mount_plan *plan)
{
    const char *field;
    if (!mount->uid_mappings.n == !mount->gid_mappings.n)
        return OK;
    try_print(field, arena, "%s.%s", plan->field,
              mount->uid_mappings.n ? "uidMappings" : "gidMappings");
    return error_config(field, "uidMappings and gidMappings must come together");
}

/* Where it stands in the config that ids are mapped. */
static fallible name_field(const struct mount_idmap_request *request, struct arena *arena,
                           const struct mount_plan *plan, const char **field)
{
    if (request->words->has_idmap)
        try_print(*field, arena, "%s.options[%u]", plan->field, request->words->idmap_option);
    else
        try_print(*field, arena, "%s.uidMappings", plan->field);
    return OK;
}

static fallible check_possible(const struct mount_idmap_request *request, const char *field,
                               const struct mount_plan *plan)
{
    if (plan->kind == MOUNT_KIND_REMOUNT)
        return error_config(field, "a mount that is there already cannot be idmapped");
    if (is_view(request->mount, plan))
        return error_unsupported(field, "Linux has no idmapped mounts of '%s'",
                                 request->mount->type);
    if (request->context->is_opened_inside)
        return error_hint(error_unsupported(field, "we may not map the ids of a mount here"),
                          "root of the host may; a new tmpfs has the container's ids without "
                          "mappings");
    return OK;
}

/* Made by init in the container's user namespace, it has the ids that are asked for. */
static bool is_mapped_as_made(const struct mount_idmap_request *request,
                              const struct mount_plan *plan)
{
    return request->context->is_opened_inside && !request->mount->uid_mappings.n &&
           !request->words->idmap_text && plan->kind == MOUNT_KIND_NEW &&
           text_equal(request->mount->type, "tmpfs");
}

fallible mount_idmap_plan(const struct mount_idmap_request *request, struct arena *arena,
                          struct mount_plan *plan)
{
    const struct mount_words *words = request->words;
    bool has_own = request->mount->uid_mappings.n || words->idmap_text;
    const char *field;

    try(check_both(request->mount, arena, plan));
    if (!has_own && !words->has_idmap)
        return OK;
    try(name_field(request, arena, plan, &field));
    if (!has_own && !request->context->has_user_namespace)
        return error_hint(error_config(field, "there are no mappings, and no user namespace whose "
                                              "mappings could be taken"),
                          "give the mount uidMappings and gidMappings, or the container a user "
                          "namespace");
    if (words->idmap_text && request->mount->uid_mappings.n)
        return error_config(field, "there are uidMappings and gidMappings already");
    if (is_mapped_as_made(request, plan))
        return OK;
    try(check_possible(request, field, plan));
    if (!words->has_idmap)
        log_warning("%s: its mappings count for the mount alone, not for those below, since "
                    "neither idmap nor ridmap stands in its options",
                    plan->field);
    plan->idmap = has_own ? MOUNT_IDMAP_OWN : MOUNT_IDMAP_CONTAINER;
    plan->is_idmap_recursive = words->is_idmap_recursive;
    plan->idmap_field = field;
    plan->idmap_text = words->idmap_text;
    if (plan->kind == MOUNT_KIND_NEW) {
        /* In the user namespace of the container it could not be given other ids. */
        plan->is_made_by_host = true;
        plan->is_made_early = false;
    }
    return OK;
}
