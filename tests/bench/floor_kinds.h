/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the containers of tests/bench/bundle are, for tests/bench/floor.c. */

#include <linux/capability.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHORT (MS_NOSUID | MS_NOEXEC | MS_NODEV)

struct mount {
    const char *type; /* NULL: a bind */
    const char *source;
    const char *target; /* from the root filesystem, which is the working directory */
    unsigned long flags;
    const char *data;
};

struct kind {
    const char *name;
    const char *hostname;
    const struct mount *mounts;
    const char *const *masked_files;
    const char *const *masked_directories;
    const char *const *read_only;
    uint64_t capabilities;
    bool is_podmans; /* sysctl, two rlimits, a filter; may gain privileges, may write to its root */
    bool has_user_namespace;
};

#define DEV_DATA "mode=755,size=65536k"
#define PTS_DATA "newinstance,ptmxmode=0666,mode=0620,gid=5"

/* clang-format off */
static const struct mount plain_mounts[] = {
    { "proc", "proc", "proc", 0, NULL },
    { "tmpfs", "tmpfs", "dev", MS_NOSUID | MS_STRICTATIME, DEV_DATA },
    { "devpts", "devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, PTS_DATA },
    { "tmpfs", "shm", "dev/shm", SHORT, "mode=1777,size=65536k" },
    { "mqueue", "mqueue", "dev/mqueue", SHORT, NULL },
    { "sysfs", "sysfs", "sys", SHORT | MS_RDONLY, NULL },
    { "cgroup2", "cgroup", "sys/fs/cgroup", SHORT | MS_RELATIME | MS_RDONLY, NULL },
    { NULL, NULL, NULL, 0, NULL },
};

static const struct mount podman_mounts[] = {
    { "proc", "proc", "proc", SHORT, NULL },
    { "tmpfs", "tmpfs", "dev", MS_NOSUID | MS_NOEXEC | MS_STRICTATIME, DEV_DATA },
    { "sysfs", "sysfs", "sys", SHORT | MS_RDONLY, NULL },
    { "devpts", "devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, PTS_DATA },
    { "mqueue", "mqueue", "dev/mqueue", SHORT, NULL },
    { NULL, "../sources/resolv.conf", "etc/resolv.conf", 0, NULL },
    { NULL, "../sources/hosts", "etc/hosts", 0, NULL },
    { NULL, "../sources/shm", "dev/shm", SHORT, NULL },
    { NULL, "../sources/.containerenv", "run/.containerenv", 0, NULL },
    { NULL, "../sources/hostname", "etc/hostname", 0, NULL },
    { "cgroup2", "cgroup", "sys/fs/cgroup", SHORT | MS_RELATIME | MS_RDONLY, NULL },
    { NULL, NULL, NULL, 0, NULL },
};

static const char *const plain_masked_files[] = {
    "proc/interrupts", "proc/kcore", "proc/keys", "proc/latency_stats", "proc/sched_debug",
    "proc/timer_list", "proc/timer_stats", NULL,
};

static const char *const plain_masked_directories[] = {
    "proc/acpi", "proc/asound", "proc/scsi", "sys/devices/virtual/powercap", "sys/firmware", NULL,
};

static const char *const plain_read_only[] = {
    "proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger", NULL,
};

static const char *const podman_masked_files[] = {
    "proc/kcore", "proc/keys", "proc/latency_stats", "proc/timer_list", "proc/timer_stats",
    "proc/sched_debug", NULL,
};

static const char *const podman_masked_directories[] = {
    "proc/acpi", "proc/scsi", "sys/firmware", "sys/fs/selinux", "sys/dev/block", NULL,
};

static const char *const podman_read_only[] = {
    "proc/asound", "proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger", NULL,
};

static const char *const devices[] = {
    "dev/null", "dev/zero", "dev/full", "dev/random", "dev/urandom", "dev/tty", NULL,
};

static const unsigned char device_numbers[][2] = {
    { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 }, { 1, 9 }, { 5, 0 },
};

static const char *const links[][2] = {
    { "/proc/self/fd", "dev/fd" },
    { "/proc/self/fd/0", "dev/stdin" },
    { "/proc/self/fd/1", "dev/stdout" },
    { "/proc/self/fd/2", "dev/stderr" },
    { "pts/ptmx", "dev/ptmx" },
};
/* clang-format on */

#define BIT(number) (UINT64_C(1) << (number))
#define PLAIN_CAPABILITIES (BIT(CAP_AUDIT_WRITE) | BIT(CAP_KILL) | BIT(CAP_NET_BIND_SERVICE))
#define PODMAN_CAPABILITIES                                                                        \
    (BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_KILL) |  \
     BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SETFCAP) | BIT(CAP_SETGID) | BIT(CAP_SETPCAP) |           \
     BIT(CAP_SETUID) | BIT(CAP_SYS_CHROOT))

static const struct kind kinds[] = {
    {
        .name = "minimal",
        .hostname = "tare",
        .mounts = plain_mounts,
        .masked_files = plain_masked_files,
        .masked_directories = plain_masked_directories,
        .read_only = plain_read_only,
        .capabilities = PLAIN_CAPABILITIES,
    },
    {
        .name = "rootful",
        .hostname = "d1b2c3a4f5e6",
        .mounts = podman_mounts,
        .masked_files = podman_masked_files,
        .masked_directories = podman_masked_directories,
        .read_only = podman_read_only,
        .capabilities = PODMAN_CAPABILITIES,
        .is_podmans = true,
    },
    {
        .name = "podman",
        .hostname = "d1b2c3a4f5e6",
        .mounts = podman_mounts,
        .masked_files = podman_masked_files,
        .masked_directories = podman_masked_directories,
        .read_only = podman_read_only,
        .capabilities = PODMAN_CAPABILITIES,
        .is_podmans = true,
        .has_user_namespace = true,
    },
};
