/* SPDX-License-Identifier: Apache-2.0 */
/* linux.devices: checks the entries and joins them with the default devices.  What surprises: u,
 * for unbuffered, is a character device; major and minor are required for all but fifos, though the
 * schema lets them be absent. */

#include "rootfs/devices.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/config.h"
#include "rootfs/mount_words.h"

enum { MOST_MAJOR = 4095, MOST_MINOR = 1048575, DEFAULT_MODE = 0666, MOST_MODE = 0777 };

static const struct {
    const char *path;
    unsigned major, minor;
} defaults[] = {
    { "/dev/null", 1, 3 },   { "/dev/zero", 1, 5 },    { "/dev/full", 1, 7 },
    { "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
};

static const mode_t types[] = {
    [OCI_DEVTYPE_C] = S_IFCHR,
    [OCI_DEVTYPE_B] = S_IFBLK,
    [OCI_DEVTYPE_U] = S_IFCHR,
    [OCI_DEVTYPE_P] = S_IFIFO,
};

/* An entry under examination: a place for errors, and what it says. */
struct entry {
    struct arena *arena;
    uint32_t index;
    const struct oci_device *device;
};

#define refuse(entry, member, ...)                                                                 \
    do {                                                                                           \
        const char *refuse_field;                                                                  \
        try_print(refuse_field, (entry)->arena, "linux.devices[%u]." member, (entry)->index);      \
        return error_config(refuse_field, __VA_ARGS__);                                            \
    } while (0)

static fallible check_path(const struct entry *entry)
{
    const char *path = entry->device->path;
    if (!path || *path != '/')
        refuse(entry, "path", "'%s' is not absolute", path ? path : "");
    const char *last = strrchr(path, '/') + 1;
    if (!*last || text_equal(last, ".") || text_equal(last, ".."))
        refuse(entry, "path", "'%s' does not end in a name", path);
    return OK;
}

static fallible read_numbers(const struct entry *entry, dev_t *numbers)
{
    const struct oci_opt_i64 major = entry->device->major, minor = entry->device->minor;
    if (entry->device->type == OCI_DEVTYPE_P)
        return OK;
    if (!major.present)
        refuse(entry, "major", "a device needs it");
    if (!minor.present)
        refuse(entry, "minor", "a device needs it");
    if (major.value < 0 || major.value > MOST_MAJOR)
        refuse(entry, "major", "%lld is not in 0..%d", (long long) major.value, MOST_MAJOR);
    if (minor.value < 0 || minor.value > MOST_MINOR)
        refuse(entry, "minor", "%lld is not in 0..%d", (long long) minor.value, MOST_MINOR);
    *numbers = makedev((unsigned) major.value, (unsigned) minor.value);
    return OK;
}

/* Engines write what stat(2) told them of the host's device: its type stands in the mode too. */
static fallible read_mode(const struct entry *entry, mode_t *mode)
{
    const struct oci_opt_u32 given = entry->device->file_mode;
    const mode_t type = types[entry->device->type], value = given.value;

    *mode = type | (given.present ? value & MOST_MODE : DEFAULT_MODE);
    if (given.present && value & ~(mode_t) (S_IFMT | MOST_MODE))
        refuse(entry, "fileMode", "%u (octal %o) has bits besides permissions", value, value);
    if (given.present && value & S_IFMT && (value & S_IFMT) != type)
        refuse(entry, "fileMode", "%u (octal %o) is the mode of another type", value, value);
    return OK;
}

/* What the entry does not say is not changed on a node that is there: it may be the host's, in a
 * bind mount. */
static fallible read_device(const struct entry *entry, struct device_plan *plan)
{
    const struct oci_device *device = entry->device;
    mode_t mode = 0;
    dev_t numbers = 0;
    try(check_path(entry));
    try(read_numbers(entry, &numbers));
    try(read_mode(entry, &mode));
    if (device->uid.value == UINT32_MAX)
        refuse(entry, "uid", "%u is not an id", device->uid.value);
    if (device->gid.value == UINT32_MAX)
        refuse(entry, "gid", "%u is not an id", device->gid.value);
    try_print(plan->field, entry->arena, "linux.devices[%u].path", entry->index);
    try_print(plan->mode_field, entry->arena, "linux.devices[%u].fileMode", entry->index);
    plan->path = device->path;
    plan->node = (struct path_node){
        .mode = mode,
        .device = numbers,
        .uid = device->uid.value,
        .gid = device->gid.value,
        .keeps_mode = !device->file_mode.present,
        .keeps_uid = !device->uid.present,
        .keeps_gid = !device->gid.present,
    };
    plan->tree = -1;
    return OK;
}

static bool is_same_device(const struct device_plan *a, const struct device_plan *b)
{
    return (a->node.mode & S_IFMT) == (b->node.mode & S_IFMT) && a->node.device == b->node.device;
}

static fallible compare(const struct device_plan *plan, const struct device_plan *earlier)
{
    bool is_same = is_same_device(plan, earlier);
    if (!is_same && text_equal(plan->path, earlier->path))
        return error_config(plan->field, "'%s' is another device in %s", plan->path,
                            earlier->field);
    if (is_same && !S_ISFIFO(plan->node.mode))
        log_warning("%s: '%s' is the same device as '%s'", plan->field, plan->path, earlier->path);
    return OK;
}

static fallible read_all(const struct oci_device_array *devices, struct arena *arena,
                         struct device_plan *list)
{
    for (uint32_t i = 0; i < devices->n; i++) {
        const struct entry entry = { arena, i, devices->v[i] };
        try(read_device(&entry, &list[i]));
        for (uint32_t j = 0; j < i; j++)
            try(compare(&list[i], &list[j]));
    }
    return OK;
}

static bool has_path(const struct device_plan *list, uint32_t count, const char *path)
{
    for (uint32_t i = 0; i < count; i++)
        if (text_equal(list[i].path, path))
            return true;
    return false;
}

/* Puts the default devices that LIST does not name in front of it. */
static fallible join(const struct device_plan *list, uint32_t count, struct arena *arena,
                     struct devices_plan *plan)
{
    for (size_t i = 0; i < LENGTH(defaults); i++) {
        if (has_path(list, count, defaults[i].path))
            continue;
        struct device_plan *device = &plan->v[plan->n++];
        try_print(device->path, arena, "%s", defaults[i].path);
        device->node = (struct path_node){
            .mode = S_IFCHR | DEFAULT_MODE,
            .device = makedev(defaults[i].major, defaults[i].minor),
            .keeps_mode = true,
            .keeps_uid = true,
            .keeps_gid = true,
        };
        device->tree = -1;
    }
    if (count)
        memcpy(plan->v + plan->n, list, count * sizeof(*list));
    plan->n += count;
    return OK;
}

static bool has_mount(const struct oci_mount_array *mounts, const char *path)
{
    for (uint32_t i = 0; i < mounts->n; i++)
        if (oci_mount_is_at(mounts->v[i], path))
            return true;
    return false;
}

/* Whether what is mounted on /dev in the end is somebody's directory, in which nothing is ours to
 * link. */
static fallible find_bound_dev(const struct oci_mount_array *mounts, struct arena *arena,
                               bool *is_bound)
{
    bool result = false;
    for (uint32_t i = 0; i < mounts->n; i++) {
        struct mount_words words = { 0 };
        const char *field;
        if (!oci_mount_is_at(mounts->v[i], "/dev"))
            continue;
        try_print(field, arena, "mounts[%u]", i);
        try(mount_words_read(mounts->v[i], field, arena, &words));
        if (!words.is_remount)
            result = words.is_bind;
    }
    *is_bound = result;
    return OK;
}

fallible devices_plan(const struct oci_config *config, bool are_bound, struct arena *arena,
                      struct devices_plan *plan)
{
    static const struct oci_device_array none;
    const struct oci_device_array *devices = config->linux_ ? &config->linux_->devices : &none;
    struct devices_plan result = { .are_bound = are_bound };
    bool is_bound = false;
    struct device_plan *list;
    try(find_bound_dev(&config->mounts, arena, &is_bound));
    result.has_links = !is_bound && has_mount(&config->mounts, "/proc");
    result.has_ptmx = !is_bound && has_mount(&config->mounts, "/dev/pts");
    try_new(list, arena, devices->n);
    try(read_all(devices, arena, list));
    try_new(result.v, arena, devices->n + LENGTH(defaults));
    try(join(list, devices->n, arena, &result));
    for (uint32_t i = 0; i < result.n; i++)
        result.v[i].is_bound = are_bound && !S_ISFIFO(result.v[i].node.mode);
    *plan = result;
    return OK;
}
