/* SPDX-License-Identifier: Apache-2.0 */
/* linux.mountLabel.  What surprises: a label has commas in it, and is quoted where options are one
 * string; they are single values here, and the kernel would take a quote as a part of it. */

#include "rootfs/mount_label.h"

#include "base/allocate.h"
#include "base/list.h"
#include "base/text.h"

/* What shows the kernel: one superblock for all, whose label cannot be another one for each. */
static const char *const views[] = {
    "binfmt_misc", "bpf",  "cgroup", "cgroup2", "configfs", "debugfs",    "efivarfs",  "fusectl",
    "mqueue",      "nsfs", "proc",   "pstore",  "sysfs",    "securityfs", "selinuxfs", "tracefs",
};

static const char *const own_labels[] = {
    "context=", "defcontext=", "fscontext=", "rootcontext=", "seclabel",
};

static bool is_view(const char *type)
{
    for (size_t i = 0; i < LENGTH(views); i++)
        if (text_equal(views[i], type))
            return true;
    return false;
}

static bool has_own_label(const struct mount_filesystem *filesystem)
{
    for (uint32_t i = 0; i < filesystem->option_count; i++)
        for (size_t j = 0; j < LENGTH(own_labels); j++)
            if (text_starts(filesystem->options[i], own_labels[j]))
                return true;
    return false;
}

/* The label of the filesystem, and that of files which have none, are not read back: nothing tells
 * them. */
static bool is_of_root(const char *option)
{
    return text_equal(option, "context") || text_equal(option, "rootcontext");
}

fallible mount_label_plan(const struct mounts_context *context, struct arena *arena,
                          struct mount_plan *plan)
{
    const char *label = context->label;
    const char *option = context->label_option ? context->label_option : "context";
    struct mount_filesystem *filesystem = &plan->filesystem;
    const char **options;

    if (!label || is_view(filesystem->type) || has_own_label(filesystem))
        return OK;
    try_new(options, arena, filesystem->option_count + 1);
    for (uint32_t i = 0; i < filesystem->option_count; i++)
        options[i] = filesystem->options[i];
    try_print(options[filesystem->option_count], arena, "%s=%s", option, label);
    filesystem->options = options;
    filesystem->option_count++;
    plan->label = is_of_root(option) ? label : NULL;
    return OK;
}
