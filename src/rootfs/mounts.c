/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: reads each entry, opens what it mounts.  What surprises: source and options of a
 * filesystem may be paths, and mean the host's, so that all but a few are made by the host; and
 * propagation of a bind is private unless a word asks, since the copy is born a peer of the
 * source. */

#include "rootfs/mounts.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/mount.h"
#include "os/mount_attributes.h"
#include "rootfs/mount_label.h"
#include "rootfs/mount_words.h"

/* They show the namespaces of who mounts them, or are memory that the container pays for. */
static const char *const made_inside[] = {
    "proc", "sysfs", "mqueue", "devpts", "tmpfs", "ramfs", "cgroup2",
};

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

static fallible read_destination(const struct oci_mount *mount, struct arena *arena,
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

static fallible refuse_mappings(const struct oci_mount *mount, struct arena *arena,
                                const struct mount_plan *plan)
{
    const char *field;
    if (!mount->uid_mappings.n && !mount->gid_mappings.n)
        return OK;
    try_print(field, arena, "%s.%s", plan->field,
              mount->uid_mappings.n ? "uidMappings" : "gidMappings");
    if (!mount->uid_mappings.n || !mount->gid_mappings.n)
        return error_config(field, "uidMappings and gidMappings must come together");
    return error_unsupported(field, "idmapped mounts are not supported");
}

static void normalise(struct mount_change *change)
{
    if ((change->set | change->clear) & MOUNT_ATTR__ATIME)
        change->clear |= MOUNT_ATTR__ATIME;
}

static fallible plan_bind(const struct mount_words *words, const struct oci_mount *mount,
                          struct arena *arena, struct mount_plan *plan)
{
    const char *field;
    if (words->data_count) /* as mount(2) has it, and configs rely on it */
        log_warning("%s.options[%u]: '%s' is data for a filesystem, and does nothing for a bind "
                    "mount",
                    plan->field, words->first_data, words->data[0]);
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

static fallible plan_remount(const struct mount_words *words, struct arena *arena,
                             struct mount_plan *plan)
{
    const char *field;
    plan->kind = MOUNT_KIND_REMOUNT;
    if (!words->data_count && !words->superblock)
        return OK;
    try_print(field, arena, "%s.options", plan->field);
    return error_unsupported(field, "a remount can change flags of the mount only, not '%s'",
                             words->data_count ? words->data[0] : "sync, dirsync or lazytime");
}

/* A new mount shows what the cgroup namespace has as its root: with a cgroup of the container's own
 * that is this one, without it would be the caller's, and writable.  In the host's namespace it
 * would show everything and change the host's options, so there the cgroup is bound. */
static fallible plan_cgroup(const struct mounts_context *context, struct arena *arena,
                            struct mount_plan *plan)
{
    plan->is_made_by_host = false;
    if (!context->has_cgroup) {
        const char *field;
        try_print(field, arena, "%s.type", plan->field);
        return error_hint(error_config(field, "'%s' without a cgroup of the container's own",
                                       plan->filesystem.type),
                          "--cgroup-manager disabled, or no writable cgroup, takes it away");
    }
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

/* A new mount has none below: both families of words mean the same, and are said when it is made.
 */
static uint64_t join_attributes(struct mount_plan *plan)
{
    uint64_t recursive = plan->recursive_change.set & ~plan->change.clear;
    return recursive | plan->change.set;
}

static bool is_made_inside(const char *type)
{
    for (size_t i = 0; i < LENGTH(made_inside); i++)
        if (text_equal(made_inside[i], type))
            return true;
    return false;
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
    bool is_inside = is_made_inside(mount->type);
    plan->kind = MOUNT_KIND_NEW;
    plan->is_made_by_host = !is_inside;
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

static fallible plan_kind(const struct oci_mount *mount, const struct mounts_context *context,
                          struct arena *arena, struct mount_plan *plan)
{
    struct mount_words words = { 0 };
    try(mount_words_read(&mount->options, plan->field, arena, &words));
    plan->change = words.change;
    plan->recursive_change = words.recursive_change;
    normalise(&plan->change);
    normalise(&plan->recursive_change);

    if (words.is_remount)
        try(plan_remount(&words, arena, plan));
    else if (words.is_bind)
        try(plan_bind(&words, mount, arena, plan));
    else
        try(plan_new(&words, mount, arena, plan));

    bool is_new = plan->kind == MOUNT_KIND_NEW;
    if (is_new)
        try(mount_label_plan(context->label, arena, plan));
    if (is_new && (text_equal(mount->type, "cgroup") || text_equal(mount->type, "cgroup2")))
        try(plan_cgroup(context, arena, plan));
    if (plan->kind == MOUNT_KIND_NEW)
        forget_attributes(plan);
    plan->recursive_change.is_recursive = true;
    return OK;
}

static fallible plan_mount(const struct oci_mount *mount, const struct mounts_context *context,
                           struct arena *arena, struct mount_plan *plan)
{
    try(read_destination(mount, arena, plan));
    try(refuse_mappings(mount, arena, plan));
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
    }
    warn_of_missing(&result);
    *plan = result;
    return OK;
}

static fallible open_source(struct mount_plan *mount, int bundle, int cgroup)
{
    struct stat status;
    if (mount->kind == MOUNT_KIND_NEW)
        return mount_new(&mount->filesystem, &mount->tree);
    if (mount->is_cgroup)
        return mount_clone(cgroup, false, &mount->tree);
    try(mount_clone_path(bundle, mount->source, mount->is_recursive_bind, &mount->tree));
    if (fstat(mount->tree, &status))
        return error_errno(ERROR_MOUNT, "look at %s", mount->source);
    mount->is_file = !S_ISDIR(status.st_mode);
    return OK;
}

fallible mounts_open_sources(struct mounts_plan *plan, int bundle, int cgroup)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        struct mount_plan *mount = &plan->v[i];
        if (mount->kind != MOUNT_KIND_BIND && !mount->is_made_by_host)
            continue;
        struct error *failure = open_source(mount, bundle, cgroup);
        if (!failure)
            continue;
        mounts_close_sources(plan);
        return error_field(error_within(failure, "%s on %s", mount->field, mount->destination),
                           "%s.%s", mount->field, mount->is_made_by_host ? "type" : "source");
    }
    return OK;
}

void mounts_close_sources(struct mounts_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++)
        close_fd(&plan->v[i].tree);
}
