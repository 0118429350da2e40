/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image mountpoints-NUMBER.img, before criu obeys it (R21).  It mounts what stands there as
 * root, and then opens files of the container, before anybody can compare what it has made.  So
 * there may be nothing by which it would come to write to the host where the config does not.
 *
 * What surprises is how much a line can say: a flag makes of a new tmpfs a bind of any directory;
 * a part of a filesystem, by a link in it, is any directory, too; and whoever has the device of a
 * bind is bound from its source.
 */
#include "launch/restore_mount_images.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "launch/restore_binds.h"
#include "launch/restore_mounts.h"
#include "os/directory.h"
#include "os/mount_list.h"

enum { NAME_SIZE = 32 };

/* Filesystems that show what the container is in, or are empty at first: none is the host's. */
enum { TYPE_SYSFS = 2, TYPE_TERMINALS = 6, TYPE_MQUEUE = 14 };
static const struct {
    uint32_t number; /* of fstype in the same file */
    const char *name;
} known_types[] = {
    { 1, "proc" },
    { TYPE_SYSFS, "sysfs" },
    { 5, "tmpfs" },
    { TYPE_TERMINALS, "devpts" },
    { TYPE_MQUEUE, "mqueue" },
    { 23, "cgroup2" },
};

/* Others make of it something else than a mount. */
static const uint64_t known_flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS |
                                    MS_MANDLOCK | MS_DIRSYNC | MS_NOATIME | MS_NODIRATIME |
                                    MS_RELATIME | MS_STRICTATIME | MS_LAZYTIME | MS_NOSYMFOLLOW;
static const uint64_t known_propagation = MS_PRIVATE | MS_SHARED | MS_SLAVE | MS_UNBINDABLE;

/* Of the config ----------------------------------------------------------------------------------
 */

/* Of others, what the images name as source and options could be anything of the host's. */
static bool can_be_told(const char *type)
{
    for (size_t i = 0; i < LENGTH(known_types); i++)
        if (text_equal(type, known_types[i].name))
            return true;
    return text_equal(type, "cgroup");
}

fallible restore_check_types(const struct mounts_plan *mounts)
{
    for (uint32_t i = 0; i < mounts->n; i++) {
        const char *type = mounts->v[i].filesystem.type;
        if (mounts->v[i].kind == MOUNT_KIND_NEW && !can_be_told(type))
            return error_unsupported(mounts->v[i].field,
                                     "a container with a filesystem of type %s cannot be "
                                     "restored: nobody could tell it from another one",
                                     type);
    }
    return OK;
}

/* To judge them ---------------------------------------------------------------------------------
 */

struct judge {
    const struct plan *plan;
    struct image_mounts mounts;
    struct restore_binds binds;
};

static fallible refuse(const struct image_mount *mount, const char *reason)
{
    return mounts_check_refuse("mounts", *mount->point ? mount->point : "a mount", reason);
}

/* "//" and "/./" are "/" to the kernel, and not to us. */
static bool is_clean(const char *point)
{
    if (point[0] != '/' || restore_leads_out(point))
        return false;
    for (const char *at = point; at && at[1]; at = strchr(at + 1, '/'))
        if (at[1] == '/' || (at[1] == '.' && (!at[2] || at[2] == '/')))
            return false;
    return !point[1] || !text_ends(point, "/");
}

/* Without the flags of the superblock criu takes "read-only" for one of those. */
static uint64_t find_attributes(const struct image_mount *mount)
{
    uint64_t attributes = mount->flags & (MS_NOSUID | MS_NODEV | MS_NOEXEC);

    _Static_assert(MS_NOSUID == MOUNT_ATTR_NOSUID && MS_NODEV == MOUNT_ATTR_NODEV &&
                       MS_NOEXEC == MOUNT_ATTR_NOEXEC,
                   "mount(2) and mount_setattr(2) have them at the same place");
    if (mount->flags & MS_RDONLY && mount->has_superblock_flags)
        attributes |= MOUNT_ATTR_RDONLY;
    return attributes | (mount->flags & MS_NOSYMFOLLOW ? MOUNT_ATTR_NOSYMFOLLOW : 0);
}

/* criu binds a debugfs with all below, since the kernel mounts a tracefs in it by itself.  What is
 * below gets no flags by that. */
static uint64_t find_depth(const struct restore_bind *bind)
{
    struct statfs status;

    if (!bind || bind->attributes & MOUNT_ATTR_RDONLY || statfs(bind->source, &status))
        return 0;
    return (unsigned long) status.f_type == DEBUGFS_MAGIC ? MS_REC : 0;
}

/* What is the host's: its root filesystem, and what it gives by a name. */
static fallible note_host(const struct judge *judge, struct image_mount *mount)
{
    bool is_root = text_equal(mount->point, "/");
    const struct restore_bind *bind =
        mount->name ? restore_find_bind(&judge->binds, mount->name) : NULL;
    const uint64_t flags = known_flags | known_propagation | find_depth(bind);

    mount->attributes = find_attributes(mount);
    if (mount->is_special || !is_clean(mount->point) || restore_leads_out(mount->root) ||
        mount->flags & ~flags || mount->superblock_flags & ~known_flags)
        return refuse(mount, "would be more than a mount");
    mount->is_of_host = is_root || mount->name;
    if (is_root && judge->plan->rootfs.is_read_only)
        mount->has_to_have = MOUNT_ATTR_RDONLY;
    if (!mount->name)
        return OK;
    if (!bind)
        return error_hint(refuse(mount, "is mounted, and not in the config"),
                          "the images name the host's %s", mount->name);
    mount->has_to_have |= bind->attributes;
    return OK;
}

/* Filesystems of which all mounts of one namespace are the same. */
static const struct shared {
    uint32_t type;
    const char *name;
    uint64_t namespace;
    unsigned long magic; /* of statfs(2) */
} shared_types[] = {
    { TYPE_SYSFS, "sysfs", CLONE_NEWNET, 0x62656572 },
    { TYPE_MQUEUE, "mqueue", CLONE_NEWIPC, 0x19800202 },
};

static bool is_new(const struct mounts_plan *mounts, const char *point, const char *type)
{
    for (uint32_t i = 0; i < mounts->n; i++)
        if (mounts->v[i].kind == MOUNT_KIND_NEW && text_equal(mounts->v[i].destination, point) &&
            text_equal(mounts->v[i].filesystem.type, type))
            return true;
    return false;
}

/* Whether a new one of the config would be what the host has at the source of OTHER in any case:
 * then the flags of one are not those of the other. */
static bool is_shared(const struct judge *judge, const struct image_mount *mount,
                      const struct image_mount *other)
{
    const struct shared *shared = NULL;
    struct statfs status;

    for (size_t i = 0; i < LENGTH(shared_types); i++)
        if (shared_types[i].type == mount->type)
            shared = &shared_types[i];
    if (!shared || judge->plan->namespaces.own & shared->namespace || !other->name ||
        statfs(restore_find_bind(&judge->binds, other->name)->source, &status))
        return false;
    return (unsigned long) status.f_type == shared->magic &&
           is_new(&judge->plan->mounts, mount->point, shared->name);
}

/* What it has to have at its place, by the config, and by the device that it could be bound from.
 */
static uint64_t find_wanted(const struct judge *judge, const struct image_mount *mount)
{
    const struct mounts_plan *plan = &judge->plan->mounts;
    uint64_t wanted = mount->has_to_have;

    if (mount->is_of_host)
        return wanted;
    for (uint32_t i = 0; i < plan->n; i++)
        if (plan->v[i].kind == MOUNT_KIND_NEW && text_equal(plan->v[i].destination, mount->point))
            wanted |= restore_mount_attributes(plan, i);
    for (uint32_t i = 0; i < judge->mounts.n; i++)
        if (judge->mounts.v[i].is_of_host && judge->mounts.v[i].device == mount->device &&
            !is_shared(judge, mount, &judge->mounts.v[i]))
            wanted |= judge->mounts.v[i].has_to_have;
    return wanted;
}

static bool is_known_type(uint32_t type)
{
    for (size_t i = 0; i < LENGTH(known_types); i++)
        if (known_types[i].number == type)
            return true;
    return false;
}

static bool has_device_of_host(const struct judge *judge, const struct image_mount *mount)
{
    for (uint32_t i = 0; i < judge->mounts.n; i++)
        if (judge->mounts.v[i].is_of_host && judge->mounts.v[i].device == mount->device)
            return true;
    return false;
}

/* linux.readonlyPaths: bound onto themselves. */
static bool is_read_only_path(const struct judge *judge, const struct image_mount *mount)
{
    const struct masked_paths_plan *paths = &judge->plan->masked_paths;
    const struct image_mount *below = image_mounts_find(&judge->mounts, mount->parent);
    const char *rest = below ? mount_list_below(mount->point, below->point) : NULL;
    const char *part = below ? mount_list_below(mount->root, below->root) : NULL;

    if (!rest || !part || !text_equal(rest, part) || mount->device != below->device)
        return false;
    for (uint32_t i = 0; i < paths->read_only_count; i++)
        if (text_equal(paths->read_only[i], mount->point))
            return true;
    return false;
}

/* Of the container's own terminals one is bound to be the console. */
static bool is_terminal(const struct judge *judge, const struct image_mount *mount)
{
    const char *name = mount->root;

    return mount->type == TYPE_TERMINALS && name[0] == '/' && name[1] &&
           !name[1 + strspn(name + 1, "0123456789")] && !has_device_of_host(judge, mount);
}

static bool is_own(const struct judge *judge, const struct image_mount *mount)
{
    if (is_read_only_path(judge, mount))
        return true;
    if (!is_known_type(mount->type))
        return false;
    return text_equal(mount->root, "/") || is_terminal(judge, mount);
}

/* To criu they are these of images that do not have those of the superblock. */
static uint64_t find_flags(const struct image_mount *mount)
{
    const uint64_t old =
        MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME;

    return mount->flags & (mount->has_superblock_flags ? known_flags : old);
}

/* criu gives a bind no flags when it is of a filesystem, or a part of it, that it has mounted
 * already with the same: it takes it for bound from there, and binds it from the host. */
static bool loses_flags(const struct judge *judge, const struct image_mount *mount)
{
    for (uint32_t i = 0; i < judge->mounts.n && mount->name; i++) {
        const struct image_mount *other = &judge->mounts.v[i];
        bool is_within =
            text_equal(mount->root, other->root) || mount_list_below(mount->root, other->root);
        if (other != mount && other->device == mount->device && is_within &&
            find_flags(other) == find_flags(mount))
            return true;
    }
    return false;
}

static fallible judge_mount(const struct judge *judge, const struct image_mount *mount)
{
    if (!mount->is_of_host && !is_own(judge, mount))
        return refuse(mount, "is mounted, and not in the config");
    if (!mount->is_of_host && is_read_only_path(judge, mount))
        return mount->attributes & MOUNT_ATTR_RDONLY ? OK : refuse(mount, "can be written to");
    if (!(find_wanted(judge, mount) & ~mount->attributes))
        return OK;
    return text_equal(mount->point, "/")
               ? mounts_check_refuse("root.readonly", "/", "can be written to")
               : refuse(mount, "is mounted without its flags");
}

static fallible refuse_again(const struct image_mount *mount)
{
    return error_hint(refuse(mount, "is mounted more than once, and criu would lose its flags"),
                      "the images name the host's %s", mount->name);
}

/* So its source has to have them; behind those that it lies in. */
static fallible add_source(const struct judge *judge, const struct image_mount *mount,
                           struct criu_work *work)
{
    const char *path = restore_find_bind(&judge->binds, mount->name)->source;
    const struct user_ns_plan *users = &judge->plan->user_ns;
    uint32_t at = work->source_count;

    /* The whole host is read-only to criu. */
    if (text_equal(path, "/") && mount->has_to_have == MOUNT_ATTR_RDONLY && !users->is_new &&
        !users->is_joined)
        return OK;
    if (criu_writes_to(path) || users->is_new || users->is_joined)
        return mount->has_to_have ? refuse_again(mount) : OK;
    for (uint32_t i = 0; i < work->source_count; i++)
        if (text_equal(work->sources[i].path, path))
            return work->sources[i].attributes == mount->has_to_have ? OK : refuse_again(mount);
    for (; at > 0 && strlen(work->sources[at - 1].path) > strlen(path); at--)
        work->sources[at] = work->sources[at - 1];
    work->sources[at] = (struct criu_source){ path, mount->has_to_have };
    work->source_count++;
    return OK;
}

static fallible find_sources(const struct judge *judge, struct criu_work *work, struct arena *arena)
{
    work->source_count = 0;
    try_new(work->sources, arena, judge->mounts.n);
    for (uint32_t i = 0; i < judge->mounts.n; i++)
        if (loses_flags(judge, &judge->mounts.v[i]))
            try(add_source(judge, &judge->mounts.v[i], work));
    return OK;
}

/* criu takes for the root what has no parent, and each that stands at "/". */
static fallible check_root(const struct image_mounts *mounts)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < mounts->n; i++) {
        const struct image_mount *mount = &mounts->v[i];
        bool is_root = text_equal(mount->point, "/");
        bool is_top = mount->parent == mount->id || !image_mounts_find(mounts, mount->parent);
        count += is_root;
        if (is_root != is_top)
            return refuse(mount, is_root ? "lies on another mount" : "is mounted on nothing");
    }
    return count == 1 ? OK : mounts_check_refuse("root.path", "/", "is not mounted once");
}

/* Of another mount namespace, whose root would be what stands there. */
static fallible refuse_others(const struct launch *launch, const char *image)
{
    struct directory directory;
    struct directory_entry entry;
    auto_close int fd = openat(launch->host->criu->images, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return error_system("open the directory of the images");
    try(directory_begin(fd, &directory));
    for (;;) {
        try(directory_next(&directory, &entry));
        if (!entry.name)
            return OK;
        if (text_starts(entry.name, "mountpoints-") && !text_equal(entry.name, image))
            return error_field(restore_refuse_image(entry.name, "is of a mount namespace that "
                                                                "the config does not have"),
                               "linux.namespaces");
    }
}

fallible restore_check_mount_images(const struct launch *launch, uint32_t number)
{
    struct judge judge = { .plan = launch->plan };
    char image[NAME_SIZE];

    text_format(image, sizeof(image), "mountpoints-%u.img", number);
    try(refuse_others(launch, image));
    try(image_mounts_read(launch, image, &judge.mounts));
    try(restore_list_binds(launch->host, launch->plan, &judge.binds));
    for (uint32_t i = 0; i < judge.mounts.n; i++)
        try(note_host(&judge, &judge.mounts.v[i]));
    try(check_root(&judge.mounts));
    for (uint32_t i = 0; i < judge.mounts.n; i++)
        try(judge_mount(&judge, &judge.mounts.v[i]));
    try(find_sources(&judge, launch->host->criu, launch->host->arena));
    return restore_check_remaps(launch, &judge.mounts);
}
