/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: what init opens before it enters the root.  What surprises: a user namespace may mount
 * proc and sysfs only in a mount namespace that shows all of one already, so that the new ones have
 * to be made while the host's are in sight, and an engine's masks over these refuse them. */

#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "os/mount_attributes.h"
#include "rootfs/mounts.h"

/* What stands in for a filesystem that the kernel refuses to a user namespace. */
struct fallback {
    const char *type, *place;
    uint64_t magic;
    const char *reason; /* of the refusal, and what would lift it */
};

static const struct fallback fallbacks[] = {
    { "proc", "/proc", 0x9fa0,
      "it shows the processes of the outer pid namespace; to be rid of it give the outer container "
      "an unmasked /proc (Podman: --security-opt unmask=ALL, Docker: systempaths=unconfined)" },
    { "sysfs", "/sys", 0x62656572,
      "a new one needs a network namespace of the container's own, and an outer /sys with nothing "
      "mounted over it (Podman: --security-opt unmask=ALL, Docker: systempaths=unconfined)" },
    { "mqueue", "/dev/mqueue", 0x19800202,
      "a new one needs an ipc namespace of the container's own" },
};

static const struct fallback *find_fallback(const char *type)
{
    for (size_t i = 0; i < LENGTH(fallbacks); i++)
        if (text_equal(fallbacks[i].type, type))
            return &fallbacks[i];
    return NULL;
}

/* Read-only holds for all of it: below /sys there are mounts that can be written.  The other flags
 * are for the top, since below there are masks too, and without devices these deny what they should
 * empty. */
static void change_instead(struct mount_plan *mount)
{
    uint64_t attributes = mount->filesystem.attributes;
    mount->recursive_change = (struct mount_change){
        .set = attributes & MOUNT_ATTR_RDONLY,
        .propagation = MS_PRIVATE,
        .is_recursive = true,
    };
    mount->change.set |= attributes & ~(uint64_t) MOUNT_ATTR__ATIME;
}

static fallible bind_instead(const struct fallback *fallback, int *tree)
{
    auto_close int copy = -1;
    struct statfs status;

    try(mount_clone_path(AT_FDCWD, fallback->place, true, &copy));
    if (fstatfs(copy, &status))
        return error_errno(ERROR_MOUNT, "ask for the filesystem of %s", fallback->place);
    if ((uint64_t) status.f_type != fallback->magic)
        return error_new(ERROR_MOUNT, "the host has no %s on %s", fallback->type, fallback->place);
    *tree = take_fd(&copy);
    return OK;
}

/* EINVAL is what the kernel says to a group that is not mapped, and to much else: what then is
 * wrong still, it says again. */
static fallible make_without_groups(struct mount_plan *mount)
{
    struct mount_filesystem rest = mount->filesystem;

    rest.option_count -= mount->group_options;
    try(mount_new(&rest, &mount->tree));
    mount->has_fallen_back = true;
    return OK;
}

static fallible make_early(struct mount_plan *mount)
{
    const struct fallback *fallback = find_fallback(mount->filesystem.type);
    struct error *refused = mount_new(&mount->filesystem, &mount->tree);
    if (mount->group_options && error_forget_if(refused, EINVAL))
        return make_without_groups(mount);
    if (!refused || refused->number != EPERM || !fallback)
        return refused;
    struct error *failure = bind_instead(fallback, &mount->tree);
    if (failure) {
        error_forget(failure);
        return error_hint(refused, "%s", fallback->reason);
    }
    error_forget(refused);
    change_instead(mount);
    mount->has_fallen_back = true;
    return OK;
}

static fallible open_inside(struct mount_plan *mount)
{
    if (mount->is_made_early)
        return make_early(mount);
    if (!mount->object.path)
        return OK;
    return host_object_take(&mount->object, mount->is_recursive_bind, &mount->tree, &mount->lost);
}

void mounts_take_early(struct mounts_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        struct mount_plan *mount = &plan->v[i];
        if (mount->object.path && mount->tree >= 0)
            host_object_take_early(&mount->object, mount->is_recursive_bind, mount->tree);
    }
}

fallible mounts_open_inside(struct mounts_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        struct mount_plan *mount = &plan->v[i];
        struct error *failure = open_inside(mount);
        if (failure)
            return error_field(error_within(failure, "%s on %s", mount->field, mount->destination),
                               "%s.%s", mount->field, mount->is_made_early ? "type" : "source");
    }
    return OK;
}

fallible mounts_warning(const struct mount_plan *mount)
{
    if (!mount->has_fallen_back)
        return host_object_warning(&mount->lost, mount->field, mount->destination,
                                   mount->change.clear | mount->recursive_change.clear);
    const struct mount_filesystem *made = &mount->filesystem;
    if (mount->group_options)
        return error_new(ERROR_MOUNT,
                         "%s.options: '%s' is left out: the user namespace has no such group",
                         mount->field, made->options[made->option_count - 1]);
    const struct fallback *fallback = find_fallback(made->type);
    return error_new(ERROR_MOUNT,
                     "%s: the kernel refuses a new %s, so the host's %s is bound on %s: "
                     "%s",
                     mount->field, fallback->type, fallback->place, mount->destination,
                     fallback->reason);
}
