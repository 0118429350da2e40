/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounts[].options that are the filesystem's, in a restored container (R21).  The kernel writes
 * them in words of its own: hidepid=2 is "invisible", mode=0620 is 620, and of a tmpfs half of the
 * memory is a number.  So a tmpfs is compared with one that we make of the same options.
 */
#include "launch/restore_options.h"

#include <stdbool.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/restore_mounts.h"
#include "os/mount_list.h"
#include "rootfs/mounts.h"

/* What it says, behind "="; or NULL.  The last counts. */
static const char *find_value(const struct mount_filesystem *filesystem, const char *name)
{
    size_t length = strlen(name);

    for (uint32_t i = filesystem->option_count; i > 0; i--) {
        const char *option = filesystem->options[i - 1];
        if (strncmp(option, name, length) == 0 && option[length] == '=')
            return option + length + 1;
    }
    return NULL;
}

/* The same in what the kernel says, "rw,gid=5,mode=620"; the value ends with a comma or the text.
 */
static const char *find_said(const struct mount_entry *found, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = found->options; *at; at += *at == ',') {
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return at + length + 1;
        at += strcspn(at, ",");
    }
    return NULL;
}

static bool is_said(const char *said, const char *value)
{
    size_t length = strlen(value);

    return strncmp(said, value, length) == 0 && (!said[length] || said[length] == ',');
}

static unsigned long read_mode(const char *value)
{
    unsigned long mode = 0;

    for (; *value >= '0' && *value <= '7'; value++)
        mode = mode * 8 + (unsigned long) (*value - '0');
    return mode;
}

/* Numbers of hidepid, and their names since Linux 5.8. */
static const char *name_hidepid(const char *value)
{
    static const char *const names[] = { "off", "noaccess", "invisible", NULL, "ptraceable" };

    bool is_number = value[0] >= '0' && value[0] <= '4' && !value[1];
    return is_number && names[value[0] - '0'] ? names[value[0] - '0'] : value;
}

static fallible check_proc(const struct mount_plan *mount, const struct mount_entry *found)
{
    const struct mount_filesystem *filesystem = &mount->filesystem;
    const char *hidepid = find_value(filesystem, "hidepid");
    const char *subset = find_value(filesystem, "subset"), *said = find_said(found, "hidepid");

    if (hidepid && !text_equal(name_hidepid(hidepid), "off") &&
        (!said || !(is_said(said, name_hidepid(hidepid)) || is_said(said, hidepid))))
        return mounts_check_refuse(mount->field, mount->destination, "has another hidepid");
    said = find_said(found, "subset");
    if (subset && (!said || !is_said(said, subset)))
        return mounts_check_refuse(mount->field, mount->destination, "has another subset");
    if (find_said(found, "gid") && !find_value(filesystem, "gid"))
        return mounts_check_refuse(mount->field, mount->destination,
                                   "has a group that sees all processes");
    return OK;
}

static fallible check_terminals(const struct mount_plan *mount, const struct mount_entry *found)
{
    static const char *const modes[] = { "mode", "ptmxmode" };

    for (size_t i = 0; i < LENGTH(modes); i++) {
        const char *mode = find_value(&mount->filesystem, modes[i]);
        const char *said = find_said(found, modes[i]);
        if (mode && (!said || read_mode(said) != read_mode(mode)))
            return mounts_check_refuse(mount->field, mount->destination,
                                       "gives its terminals another mode");
    }
    return OK;
}

/* Without a limit, it has none; then the kernel says zero. */
static bool is_more(uint64_t found, uint64_t wanted)
{
    return wanted && (!found || found > wanted);
}

static bool has_word(const struct mount_filesystem *filesystem, const char *word)
{
    for (uint32_t i = 0; i < filesystem->option_count; i++)
        if (text_equal(filesystem->options[i], word))
            return true;
    return false;
}

/* Where the config names no number it is a share of the memory, of when it was mounted: the images
 * say that of another machine, maybe.  So it gets what a new one has. */
static bool is_share(const char *number)
{
    return !number || strchr(number, '%');
}

static bool has_failed(struct error *error)
{
    error_forget(error);
    return error;
}

static fallible check_memory(const struct mount_plan *mount, const struct mount_entry *found,
                             int fd)
{
    const struct mount_filesystem *filesystem = &mount->filesystem;
    const char *size = find_value(filesystem, "size");
    const char *blocks = find_value(filesystem, "nr_blocks");
    struct statfs wanted, status;
    auto_close int like = -1;

    try(mount_new(filesystem, &like));
    if (fstatfs(like, &wanted) || fstatfs(fd, &status))
        return error_system("look at the size of %s", mount->destination);
    bool is_room_shared = is_share(blocks ? blocks : size);
    bool is_count_shared = is_share(find_value(filesystem, "nr_inodes"));
    bool is_more_room = is_more(status.f_blocks, wanted.f_blocks);
    bool is_more_files = is_more(status.f_files, wanted.f_files);
    if ((is_more_room && !is_room_shared) || (is_more_files && !is_count_shared) ||
        ((is_more_room || is_more_files) &&
         has_failed(mount_limit_memory(fd, wanted.f_blocks, wanted.f_files))))
        return mounts_check_refuse(mount->field, mount->destination, "has room for more");
    if (has_word(filesystem, "noswap") && !strstr(found->options, "noswap"))
        return mounts_check_refuse(mount->field, mount->destination, "may be swapped");
    return OK;
}

fallible restore_check_options(const struct mount_plan *mount, const struct mount_entry *found,
                               int fd)
{
    const char *type = mount->filesystem.type;

    if (text_equal(type, "proc"))
        return check_proc(mount, found);
    if (text_equal(type, "devpts"))
        return check_terminals(mount, found);
    return text_equal(type, "tmpfs") ? check_memory(mount, found, fd) : OK;
}
