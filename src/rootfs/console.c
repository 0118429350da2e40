/* SPDX-License-Identifier: Apache-2.0 */
/* mounts, as far as process.terminal depends on them.  What surprises: where the config binds the
 * host's /dev and shares its mounts, one on /dev/console would be the host's console as well. */

#include "rootfs/console.h"

#include "base/log.h"
#include "base/text.h"
#include "os/mount_attributes.h"
#include "rootfs/mounts.h"

/* What the mounts so far have made of /dev. */
struct view {
    bool may_have_devpts;
    bool is_bound, is_shared;
};

static void look_at_dev(const struct mount_plan *mount, struct view *view)
{
    uint64_t propagation = mount->change.propagation | mount->recursive_change.propagation;

    if (mount->kind != MOUNT_KIND_REMOUNT) {
        view->is_bound = mount->kind == MOUNT_KIND_BIND;
        view->may_have_devpts = view->is_bound && mount->is_recursive_bind;
        view->is_shared = false;
    }
    if (propagation & MS_SHARED)
        view->is_shared = true;
}

static void look_at_pts(const struct mount_plan *mount, struct view *view)
{
    if (mount->kind != MOUNT_KIND_REMOUNT)
        view->may_have_devpts =
            mount->kind == MOUNT_KIND_BIND || text_equal(mount->filesystem.type, "devpts");
}

fallible console_plan(const struct mounts_plan *mounts, struct console_plan *plan)
{
    struct view view = { 0 };

    for (uint32_t i = 0; i < mounts->n; i++) {
        const struct mount_plan *mount = &mounts->v[i];
        if (text_equal(mount->destination, "/dev"))
            look_at_dev(mount, &view);
        else if (text_equal(mount->destination, "/dev/pts"))
            look_at_pts(mount, &view);
    }
    if (!view.may_have_devpts)
        return error_hint(
            error_config("process.terminal", "there is no devpts on /dev/pts to take one from"),
            "add { \"destination\": \"/dev/pts\", \"type\": \"devpts\", \"options\": "
            "[\"newinstance\", \"ptmxmode=0666\", \"mode=0620\", \"gid=5\"] } to mounts, behind "
            "/dev");
    plan->is_wanted = !(view.is_bound && view.is_shared);
    if (!plan->is_wanted)
        log_warning("process.terminal: /dev/console is left alone, since /dev is shared with the "
                    "host");
    return OK;
}
