/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.devices where no program can be loaded: in a user namespace the kernel refuses to
 * make devices, so that a container has those that it is given.
 *
 * Engines always deny all devices first; that is not meant for what they bind themselves.  A rule
 * with a number is.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/list.h"
#include "base/text.h"
#include "cgroup/device_rules.h"
#include "libocispec/config.h"

static bool has_number(struct oci_opt_i64 number, unsigned value)
{
    return !number.present || number.value < 0 || number.value == (int64_t) value;
}

/* Whether the rule speaks of this very device, or of all with its major number. */
static bool names(const struct oci_cg_device *rule, const struct stat *status)
{
    uint8_t type = S_ISBLK(status->st_mode) ? OCI_CGDEVTYPE_B : OCI_CGDEVTYPE_C;
    return rule->type.present && rule->type.value == type && rule->major.present &&
           rule->major.value >= 0 && has_number(rule->major, major(status->st_rdev)) &&
           has_number(rule->minor, minor(status->st_rdev));
}

static fallible check_mount(const struct oci_cg_device_array *rules, const struct oci_mount *mount,
                            uint32_t index, int bundle)
{
    char field[ERROR_FIELD_SIZE];
    struct stat status;
    bool is_bind = oci_mount_has_word(mount, "bind") || oci_mount_has_word(mount, "rbind");
    bool is_device = is_bind && mount->source && !fstatat(bundle, mount->source, &status, 0) &&
                     (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode));
    uint32_t i = is_device ? rules->n : 0;

    while (i > 0 && !names(rules->v[i - 1], &status))
        i--;
    if (i == 0 || rules->v[i - 1]->allow)
        return OK;
    text_format(field, sizeof(field), "linux.resources.devices[%u]", i - 1);
    return error_hint(error_config(field,
                                   "it denies the device %u:%u, which mounts[%u] binds, and "
                                   "without the right to load a device program nothing can keep it "
                                   "out",
                                   major(status.st_rdev), minor(status.st_rdev), index),
                      "leave out the rule or the mount");
}

fallible device_rules_check_binds(const struct oci_config *config, int bundle)
{
    const struct oci_cg_device_array *rules = &config->linux_->resources->devices;
    for (uint32_t i = 0; i < config->mounts.n; i++)
        try(check_mount(rules, config->mounts.v[i], i, bundle));
    return OK;
}
