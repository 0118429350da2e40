/* SPDX-License-Identifier: Apache-2.0 */
/* mounts[].options: every word that is not left to the filesystem.  What surprises: norelatime and
 * defaults change nothing, since relatime is what the kernel does when no other mode is asked. */

#include "rootfs/mount_options.h"

#include <string.h>

#include "base/list.h"
#include "base/nearest.h"
#include "base/text.h"
#include "os/mount_attributes.h"

// clang-format off
#define ATTRIBUTE(name, set, clear) { name, MOUNT_OPTION_ATTRIBUTE, set, clear, NULL }
#define RECURSIVE(name, set, clear) { name, MOUNT_OPTION_RECURSIVE, set, clear, NULL }
#define SUPERBLOCK(name, set, clear, flag) { name, MOUNT_OPTION_SUPERBLOCK, set, clear, flag }
#define PROPAGATION(name, set) { name, MOUNT_OPTION_PROPAGATION, set, 0, NULL }
#define NOTHING(name) { name, MOUNT_OPTION_NOTHING, 0, 0, NULL }

const struct mount_option mount_options[] = {
    SUPERBLOCK("async", 0, MS_SYNCHRONOUS, NULL),
    ATTRIBUTE("atime", 0, MOUNT_ATTR_NOATIME),
    { "bind", MOUNT_OPTION_BIND, 0, 0, NULL },
    NOTHING("defaults"),
    ATTRIBUTE("dev", 0, MOUNT_ATTR_NODEV),
    ATTRIBUTE("diratime", 0, MOUNT_ATTR_NODIRATIME),
    SUPERBLOCK("dirsync", MS_DIRSYNC, 0, "dirsync"),
    ATTRIBUTE("exec", 0, MOUNT_ATTR_NOEXEC),
    { "idmap", MOUNT_OPTION_IDMAP, 0, 0, NULL },
    NOTHING("iversion"), /* a matter of each filesystem since Linux 5.2's mount API */
    SUPERBLOCK("lazytime", MS_LAZYTIME, 0, "lazytime"),
    NOTHING("loud"),
    NOTHING("mand"), /* gone since Linux 5.15, and left out before as well */
    ATTRIBUTE("noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME),
    ATTRIBUTE("nodev", MOUNT_ATTR_NODEV, 0),
    ATTRIBUTE("nodiratime", MOUNT_ATTR_NODIRATIME, 0),
    ATTRIBUTE("noexec", MOUNT_ATTR_NOEXEC, 0),
    NOTHING("noiversion"),
    SUPERBLOCK("nolazytime", 0, MS_LAZYTIME, NULL),
    NOTHING("nomand"),
    NOTHING("norelatime"),
    ATTRIBUTE("nostrictatime", 0, MOUNT_ATTR_STRICTATIME),
    ATTRIBUTE("nosuid", MOUNT_ATTR_NOSUID, 0),
    ATTRIBUTE("nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0),
    PROPAGATION("private", MS_PRIVATE),
    RECURSIVE("ratime", 0, MOUNT_ATTR_NOATIME),
    { "rbind", MOUNT_OPTION_BIND, MS_REC, 0, NULL },
    RECURSIVE("rdev", 0, MOUNT_ATTR_NODEV),
    RECURSIVE("rdiratime", 0, MOUNT_ATTR_NODIRATIME),
    ATTRIBUTE("relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME),
    { "remount", MOUNT_OPTION_REMOUNT, 0, 0, NULL },
    RECURSIVE("rexec", 0, MOUNT_ATTR_NOEXEC),
    { "ridmap", MOUNT_OPTION_IDMAP, MS_REC, 0, NULL },
    RECURSIVE("rnoatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME),
    RECURSIVE("rnodev", MOUNT_ATTR_NODEV, 0),
    RECURSIVE("rnodiratime", MOUNT_ATTR_NODIRATIME, 0),
    RECURSIVE("rnoexec", MOUNT_ATTR_NOEXEC, 0),
    RECURSIVE("rnorelatime", 0, 0),
    RECURSIVE("rnostrictatime", 0, MOUNT_ATTR_STRICTATIME),
    RECURSIVE("rnosuid", MOUNT_ATTR_NOSUID, 0),
    RECURSIVE("rnosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0),
    ATTRIBUTE("ro", MOUNT_ATTR_RDONLY, 0),
    PROPAGATION("rprivate", MS_PRIVATE | MS_REC),
    RECURSIVE("rrelatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME),
    RECURSIVE("rro", MOUNT_ATTR_RDONLY, 0),
    RECURSIVE("rrw", 0, MOUNT_ATTR_RDONLY),
    PROPAGATION("rshared", MS_SHARED | MS_REC),
    PROPAGATION("rslave", MS_SLAVE | MS_REC),
    RECURSIVE("rstrictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME),
    RECURSIVE("rsuid", 0, MOUNT_ATTR_NOSUID),
    RECURSIVE("rsymfollow", 0, MOUNT_ATTR_NOSYMFOLLOW),
    PROPAGATION("runbindable", MS_UNBINDABLE | MS_REC),
    ATTRIBUTE("rw", 0, MOUNT_ATTR_RDONLY),
    PROPAGATION("shared", MS_SHARED),
    NOTHING("silent"),
    PROPAGATION("slave", MS_SLAVE),
    ATTRIBUTE("strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME),
    ATTRIBUTE("suid", 0, MOUNT_ATTR_NOSUID),
    ATTRIBUTE("symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW),
    SUPERBLOCK("sync", MS_SYNCHRONOUS, 0, "sync"),
    { "tmpcopyup", MOUNT_OPTION_COPY_UP, 0, 0, NULL },
    PROPAGATION("unbindable", MS_UNBINDABLE),
};

#define OWNERS (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define USERS (OWNERS | MOUNT_ATTR_NOEXEC)

/* Words of mount(8) that the specification does not have: taken, but not listed by `features`.
 * Those that let others than root mount something imply flags, whoever mounts it. */
static const struct mount_option fstab_options[] = {
    NOTHING("_netdev"),
    NOTHING("auto"),
    ATTRIBUTE("group", OWNERS, 0),
    NOTHING("noauto"),
    { "nofail", MOUNT_OPTION_NO_FAIL, 0, 0, NULL },
    NOTHING("nouser"),
    ATTRIBUTE("owner", OWNERS, 0),
    ATTRIBUTE("user", USERS, 0),
    ATTRIBUTE("users", USERS, 0),
};
// clang-format on

/* What people write who know other programs. */
static const struct {
    const char *word, *meant;
} synonyms[] = {
    { "read-only", "ro" },
    { "readonly", "ro" },
    { "read-write", "rw" },
    { "readwrite", "rw" },
};

const size_t mount_option_count = LENGTH(mount_options);

const struct mount_option *mount_option_find(const char *name)
{
    for (size_t i = 0; i < mount_option_count; i++)
        if (mount_options[i].name[0] == *name && text_equal(mount_options[i].name, name))
            return &mount_options[i];
    for (size_t i = 0; i < LENGTH(fstab_options); i++)
        if (text_equal(fstab_options[i].name, name))
            return &fstab_options[i];
    return NULL;
}

const char *mount_option_guess(const char *word)
{
    struct nearest nearest = { .word = word };

    if (strchr(word, '='))
        return NULL;
    for (size_t i = 0; i < LENGTH(synonyms); i++)
        if (text_equal(synonyms[i].word, word))
            return synonyms[i].meant;
    for (size_t i = 0; i < mount_option_count; i++)
        nearest_consider(&nearest, mount_options[i].name);
    return nearest.best;
}
