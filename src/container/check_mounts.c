/* SPDX-License-Identifier: Apache-2.0 */
/* check: mounts, made where nobody else sees them; and filesystems on which ids can be mapped. */

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "container/check_probes.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/mount_list.h"
#include "os/namespace_kinds.h"
#include "os/self.h"
#include "os/user_namespace.h"

/* Where what is mounted is ours alone. */
static fallible go_apart(void)
{
    uint64_t user = mount_is_permitted() ? 0 : CLONE_NEWUSER;

    if (unshare((int) user | CLONE_NEWNS))
        return namespace_kinds_refused("unshare", CALL_UNSHARE, user | CLONE_NEWNS);
    return mount_isolate_all(MS_SLAVE);
}

static fallible make_tmpfs(int *tree)
{
    static const char *const options[] = { "size=64k", "mode=755" };
    const struct mount_filesystem filesystem = {
        .type = "tmpfs",
        .options = options,
        .option_count = 2,
        .attributes = MOUNT_ATTR_NOSUID,
    };
    return mount_new(&filesystem, tree);
}

fallible check_mounts(struct probe *probe)
{
    auto_close int made = -1, copied = -1;

    try(go_apart());
    try(make_tmpfs(&made));
    try(mount_clone_path(AT_FDCWD, "/", true, &copied));
    try(mount_attach_on_root(made));
    text_format(probe->found, TRIAL_FOUND_SIZE, "made, copied and attached by descriptor");
    return OK;
}

fallible check_mount_changes(struct probe *probe)
{
    const struct mount_change change = { .set = MOUNT_ATTR_RDONLY, .is_recursive = true };
    auto_close int made = -1;

    (void) probe;
    try(go_apart());
    try(make_tmpfs(&made));
    return mount_change_detached(made, &change);
}

/* Our own id, as root's: anybody may map that. */
static fallible make_table(struct arena *arena, int *namespace)
{
    const struct id_range uids = { self_user(), 1 }, gids = { getegid(), 1 };

    return check_map(&uids, &gids, arena, namespace);
}

/* Of a mount of others only a copy with all that lies over it can be made. */
fallible check_idmap(struct probe *probe)
{
    bool is_ours = mount_is_permitted();
    auto_close int namespace = -1, tree = -1;
    const char *type;

    try(mount_list_find_type(probe->path, probe->arena, &type));
    text_format(probe->found, TRIAL_FOUND_SIZE, "%s", type);
    try(make_table(probe->arena, &namespace));
    if (!is_ours)
        try(go_apart());
    try(mount_clone_path(AT_FDCWD, probe->path, !is_ours, &tree));
    return error_call(mount_map_ids(tree, namespace, false), CALL_NONE, probe->path);
}
