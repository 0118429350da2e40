/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/schema.h"

/* process.scheduler.policy */
enum oci_schedpol {
    OCI_SCHEDPOL_OTHER,
    OCI_SCHEDPOL_FIFO,
    OCI_SCHEDPOL_RR,
    OCI_SCHEDPOL_BATCH,
    OCI_SCHEDPOL_ISO,
    OCI_SCHEDPOL_IDLE,
    OCI_SCHEDPOL_DEADLINE,
};
extern const struct oci_enum oci_schedpol_names;

/* process.scheduler.flags */
enum oci_schedflag {
    OCI_SCHEDFLAG_RESET_ON_FORK,
    OCI_SCHEDFLAG_RECLAIM,
    OCI_SCHEDFLAG_DL_OVERRUN,
    OCI_SCHEDFLAG_KEEP_POLICY,
    OCI_SCHEDFLAG_KEEP_PARAMS,
    OCI_SCHEDFLAG_UTIL_CLAMP_MIN,
    OCI_SCHEDFLAG_UTIL_CLAMP_MAX,
};
extern const struct oci_enum oci_schedflag_names;

/* process.ioPriority.class */
enum oci_ioclass {
    OCI_IOCLASS_RT,
    OCI_IOCLASS_BE,
    OCI_IOCLASS_IDLE,
};
extern const struct oci_enum oci_ioclass_names;

/* config.md#process: in character cells. */
struct oci_console_size {
    uint64_t height; /* "height", required */
    uint64_t width;  /* "width", required */
};

/* config.md#posix-platform-user */
struct oci_user {
    struct oci_opt_u32 uid;               /* "uid", required on Linux */
    struct oci_opt_u32 gid;               /* "gid", required on Linux */
    struct oci_opt_u32 umask;             /* "umask" */
    struct oci_u32_array additional_gids; /* "additionalGids" */
    const char *username;                 /* "username": of Windows, ignored */
};
extern const struct oci_schema oci_user_schema;

/* config.md#linux-process: CAP_ names, each set a list. */
struct oci_capabilities {
    struct oci_string_array effective;   /* "effective" */
    struct oci_string_array bounding;    /* "bounding" */
    struct oci_string_array inheritable; /* "inheritable" */
    struct oci_string_array permitted;   /* "permitted" */
    struct oci_string_array ambient;     /* "ambient" */
};
extern const struct oci_schema oci_capabilities_schema;

/* config.md#posix-process */
struct oci_rlimit {
    const char *type; /* "type", required */
    uint64_t soft;    /* "soft", required */
    uint64_t hard;    /* "hard", required */
};
OCI_ARRAY_OF(rlimit);
extern const struct oci_schema oci_rlimit_schema;

/* config.md#linux-process: sched_setattr(2). */
struct oci_scheduler {
    uint8_t policy;              /* "policy": enum oci_schedpol, required */
    struct oci_opt_i32 nice;     /* "nice" */
    struct oci_opt_i32 priority; /* "priority" */
    struct oci_enum_array flags; /* "flags": enum oci_schedflag */
    struct oci_opt_u64 runtime;  /* "runtime" */
    struct oci_opt_u64 deadline; /* "deadline" */
    struct oci_opt_u64 period;   /* "period" */
};

/* config.md#linux-process: ioprio_set(2). */
struct oci_io_priority {
    uint8_t class_;              /* "class": enum oci_ioclass, required */
    struct oci_opt_i32 priority; /* "priority", required on Linux */
};

/* config.md#linux-process: lists of CPUs for exec, such as "0-3,7". */
struct oci_cpu_affinity {
    const char *initial; /* "initial" */
    const char *final_;  /* "final" */
};

/* config.md#process */
struct oci_process {
    struct oci_opt_bool terminal;               /* "terminal" */
    struct oci_console_size *console_size;      /* "consoleSize" */
    struct oci_user *user;                      /* "user" */
    struct oci_string_array args;               /* "args" */
    const char *command_line;                   /* "commandLine": of Windows, ignored */
    struct oci_string_array env;                /* "env" */
    const char *cwd;                            /* "cwd", required */
    struct oci_capabilities *capabilities;      /* "capabilities" */
    struct oci_rlimit_array rlimits;            /* "rlimits" */
    struct oci_opt_bool no_new_privileges;      /* "noNewPrivileges" */
    const char *apparmor_profile;               /* "apparmorProfile" */
    struct oci_opt_i32 oom_score_adj;           /* "oomScoreAdj" */
    struct oci_scheduler *scheduler;            /* "scheduler" */
    const char *selinux_label;                  /* "selinuxLabel" */
    struct oci_io_priority *io_priority;        /* "ioPriority" */
    struct oci_cpu_affinity *exec_cpu_affinity; /* "execCPUAffinity" */
};
extern const struct oci_schema oci_process_schema;
