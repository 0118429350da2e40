/* SPDX-License-Identifier: Apache-2.0 */
/* check: what is tried of a host, in the order in which it is told.  A row that nobody demands is
 * DEGRADED without the thing, or UNNEEDED where few want it. */

#include <sched.h>
#include <sys/resource.h>

#include "container/check_probes.h"
#include "launch/reasons.h"
#include "launch/survey.h"
#include "os/self.h"
#include "os/syscalls.h"

/* By whom a row is demanded.  A config that cannot be planned demands nothing but what all do. */
static bool all(const struct survey *survey, const struct check *check)
{
    (void) survey;
    return check;
}

static bool namespaces(const struct survey *survey, const struct check *check)
{
    return survey->plan && survey->plan->namespaces.created & check->flag;
}

static bool cgroups(const struct survey *survey, const struct check *check)
{
    (void) check;
    return survey->plan && survey->plan->has_cgroup && !survey->plan->has_scope;
}

/* Of a scope systemd sets them. */
static bool limits(const struct survey *survey, const struct check *check)
{
    return check_find_limit(survey, check->name);
}

static bool rules(const struct survey *survey, const struct check *check)
{
    return cgroups(survey, check) && survey->host.device_rules.program &&
           !survey->host.device_rules.is_optional;
}

static bool scopes(const struct survey *survey, const struct check *check)
{
    (void) check;
    return survey->plan && survey->plan->has_scope;
}

static bool filters(const struct survey *survey, const struct check *check)
{
    (void) check;
    return survey->plan && has_filter(survey->plan);
}

static bool listeners(const struct survey *survey, const struct check *check)
{
    (void) check;
    return survey->plan && has_agent(survey->plan);
}

// clang-format off
const struct check checks[] = {
    { "kernel", "version", all, CHECK_MISSING, check_version,
      .affects = "all containers: none starts", .mend = "boot Linux 5.10 or newer" },
    { "kernel", "system calls", NULL, CHECK_DEGRADED, check_calls,
      .affects = "the speed of starts: they go other ways",
      .mend = "boot a newer Linux, or give tare a sandbox without a seccomp filter" },
    { "kernel", "pidfd", all, CHECK_MISSING, check_pidfd,
      .affects = "all containers: none starts" },
    { "kernel", "init program", all, CHECK_MISSING, check_init,
      .affects = "all containers: none starts", .mend = "sysctl -w vm.memfd_noexec=0" },

    { "namespaces", "user", namespaces, CHECK_DEGRADED, check_namespace, CLONE_NEWUSER,
      .affects = "containers of plain users, and linux.uidMappings",
      .mend = "sysctl -w user.max_user_namespaces=15000" },
    { "namespaces", "mount", namespaces, CHECK_DEGRADED, check_namespace, CLONE_NEWNS,
      .affects = "a root filesystem of its own", },
    { "namespaces", "pid", namespaces, CHECK_DEGRADED, check_namespace, CLONE_NEWPID,
      .affects = "processes that others do not see" },
    { "namespaces", "network", namespaces, CHECK_DEGRADED, check_namespace, CLONE_NEWNET,
      .affects = "a network of its own" },
    { "namespaces", "ipc", namespaces, CHECK_DEGRADED, check_namespace, CLONE_NEWIPC,
      .affects = "System V IPC and message queues of its own" },
    { "namespaces", "uts", namespaces, CHECK_DEGRADED, check_namespace, CLONE_NEWUTS,
      .affects = "hostname" },
    { "namespaces", "cgroup", namespaces, CHECK_DEGRADED, check_namespace, CLONE_NEWCGROUP,
      .affects = "a view of its own cgroup alone" },
    { "namespaces", "time", namespaces, CHECK_DEGRADED, check_namespace, CLONE_NEWTIME,
      .affects = "linux.timeOffsets", .mend = "boot Linux 5.6 or newer, with CONFIG_TIME_NS" },

    { "ids", "id ranges", NULL, CHECK_DEGRADED, check_id_ranges,
      .affects = "images with more users than one" },
    { "ids", "newuidmap", NULL, CHECK_UNNEEDED, check_id_program,
      .affects = "more than one uid", .mend = "install the package uidmap (apt-get install uidmap)" },
    { "ids", "newgidmap", NULL, CHECK_UNNEEDED, check_id_program,
      .affects = "more than one gid", .mend = "install the package uidmap (apt-get install uidmap)" },

    { "mounts", "mount API", all, CHECK_MISSING, check_mounts,
      .affects = "all containers: none starts" },
    { "mounts", "mount_setattr", NULL, CHECK_DEGRADED, check_mount_changes,
      .affects = "what is read-only as a whole, and idmapped mounts",
      .mend = "boot Linux 5.12 or newer" },

    { "cgroups", "cgroup2", cgroups, CHECK_DEGRADED, check_cgroup,
      .affects = "limits, pause and stats", .mend = "mount -t cgroup2 cgroup2 /sys/fs/cgroup" },
    { "cgroups", "own cgroup", cgroups, CHECK_DEGRADED, check_cgroup_life,
      .affects = "limits, pause and stats" },
    { "cgroups", "cpu", limits, CHECK_DEGRADED, check_controller,
      .affects = "linux.resources.cpu" },
    { "cgroups", "cpuset", limits, CHECK_DEGRADED, check_controller,
      .affects = "linux.resources.cpu.cpus and mems" },
    { "cgroups", "io", limits, CHECK_DEGRADED, check_controller,
      .affects = "linux.resources.blockIO" },
    { "cgroups", "memory", limits, CHECK_DEGRADED, check_controller,
      .affects = "linux.resources.memory" },
    { "cgroups", "pids", limits, CHECK_DEGRADED, check_controller,
      .affects = "linux.resources.pids" },
    { "cgroups", "hugetlb", limits, CHECK_UNNEEDED, check_controller,
      .affects = "linux.resources.hugepageLimits" },
    { "cgroups", "rdma", limits, CHECK_UNNEEDED, check_controller,
      .affects = "linux.resources.rdma" },
    { "cgroups", "misc", limits, CHECK_UNNEEDED, check_controller,
      .affects = "misc.max in linux.resources.unified" },
    { "cgroups", "dmem", limits, CHECK_UNNEEDED, check_controller,
      .affects = "dmem.max in linux.resources.unified" },
    { "cgroups", "device rules", rules, CHECK_UNNEEDED, check_device_rules,
      .affects = "linux.resources.devices" },
    { "cgroups", "systemd", scopes, CHECK_UNNEEDED, check_systemd,
      .affects = "--systemd-cgroup" },

    { "security", "seccomp", filters, CHECK_DEGRADED, check_seccomp,
      .affects = "linux.seccomp" },
    { "security", "seccomp agents", listeners, CHECK_UNNEEDED, check_listeners,
      .affects = "SCMP_ACT_NOTIFY", .mend = "boot Linux 5.0 or newer" },
    { "security", "session keyring", NULL, CHECK_DEGRADED, check_keyring,
      .affects = "keys: containers share the caller's" },
    { "security", "AppArmor", NULL, CHECK_UNNEEDED, check_apparmor,
      .affects = "process.apparmorProfile" },
    { "security", "SELinux", NULL, CHECK_UNNEEDED, check_selinux,
      .affects = "process.selinuxLabel and linux.mountLabel" },

    { "hardening", "security modules", NULL, CHECK_UNNEEDED, check_setting,
      .file = "/sys/kernel/security/lsm" },
    { "hardening", "lockdown", NULL, CHECK_UNNEEDED, check_setting,
      .file = "/sys/kernel/security/lockdown" },
    { "hardening", "userns of users", NULL, CHECK_UNNEEDED, check_setting,
      .file = "sys/kernel/unprivileged_userns_clone", .off = "1" },
    { "hardening", "AppArmor on userns", NULL, CHECK_UNNEEDED, check_setting,
      .file = "sys/kernel/apparmor_restrict_unprivileged_userns", .off = "0" },
    { "hardening", "userns at most", NULL, CHECK_UNNEEDED, check_setting,
      .file = "sys/user/max_user_namespaces" },
    { "hardening", "ptrace", NULL, CHECK_UNNEEDED, check_setting,
      .file = "sys/kernel/yama/ptrace_scope", .off = "0" },
    { "hardening", "bpf of users", NULL, CHECK_UNNEEDED, check_setting,
      .file = "sys/kernel/unprivileged_bpf_disabled", .off = "0" },
    { "hardening", "io_uring", NULL, CHECK_UNNEEDED, check_setting,
      .file = "sys/kernel/io_uring_disabled", .off = "0" },
    { "hardening", "memfd", NULL, CHECK_UNNEEDED, check_setting,
      .file = "sys/vm/memfd_noexec", .off = "0" },
    { "hardening", "CPU vulnerabilities", NULL, CHECK_DEGRADED, check_vulnerabilities,
      .affects = "secrets of others, which containers may come to know" },

    { "limits", "open files", NULL, CHECK_DEGRADED, check_limit, RLIMIT_NOFILE,
      .affects = "configs with many mounts", .mend = "ulimit -n 4096" },
    { "limits", "processes", NULL, CHECK_DEGRADED, check_limit, RLIMIT_NPROC,
      .affects = "more containers", .mend = "ulimit -u 4096" },
    { "limits", "locked memory", NULL, CHECK_UNNEEDED, check_limit, RLIMIT_MEMLOCK,
      .affects = "device rules before Linux 5.11" },

    { "programs", "criu", NULL, CHECK_DEGRADED, check_criu,
      .affects = "checkpoint and restore", .mend = "install the package criu (apt-get install criu)" },

    { "machine", "KVM", NULL, CHECK_UNNEEDED, check_kvm,
      .affects = "virtual machines" },
    { "machine", "CPU virtualisation", NULL, CHECK_UNNEEDED, check_cpu,
      .affects = "virtual machines" },
    {},
};
// clang-format on
