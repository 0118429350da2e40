/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: reads each entry.  What surprises: source and options of a filesystem may be paths, and
 * mean the host's, so that all but a few are made by the host; and propagation of a bind is private
 * unless a word asks, since the copy is born a peer of the source. */

#include "rootfs/mounts.h"

#include <string.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/mount.h"
#include "os/mount_attributes.h"
#include "rootfs/mount_idmap.h"
#include "rootfs/mount_label.h"
#include "rootfs/mount_options.h"
#include "rootfs/mount_words.h"

/* They show the namespaces of who mounts them, or are memory that the container pays for. */
static const char *const made_inside[] = {
    "proc", "sysfs", "mqueue", "devpts", "tmpfs", "ramfs", "cgroup2",
};

/* Of these: what a user namespace may only mount while it sees the host's, or not at all. */
static const char *const made_early[] = { "proc", "sysfs", "mqueue" };

/* What stands for a type where an option says that the mount is a bind. */
static const char *const no_filesystems[] = { "bind", "rbind", "none" };

/* What a container is expected to find (config-linux.md#default-filesystems). */
static const char *const expected[] = { "/proc", "/sys", "/dev/pts", "/dev/shm" };

static bool leads_to_root(const char *path)
{
    unsigned depth = 0;
    for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
        size_t length = strcspn(path, "/");
        if (length == 2 && path[0] == '.' && path[1] == '.')
            depth -= depth > 0;
        else if (length != 1 || path[0] != '.')
            depth++;
        path += length;
    }
    return depth == 0;
}

fallible mounts_plan_destination(const struct oci_mount *mount, struct arena *arena,
                                 struct mount_plan *plan)
{
    const char *path = mount->destination;
    if (!path || !*path) {
        const char *field;
        try_print(field, arena, "%s.destination", plan->field);
        return error_config(field, "it is empty");
    }
    if (*path != '/')
        log_warning("%s.destination: '%s' is relative, and counted from /", plan->field, path);
    path += strspn(path, "/");
    size_t length = strlen(path);
    while (length && path[length - 1] == '/')
        length--;
    try_print(plan->destination, arena, "/%.*s", (int) length, path);
    return OK;
}

static void normalise(struct mount_change *change)
{
    if ((change->set | change->clear) & MOUNT_ATTR__ATIME)
        change->clear |= MOUNT_ATTR__ATIME;
}

/* In one line, which ends with dots where there are more than one can read. */
static void warn_of_data(const struct mount_words *words, const char *field)
{
    char list[512];
    size_t length = 0;

    for (uint32_t i = 0; i < words->data_count && length < sizeof(list); i++) {
        const char *meant = mount_option_guess(words->data[i]);
        length += text_format(list + length, sizeof(list) - length, "%s'%s'%s%s%s", i ? ", " : "",
                              words->data[i], meant ? " (did you mean '" : "", meant ? meant : "",
                              meant ? "'?)" : "");
    }
    log_warning("%s.options: data for a filesystem does nothing for a bind mount: %s%s", field,
                list, length < sizeof(list) ? "" : "...");
}

static fallible plan_bind(const struct mount_words *words, const struct oci_mount *mount,
                          struct arena *arena, struct mount_plan *plan)
{
    const char *field;
    if (words->data_count) /* as mount(2) has it, and configs rely on it */
        warn_of_data(words, plan->field);
    if (!mount->source || !*mount->source) {
        try_print(field, arena, "%s.source", plan->field);
        return error_config(field, "a bind mount needs a source");
    }
    if (words->superblock)
        log_warning("%s.options: sync, dirsync and lazytime belong to the filesystem and do "
                    "nothing for a bind mount",
                    plan->field);
    plan->kind = MOUNT_KIND_BIND;
    plan->source = mount->source;
    plan->is_recursive_bind = words->is_recursive_bind;

    /* Below a copied peer are more of them: the word for the top counts for these too. */
    uint64_t asked = plan->change.propagation;
    if (plan->is_recursive_bind && asked & (MS_SHARED | MS_SLAVE)) {
        plan->recursive_change.propagation = asked;
        plan->change.propagation = 0;
    } else if (!plan->recursive_change.propagation && !(asked & (MS_SHARED | MS_SLAVE))) {
        plan->recursive_change.propagation = MS_PRIVATE;
    }
    return OK;
}

static fallible plan_remount(const struct mount_words *words, const struct mounts_context *context,
                             struct arena *arena, struct mount_plan *plan)
{
    const char *field;
    plan->kind = MOUNT_KIND_REMOUNT;
    if (context->is_live) {
        try_print(field, arena, "%s.options", plan->field);
        return error_unsupported(field, "'remount' mounts nothing that could be added");
    }
    if (!words->data_count && !words->superblock)
        return OK;
    try_print(field, arena, "%s.options", plan->field);
    return error_unsupported(field, "a remount can change flags of the mount only, not '%s'",
                             words->data_count ? words->data[0] : "sync, dirsync or lazytime");
}

/* Without a cgroup of the container's own a new mount shows the caller's.  That may be seen, but
 * not written: engines that want no cgroup ask for it read-only; and plain users, who seldom have a
 * cgroup to give, get it so. */
static fallible plan_cgroup_of_caller(const struct mounts_context *context, struct arena *arena,
                                      struct mount_plan *plan)
{
    const char *field;
    try_print(field, arena, "%s.type", plan->field);
    bool is_asked = plan->filesystem.attributes & MOUNT_ATTR_RDONLY;
    if (!context->has_cgroup_namespace || (!is_asked && !context->is_in_user_namespace))
        return error_hint(error_config(field, "'%s' without a cgroup of the container's own",
                                       plan->filesystem.type),
                          "--cgroup-manager disabled, or no writable cgroup, takes it away; in a "
                          "cgroup namespace the option 'ro' shows the caller's");
    log_warning("%s: the container has no cgroup of its own: ours is shown, read-only", field);
    plan->filesystem.attributes |= MOUNT_ATTR_RDONLY;
    return OK;
}

/* A new mount shows what the cgroup namespace has as its root.  In the host's namespace it would
 * show everything and change the host's options, so there the cgroup is bound. */
static fallible plan_cgroup(const struct mounts_context *context, struct arena *arena,
                            struct mount_plan *plan)
{
    plan->is_made_by_host = false;
    plan->is_made_early = false;
    if (!context->has_cgroup)
        try(plan_cgroup_of_caller(context, arena, plan));
    if (context->has_cgroup_namespace) {
        struct mount_filesystem made = { .attributes = plan->filesystem.attributes };
        try_print(made.type, arena, "cgroup2");
        try_print(made.source, arena, "cgroup");
        plan->filesystem = made;
        return OK;
    }
    bool is_writable = (plan->change.clear | plan->recursive_change.clear) & MOUNT_ATTR_RDONLY;
    plan->kind = MOUNT_KIND_BIND;
    try_print(plan->source, arena, "the container's cgroup");
    plan->is_cgroup = true;
    if (!is_writable)
        plan->change.set |= MOUNT_ATTR_RDONLY;
    if (!plan->recursive_change.propagation)
        plan->recursive_change.propagation = MS_PRIVATE;
    return OK;
}

/* A new mount has none below: both families of words mean the same, said when it is made. */
static uint64_t join_attributes(struct mount_plan *plan)
{
    uint64_t recursive = plan->recursive_change.set & ~plan->change.clear;
    return recursive | plan->change.set;
}

static bool is_listed(const char *type, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(list[i], type))
            return true;
    return false;
}

/* Who makes a new filesystem, and when. */
static void plan_maker(const char *type, const struct mounts_context *context,
                       struct mount_plan *plan)
{
    bool is_host = !is_listed(type, made_inside, LENGTH(made_inside));
    plan->is_made_by_host = is_host && !context->is_opened_inside;
    plan->is_made_early =
        is_host ? context->is_opened_inside
                : context->is_in_user_namespace && is_listed(type, made_early, LENGTH(made_early));
}

static fallible check_type(const char *type, struct arena *arena, const struct mount_plan *plan)
{
    static const char hint[] = "a bind mount has the option bind or rbind";
    const char *field;
    try_print(field, arena, "%s.type", plan->field);
    if (!type || !*type)
        return error_hint(error_config(field, "a mount that is no bind needs a type"), hint);
    for (size_t i = 0; i < LENGTH(no_filesystems); i++)
        if (text_equal(no_filesystems[i], type))
            return error_hint(error_config(field, "'%s' is no filesystem", type), hint);
    return OK;
}

static fallible plan_new(const struct mount_words *words, const struct oci_mount *mount,
                         struct arena *arena, struct mount_plan *plan)
{
    try(check_type(mount->type, arena, plan));
    uint64_t attributes = join_attributes(plan);
    bool is_inside = is_listed(mount->type, made_inside, LENGTH(made_inside));
    plan->kind = MOUNT_KIND_NEW;
    plan->filesystem = (struct mount_filesystem){
        .type = mount->type,
        .source = mount->source && *mount->source ? mount->source : mount->type,
        .options = words->data,
        .option_count = words->data_count + words->flag_count,
        .is_read_only = !is_inside && attributes & MOUNT_ATTR_RDONLY && mount->source &&
                        mount->source[0] == '/',
        .attributes = attributes,
    };
    return OK;
}

static void forget_attributes(struct mount_plan *plan)
{
    uint64_t propagation = plan->change.propagation | plan->recursive_change.propagation;
    plan->change = (struct mount_change){ .propagation = propagation };
    plan->recursive_change = (struct mount_change){ 0 };
}

/* It is filled before it becomes read-only. */
static fallible plan_copy_up(struct arena *arena, struct mount_plan *plan)
{
    const char *field;
    if (plan->kind != MOUNT_KIND_NEW || !text_equal(plan->filesystem.type, "tmpfs")) {
        try_print(field, arena, "%s.options", plan->field);
        return error_config(field, "'tmpcopyup' is for a new mount of type 'tmpfs'");
    }
    plan->copies_up = true;
    plan->change.set = plan->filesystem.attributes & MOUNT_ATTR_RDONLY;
    plan->filesystem.attributes &= ~(uint64_t) MOUNT_ATTR_RDONLY;
    return OK;
}

static bool has_gid(const struct mounts_context *context, uint64_t gid)
{
    bool is_there = !context->gid_count;
    for (uint32_t i = 0; i < context->gid_count; i++)
        is_there |=
            gid >= context->gids[i].first && gid - context->gids[i].first < context->gids[i].count;
    return is_there;
}

static bool is_group(const char *option)
{
    return text_starts(option, "gid=");
}

/* Whoever writes configs gives terminals to the group 5, which a user namespace may not have. */
static void leave_unknown_group(const struct mounts_context *context, const char *field,
                                struct mount_words *words)
{
    uint32_t count = words->data_count + words->flag_count, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const char *option = words->data[i];
        uint64_t gid;
        bool is_unknown = is_group(option) && text_to_unsigned(option + 4, UINT32_MAX, &gid) &&
                          !has_gid(context, gid);
        if (is_unknown)
            log_warning("%s.options: '%s' is left out: the user namespace has no such group", field,
                        option);
        else
            words->data[kept++] = option;
    }
    words->data_count -= count - kept;
}

/* What init can leave out stands behind the rest. */
static fallible put_groups_last(struct arena *arena, struct mount_plan *plan)
{
    const char *const *options = plan->filesystem.options;
    uint32_t count = plan->filesystem.option_count, kept = 0, last = count;
    const char **sorted;

    try_new(sorted, arena, count);
    for (uint32_t i = 0; i < count; i++)
        if (!is_group(options[i]))
            sorted[kept++] = options[i];
    for (uint32_t i = count; i > 0; i--)
        if (is_group(options[i - 1]))
            sorted[--last] = options[i - 1];
    plan->filesystem.options = sorted;
    plan->group_options = count - kept;
    plan->is_made_early |= plan->group_options > 0;
    return OK;
}

static fallible plan_kind(const struct oci_mount *mount, const struct mounts_context *context,
                          struct arena *arena, struct mount_plan *plan)
{
    struct mount_words words = { 0 };
    try(mount_words_read(mount, plan->field, arena, &words));
    plan->change = words.change;
    plan->recursive_change = words.recursive_change;
    plan->may_be_missing = words.may_be_missing;
    plan->directory_mode = words.directory_mode;
    normalise(&plan->change);
    normalise(&plan->recursive_change);
    if (mount->type && text_equal(mount->type, "devpts"))
        leave_unknown_group(context, plan->field, &words);

    if (words.is_remount)
        try(plan_remount(&words, context, arena, plan));
    else if (words.is_bind)
        try(plan_bind(&words, mount, arena, plan));
    else
        try(plan_new(&words, mount, arena, plan));

    bool is_new = plan->kind == MOUNT_KIND_NEW;
    if (is_new) {
        plan_maker(mount->type, context, plan);
        try(mount_label_plan(context, arena, plan));
        if (context->has_unknown_gids && text_equal(mount->type, "devpts"))
            try(put_groups_last(arena, plan));
    }
    if (is_new && (text_equal(mount->type, "cgroup") || text_equal(mount->type, "cgroup2")))
        try(plan_cgroup(context, arena, plan));
    if (plan->kind == MOUNT_KIND_NEW)
        forget_attributes(plan);
    if (words.copies_up)
        try(plan_copy_up(arena, plan));
    plan->recursive_change.is_recursive = true;
    const struct mount_idmap_request request = { mount, &words, context };
    return mount_idmap_plan(&request, arena, plan);
}

static fallible plan_mount(const struct oci_mount *mount, const struct mounts_context *context,
                           struct arena *arena, struct mount_plan *plan)
{
    try(mounts_plan_destination(mount, arena, plan));
    try(plan_kind(mount, context, arena, plan));
    if (plan->kind == MOUNT_KIND_REMOUNT || !leads_to_root(plan->destination))
        return OK;
    const char *field;
    try_print(field, arena, "%s.destination", plan->field);
    return error_config(field, "'%s' is the root itself", mount->destination);
}

static void warn_of_missing(const struct mounts_plan *plan)
{
    for (size_t i = 0; i < LENGTH(expected); i++) {
        bool is_there = false;
        for (uint32_t j = 0; j < plan->n; j++)
            is_there |= text_equal(plan->v[j].destination, expected[i]);
        if (!is_there)
            log_warning("mounts: nothing is mounted on %s", expected[i]);
    }
}

fallible mounts_plan(const struct oci_mount_array *mounts, const struct mounts_context *context,
                     struct arena *arena, struct mounts_plan *plan)
{
    struct mounts_plan result = { .n = mounts->n };
    try_new(result.v, arena, mounts->n);
    for (uint32_t i = 0; i < mounts->n; i++) {
        result.v[i].tree = -1;
        try_print(result.v[i].field, arena, "mounts[%u]", i);
        try(plan_mount(mounts->v[i], context, arena, &result.v[i]));
        result.idmap_count += result.v[i].idmap != MOUNT_IDMAP_NONE;
    }
    if (!context->is_live) {
        mounts_plan_read_only(&result);
        warn_of_missing(&result);
    }
    *plan = result;
    return OK;
}
