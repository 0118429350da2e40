/* SPDX-License-Identifier: Apache-2.0 */
/* linux.uidMappings and linux.gidMappings, the plan. */

#include "namespace/user_ns.h"

#include <sched.h>

#include "base/text.h"
#include "libocispec/linux.h"

static const char uid_field[] = "linux.uidMappings", gid_field[] = "linux.gidMappings";

static fallible refuse_mappings(const struct oci_linux *linux_)
{
    if (!linux_ || (!linux_->uid_mappings.n && !linux_->gid_mappings.n))
        return OK;
    return error_hint(error_config(linux_->uid_mappings.n ? uid_field : gid_field,
                                   "there is no user namespace to map ids in"),
                      "list a user namespace in linux.namespaces, or leave the mappings out");
}

static fallible check_both(const struct user_ns_plan *plan)
{
    if (!plan->uids.n)
        return error_hint(error_config(uid_field, "a new user namespace needs mappings"),
                          "as in [{ \"containerID\": 0, \"hostID\": 100000, \"size\": 65536 }]");
    if (!plan->gids.n)
        return error_hint(error_config(gid_field, "a new user namespace needs mappings"),
                          "as in [{ \"containerID\": 0, \"hostID\": 100000, \"size\": 65536 }]");
    return OK;
}

static fallible check_mapped(const char *field, const struct id_map *map, uint32_t id,
                             const char *map_field)
{
    uint32_t outside;
    if (id_map_find(map, id, &outside))
        return OK;
    return error_config(field, "%u is not mapped by %s", id, map_field);
}

static fallible check_process(const struct user_ns_plan *plan,
                              const struct user_ns_context *context)
{
    try(check_mapped("process.user.uid", &plan->uids, context->uid, uid_field));
    try(check_mapped("process.user.gid", &plan->gids, context->gid, gid_field));
    for (uint32_t i = 0; i < context->group_count; i++)
        try(check_mapped("process.user.additionalGids", &plan->gids, context->groups[i],
                         gid_field));
    return OK;
}

fallible user_ns_plan(const struct oci_linux *linux_, const struct user_ns_context *context,
                      struct arena *arena, struct user_ns_plan *plan)
{
    struct user_ns_plan made = {
        .is_new = context->created & CLONE_NEWUSER,
        .is_joined = context->own & ~context->created & CLONE_NEWUSER,
        .uid = context->uid,
        .gid = context->gid,
    };
    uint32_t outside;

    if (!made.is_new && !made.is_joined) {
        try(refuse_mappings(linux_));
        *plan = made;
        return OK;
    }
    try(id_map_plan(uid_field, &linux_->uid_mappings, arena, &made.uids));
    try(id_map_plan(gid_field, &linux_->gid_mappings, arena, &made.gids));
    if (made.is_new) {
        try(check_both(&made));
        try(check_process(&made, context));
        made.has_no_root =
            !id_map_find(&made.uids, 0, &outside) || !id_map_find(&made.gids, 0, &outside);
    }
    *plan = made;
    return OK;
}
