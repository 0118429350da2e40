/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "launch/hooks.h"
#include "namespace/hostname.h"
#include "namespace/namespaces.h"
#include "namespace/sysctl.h"
#include "namespace/time_ns.h"
#include "namespace/user_ns.h"
#include "process/cpu_affinity.h"
#include "process/environment.h"
#include "process/io_priority.h"
#include "process/memory_policy.h"
#include "process/oom_score.h"
#include "process/personality.h"
#include "process/rlimits.h"
#include "process/scheduler.h"
#include "process/terminal.h"
#include "process/user.h"
#include "rootfs/console.h"
#include "rootfs/devices.h"
#include "rootfs/masked_paths.h"
#include "rootfs/mounts.h"
#include "rootfs/rootfs.h"
#include "security/capabilities.h"
#include "security/seccomp.h"
#include "security/selinux.h"

/* exec, mounts: the container that the process comes into, and what for.  Which namespaces it has
 * as its own stands in namespaces.own. */
enum enter_purpose { ENTER_TO_RUN, ENTER_TO_MOUNT, ENTER_TO_UNMOUNT };
struct enter_plan {
    bool is_wanted;
    enum enter_purpose purpose;
    int init;   /* pidfd of its first process */
    int root;   /* its root, where it has no mounts of its own; else -1 */
    int mounts; /* its mount namespace, where that is entered last; else -1 */
};

/*
 * What init will do, decided by the host: numbers, descriptors and strings, with nothing left to
 * interpret.  It lies in the shared arena (os/memory.h), so that every pointer in it is good in
 * both programs; the host writes it, init maps it read-only.
 */
struct plan {
    struct enter_plan enter;
    struct namespaces_plan namespaces;
    struct user_ns_plan user_ns;
    struct time_ns_plan time_ns;
    struct hostname_plan hostname;
    struct sysctl_plan sysctl;
    struct rootfs_plan rootfs;
    struct mounts_plan mounts;
    struct devices_plan devices;
    struct masked_paths_plan masked_paths;
    struct terminal_plan terminal;
    struct console_plan console;
    struct user_plan user;
    struct capabilities_plan capabilities;
    struct rlimits_plan rlimits;
    struct oom_score_plan oom_score;
    struct scheduler_plan scheduler;
    struct io_priority_plan io_priority;
    struct cpu_affinity_plan cpu_affinity; /* of exec */
    struct personality_plan personality;
    const struct memory_policy *memory_policy;
    const char *apparmor_profile; /* or NULL */
    struct selinux_plan selinux;
    bool has_no_new_privileges;
    struct seccomp_plan seccomp;
    uint64_t ignored_signals; /* by the caller: bit N-1 for signal N */
    bool has_keyring;         /* a new session keyring, not the caller's */
    uint32_t preserved_fds;

    bool has_process; /* process stands in the config: there is something to execute */
    const char *cwd;
    const char *const *args;
    struct environment_plan environment;
    struct hooks_plan hooks;

    bool is_by_root;           /* of the host: the host may go to its namespaces, and return */
    bool is_in_user_namespace; /* it has one, or we are in one (privilege.h) */
    bool opens_inside;         /* what is mounted is opened by init, since we may not mount here */
    bool hands_over_idmapped;  /* init gives its copies back to the host for that (idmaps.h) */
    bool prefers_inside; /* or because the kernel then locks its flags against the container */

    bool has_net_devices;           /* which the host moves to its network */
    bool has_cgroup;                /* born in a cgroup of its own */
    bool has_scope;                 /* which systemd makes */
    bool has_limits;                /* which the host sets when init runs */
    bool delegates_cgroup;          /* to the user of the process */
    bool has_delegated_cgroup;      /* one below, which is */
    bool has_intel_rdt;             /* the host puts it into its resctrl groups */
    bool has_bridge;                /* init is borne by the bridge (bridge.h) */
    bool has_late_cgroup_namespace; /* born outside of it (fallback): the namespace is made later */
    bool has_trace;
    bool sends_pidfd;
    bool has_pid_file;
    bool notifies; /* who started it is told that it is ready */
    int listener;  /* for `start` (state/start_socket.h); NO_LISTENER: execute at once */

    /* What init still needs when it waits for `start`: everything else of the arena is unmapped. */
    const char *kept, *kept_end; /* page-aligned */
    const char *arena, *arena_end;
};

/* What stands in for the listener's descriptor before it is open. */
enum { NO_LISTENER = -1, LISTENER_IS_WANTED = -2 };

/* The status with which init exits when it has failed, and has told why, if it could. */
enum { INIT_FAILED = 98 };

/* How init is told where its plan lies: its arguments, as decimal numbers. */
enum init_argument {
    INIT_ADDRESS = 1, /* of the arena */
    INIT_SIZE,        /* of the arena, bytes */
    INIT_ARENA,       /* descriptor of the arena */
    INIT_PLAN,        /* address of the plan */
    INIT_CHANNEL,     /* descriptor of the channel to the host */
    INIT_SELF,        /* descriptor of the init program itself */
    INIT_TRIALS,      /* how often it may start itself anew when the address is taken */
    INIT_ARGUMENTS,
};
