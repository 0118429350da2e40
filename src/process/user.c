/* SPDX-License-Identifier: Apache-2.0 */
/* process.user, the host's half.  An absent umask means the caller's, which init would not know any
 * more: it works with umask 0. */

#include "process/user.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/process.h"
#include "os/self.h"

static fallible check_id(const char *field, uint32_t id)
{
    /* The system calls read it as "leave as it is". */
    if (id == UINT32_MAX)
        return error_config(field, "%u is no id", id);
    return OK;
}

static fallible need_id(const char *field, struct oci_opt_u32 id)
{
    if (!id.present)
        return error_config(field, "is required");
    return check_id(field, id.value);
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *) a, right = *(const uint32_t *) b;
    return (left > right) - (left < right);
}

static uint32_t keep_unique(uint32_t *groups, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || groups[kept - 1] != groups[i])
            groups[kept++] = groups[i];
    return kept;
}

static fallible plan_groups(const struct oci_u32_array *gids, struct arena *arena,
                            struct user_plan *plan)
{
    if (gids->n > USER_GROUPS)
        return error_config("process.user.additionalGids", "%u groups are more than %d", gids->n,
                            USER_GROUPS);
    for (uint32_t i = 0; i < gids->n; i++) {
        char field[ERROR_FIELD_SIZE];
        text_format(field, sizeof(field), "process.user.additionalGids[%u]", i);
        try(check_id(field, gids->v[i]));
    }
    if (gids->n == 0)
        return OK;

    uint32_t *groups;
    try_new(groups, arena, gids->n);
    memcpy(groups, gids->v, gids->n * sizeof(*groups));
    qsort(groups, gids->n, sizeof(*groups), compare);
    plan->groups = groups;
    plan->group_count = keep_unique(groups, gids->n);
    return OK;
}

static fallible inherit_umask(uint32_t *mask)
{
    mode_t inherited;

    try(self_umask(&inherited));
    if ((inherited & 022) != 022)
        log_warning("process.user.umask is absent, and the inherited 0%03o lets others write",
                    (unsigned) inherited);
    *mask = inherited;
    return OK;
}

static fallible plan_ids(const struct oci_user *user, struct arena *arena, struct user_plan *plan)
{
    try(need_id("process.user.uid", user->uid));
    try(need_id("process.user.gid", user->gid));
    if (user->umask.present && user->umask.value > 0777)
        return error_config("process.user.umask", "%u is above 511 (octal 777)", user->umask.value);
    plan->uid = user->uid.value;
    plan->gid = user->gid.value;
    return plan_groups(&user->additional_gids, arena, plan);
}

void user_plan_keep_groups(struct user_plan *plan)
{
    if (plan->group_count)
        log_warning("process.user.additionalGids: left out, since the groups of the caller are "
                    "kept");
    plan->keeps_groups = true;
    plan->group_count = 0;
}

fallible user_plan(const struct oci_process *process, struct arena *arena, struct user_plan *plan)
{
    const struct oci_user *user = process->user;
    struct user_plan made = { 0 };
    if (user)
        try(plan_ids(user, arena, &made));
    else
        log_warning("process.user is absent: the process runs as 0:0");
    if (user && user->umask.present)
        made.umask = user->umask.value;
    else
        try(inherit_umask(&made.umask));
    *plan = made;
    return OK;
}
