/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>
#include <sys/mount.h>

#include "os/syscalls.h"

/* The constants and structs of the new mount API.  <linux/mount.h> and <sys/mount.h> cannot be
 * included together everywhere, and musl has none of these: so they stand here, once. */

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
#ifndef MS_LAZYTIME
#define MS_LAZYTIME (1 << 25)
#endif

#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 0x00000001
#endif
#ifndef MOUNT_ATTR_NOSUID
#define MOUNT_ATTR_NOSUID 0x00000002
#endif
#ifndef MOUNT_ATTR_NODEV
#define MOUNT_ATTR_NODEV 0x00000004
#endif
#ifndef MOUNT_ATTR_NOEXEC
#define MOUNT_ATTR_NOEXEC 0x00000008
#endif
#ifndef MOUNT_ATTR__ATIME
#define MOUNT_ATTR__ATIME 0x00000070
#endif
#ifndef MOUNT_ATTR_RELATIME
#define MOUNT_ATTR_RELATIME 0x00000000
#endif
#ifndef MOUNT_ATTR_NOATIME
#define MOUNT_ATTR_NOATIME 0x00000010
#endif
#ifndef MOUNT_ATTR_STRICTATIME
#define MOUNT_ATTR_STRICTATIME 0x00000020
#endif
#ifndef MOUNT_ATTR_NODIRATIME
#define MOUNT_ATTR_NODIRATIME 0x00000080
#endif
#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

/* fsopen(2), fspick(2), fsconfig(2), fsmount(2): names of our own, since glibc has these in an
 * enum. */
enum {
    MOUNT_FSOPEN_CLOEXEC = 1,
    MOUNT_FSMOUNT_CLOEXEC = 1,
    MOUNT_FSPICK_CLOEXEC = 1,
    MOUNT_FSPICK_EMPTY_PATH = 8,
    MOUNT_SET_FLAG = 0,
    MOUNT_SET_STRING = 1,
    MOUNT_CREATE = 6,
    MOUNT_RECONFIGURE = 7,
};

/* The argument of mount_setattr(2). */
struct mount_attributes {
    uint64_t set, clear, propagation, user_namespace;
};

/* The part of statx(2)'s answer that tells one object from another. */
struct mount_facts {
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t other[3];
    uint16_t mode, pad;
    uint64_t inode;
    uint64_t sizes[11];
    uint32_t device_major, device_minor, filesystem[2];
    uint64_t mount;
    uint64_t reserved[13];
};
enum { MOUNT_FACTS_TYPE = 0x3, MOUNT_FACTS_INODE = 0x100, MOUNT_FACTS_MOUNT = 0x1000 };
enum { MOUNT_FACTS_IS_ROOT = 0x2000 }; /* of the attributes: STATX_ATTR_MOUNT_ROOT */

_Static_assert(sizeof(struct mount_facts) == 256, "the size of struct statx");
_Static_assert(__builtin_offsetof(struct mount_facts, attributes) == 0x8, "stx_attributes");
_Static_assert(__builtin_offsetof(struct mount_facts, mode) == 0x1c, "stx_mode");
_Static_assert(__builtin_offsetof(struct mount_facts, inode) == 0x20, "stx_ino");
_Static_assert(__builtin_offsetof(struct mount_facts, device_major) == 0x80, "stx_rdev_major");
_Static_assert(__builtin_offsetof(struct mount_facts, mount) == 0x90, "stx_mnt_id");
