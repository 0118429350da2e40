/* SPDX-License-Identifier: Apache-2.0 */
/* What we may do on this host, and what the container may do to itself, decided once: whether there
 * is a user namespace around it, which refuses device nodes and some filesystems, and whether it is
 * init that has to open what is mounted.  Root of the host is asked nothing. */

#include "launch/privilege.h"

#include <linux/capability.h>
#include <sched.h>
#include <unistd.h>

#include "base/allocate.h"
#include "launch/host.h"
#include "launch/reasons.h"
#include "libocispec/config.h"
#include "os/mount_api.h"
#include "os/self.h"
#include "os/user_namespace.h"

static bool is_root(void)
{
    return self_user() == 0 && self_has_capability(CAP_SYS_ADMIN);
}

static fallible refuse_root(void)
{
    return error_hint(
        error_config("linux.namespaces", "root may not make these without CAP_SYS_ADMIN"),
        "start the container that we are in with it (--privileged), or add "
        "{\"type\": \"user\"} here, with linux.uidMappings and linux.gidMappings");
}

static fallible refuse_user(void)
{
    return error_hint(error_config("linux.namespaces",
                                   "uid %u may not make these without a user "
                                   "namespace",
                                   self_user()),
                      "add {\"type\": \"user\"}, and linux.uidMappings and linux.gidMappings with "
                      "your own ids: {\"containerID\": 0, \"hostID\": %u, \"size\": 1}",
                      self_user());
}

/* A plain user, or root of a container that was given few rights, may make namespaces only together
 * with one of users. */
static fallible check_user(const struct plan *plan)
{
    bool is_alone = plan->namespaces.created && !(plan->namespaces.own & CLONE_NEWUSER);

    if (!is_alone || is_root())
        return OK;
    if (self_user() == 0)
        return refuse_root();
    return mount_is_permitted() ? OK : refuse_user();
}

bool privilege_needs_no_rules(bool has_user_ns)
{
    return !user_namespace_is_initial() || (has_user_ns && !is_root());
}

fallible privilege_plan(struct plan *plan)
{
    bool is_nested = !user_namespace_is_initial();
    bool has_own = plan->namespaces.own & CLONE_NEWUSER;

    plan->is_by_root = !is_nested && is_root();
    plan->is_in_user_namespace = is_nested || has_own;
    plan->opens_inside =
        plan->is_in_user_namespace && has_own_mounts(plan) && !mount_is_permitted();
    plan->prefers_inside = plan->namespaces.created & CLONE_NEWUSER &&
                           plan->namespaces.created & CLONE_NEWNS && !plan->opens_inside;
    return check_user(plan);
}

/* Of a user namespace of its own the config says it, of ours the kernel. */
fallible privilege_find_gids(const struct host *host, const struct plan *plan,
                             const struct id_range **ranges, uint32_t *count)
{
    struct id_range *found;

    if (!plan->is_in_user_namespace)
        return OK;
    if (!(plan->namespaces.own & CLONE_NEWUSER))
        return user_namespace_read_gids(host->arena, ranges, count);
    const struct oci_idmap_array *map = &host->request->config->linux_->gid_mappings;
    try_new(found, host->arena, map->n);
    for (uint32_t i = 0; i < map->n; i++)
        found[i] = (struct id_range){ map->v[i]->container_id, map->v[i]->size };
    *ranges = found;
    *count = map->n;
    return OK;
}
