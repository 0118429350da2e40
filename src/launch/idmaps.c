/* SPDX-License-Identifier: Apache-2.0 */
/* mounts[].uidMappings and gidMappings, idmap and ridmap: finds the user namespace for each mount.
 * The container's own serves where the mappings are the same, as engines have it; any other is
 * borne for its maps alone, and outlives its only process by the mounts that have it. */

#include "launch/idmaps.h"

#include <sched.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "launch/host.h"
#include "libocispec/config.h"
#include "os/mount_api.h"
#include "os/user_namespace.h"
#include "rootfs/mount_idmap.h"

/* "@": the second ids are those of the container, and have to follow one another outside, too. */
static fallible make_absolute(const struct mount_idmap_list *list, const struct id_map *containers,
                              const char *field)
{
    for (uint32_t i = 0; i < list->ids.n; i++) {
        struct oci_idmap *range = list->ids.v[i];
        uint32_t first, last, more = range->size ? range->size - 1 : 0;

        if (!list->are_relative[i])
            continue;
        if (!id_map_find(containers, range->host_id, &first) ||
            range->host_id > UINT32_MAX - more ||
            !id_map_find(containers, range->host_id + more, &last) || last - first != more)
            return error_config(field, "the container has no %u ids from %u on, in one mapping",
                                range->size, range->host_id);
        range->host_id = first;
    }
    return OK;
}

static fallible plan_listed(const struct host *host, const struct plan *plan,
                            const struct mount_plan *mount, struct mount_maps *maps)
{
    const char *field = mount->idmap_field;
    struct mount_idmap_lists lists;

    try(mount_idmap_parse(mount->idmap_text, field, host->arena, &lists));
    try(make_absolute(&lists.uids, &plan->user_ns.uids, field));
    try(make_absolute(&lists.gids, &plan->user_ns.gids, field));
    try(id_map_plan(field, &lists.uids.ids, host->arena, &maps->uids));
    return id_map_plan(field, &lists.gids.ids, host->arena, &maps->gids);
}

static fallible plan_own(const struct host *host, const struct mount_plan *mount,
                         const struct oci_mount *asked, struct mount_maps *maps)
{
    const char *uids, *gids;

    try_print(uids, host->arena, "%s.uidMappings", mount->field);
    try_print(gids, host->arena, "%s.gidMappings", mount->field);
    try(id_map_plan(uids, &asked->uid_mappings, host->arena, &maps->uids));
    return id_map_plan(gids, &asked->gid_mappings, host->arena, &maps->gids);
}

static fallible plan_one(const struct host *host, const struct plan *plan, uint32_t i)
{
    const struct mount_plan *mount = &plan->mounts.v[i];
    const struct user_ns_plan *own = &plan->user_ns;
    struct mount_maps *maps = &host->mount_maps[i];

    maps->is_containers = mount->idmap == MOUNT_IDMAP_CONTAINER;
    if (mount->idmap != MOUNT_IDMAP_OWN)
        return OK;
    if (mount->idmap_text)
        try(plan_listed(host, plan, mount, maps));
    else
        try(plan_own(host, mount, host->request->config->mounts.v[i], maps));
    maps->is_containers = (own->is_new || own->is_joined) &&
                          id_map_is_same(&maps->uids, &own->uids) &&
                          id_map_is_same(&maps->gids, &own->gids);
    return OK;
}

fallible idmaps_plan(struct host *host, struct plan *plan)
{
    if (!plan->mounts.idmap_count)
        return OK;
    try_new(host->mount_maps, host->arena, plan->mounts.n);
    for (uint32_t i = 0; i < plan->mounts.n; i++)
        try(plan_one(host, plan, i));
    return OK;
}

/* The user namespaces that are open, from one mount to the next. */
struct tables {
    const struct launch *launch;
    int containers, own;               /* the first, where it is joined, is the plan's */
    const struct mount_maps *own_maps; /* of OWN */
};

static fallible open_containers(struct tables *tables)
{
    const struct namespaces_plan *namespaces = &tables->launch->plan->namespaces;

    if (tables->launch->plan->hands_over_idmapped)
        return user_namespace_open(tables->launch->host->pid, &tables->containers);
    for (uint32_t i = 0; i < namespaces->joined_count; i++)
        if (namespaces->joined[i].flag == CLONE_NEWUSER)
            tables->containers = namespaces->joined[i].fd;
    return OK;
}

static bool is_same(const struct mount_maps *a, const struct mount_maps *b)
{
    return id_map_is_same(&a->uids, &b->uids) && id_map_is_same(&a->gids, &b->gids);
}

static fallible open_own(struct tables *tables, const char *mount, const struct mount_maps *maps)
{
    struct arena *arena = tables->launch->host->arena;
    struct user_ns_maps asked = { .uids = &maps->uids, .gids = &maps->gids };

    if (tables->own_maps && is_same(tables->own_maps, maps))
        return OK;
    close_fd(&tables->own);
    tables->own_maps = NULL;
    try_print(asked.uid_field, arena, "%s.uidMappings", mount);
    try_print(asked.gid_field, arena, "%s.gidMappings", mount);
    try(user_ns_make(&asked, arena, &tables->own));
    tables->own_maps = maps;
    return OK;
}

static fallible map_mount(struct tables *tables, uint32_t i, int tree)
{
    const struct mount_plan *mount = &tables->launch->plan->mounts.v[i];
    const struct mount_maps *maps = &tables->launch->host->mount_maps[i];

    if (!maps->is_containers)
        try(open_own(tables, mount->field, maps));
    else if (tables->containers < 0)
        try(open_containers(tables));
    struct error *error = mount_map_ids(
        tree, maps->is_containers ? tables->containers : tables->own, mount->is_idmap_recursive);
    if (mount->is_idmap_recursive) /* which of all that is there it is, nobody says */
        return error;
    return error_call(error, CALL_NONE,
                      mount->kind == MOUNT_KIND_NEW ? mount->filesystem.type : mount->source);
}

static fallible map_one(struct tables *tables, uint32_t i, bool is_handed)
{
    const struct launch *launch = tables->launch;
    const struct mount_plan *mount = &launch->plan->mounts.v[i];
    auto_close int handed = -1;

    if (mount->idmap == MOUNT_IDMAP_NONE)
        return OK;
    if (is_handed)
        try(channel_hear_descriptor(launch->channel, &handed));
    return error_field(error_within(map_mount(tables, i, is_handed ? handed : mount->tree),
                                    "%s on %s", mount->field, mount->destination),
                       "%s", mount->field);
}

static fallible map_all(const struct launch *launch, bool are_handed)
{
    struct tables tables = { .launch = launch, .containers = -1, .own = -1 };
    struct error *error = OK;

    for (uint32_t i = 0; i < launch->plan->mounts.n && !error; i++)
        error = map_one(&tables, i, are_handed);
    close_fd(&tables.own);
    if (launch->plan->hands_over_idmapped)
        close_fd(&tables.containers);
    return error;
}

fallible idmaps_apply(struct launch *launch)
{
    return map_all(launch, false);
}

fallible idmaps_apply_handed(struct launch *launch)
{
    return map_all(launch, true);
}

const char *idmaps_describe(const struct host *host, const struct plan *plan)
{
    char *list = allocate_print(host->arena, "[");

    for (uint32_t i = 0; list && i < plan->mounts.n; i++)
        if (plan->mounts.v[i].idmap != MOUNT_IDMAP_NONE)
            list = allocate_print(
                host->arena, "%s%s{\"mount\":%u,\"userNamespace\":\"%s\",\"isRecursive\":%s}", list,
                list[1] ? "," : "", i, host->mount_maps[i].is_containers ? "container" : "new",
                plan->mounts.v[i].is_idmap_recursive ? "true" : "false");
    return list ? allocate_print(host->arena, "%s]", list) : NULL;
}
