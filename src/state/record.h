/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "libocispec/hooks.h"
#include "libocispec/schema.h"
#include "libocispec/state.h"
#include "state/store.h"

struct arena;

#define RECORD_FILE "state.json"

/*
 * What is remembered of a container: the file "state.json" of its directory, JSON by a field table
 * (libocispec/schema.h).  Beside it stands "config.json", the bytes the container was made from.
 *
 * It is written before anything exists ("creating", no pid), and again when the pid is known.
 */
struct record {
    const char *oci_version;    /* "ociVersion" */
    const char *id;             /* "id" */
    const char *bundle;         /* "bundle": absolute */
    const char *rootfs;         /* "rootfs": absolute */
    const char *created;        /* "created": RFC 3339, UTC, nanoseconds */
    const char *owner;          /* "owner": the name or number of the user who made it */
    struct oci_opt_i32 pid;     /* "pid": of init, in our pid namespace */
    struct oci_opt_u64 started; /* "started": its start time, clock ticks since boot */
    const char *boot; /* "boot": in which that was, where the directory outlives one; or NULL */
    struct oci_opt_bool has_pid_namespace; /* "hasPidNamespace": its own, which ends with init */
    struct oci_opt_bool has_process;       /* "hasProcess": without one it cannot be started */
    const char *cgroup_mount;              /* "cgroupMount", absent without a cgroup */
    const char *cgroup_path;               /* "cgroupPath" */
    struct oci_opt_u32 cgroup_kept; /* "cgroupKept": so many bytes of the path stay (cgroup.h) */
    const char *scope; /* "scope": the unit of systemd that has the cgroup; its path comes later */
    struct oci_opt_bool has_other_devices; /* "hasOtherDevices": the scope, than config.json says */
    struct oci_string_array cgroup_before; /* "cgroupBefore": values to give back (before.h) */
    struct oci_string_array cgroup_owners; /* "cgroupOwners": of its files, likewise */
    const char *rdt_group;                 /* "rdtGroup": in resctrl, "/" or a name; or NULL */
    struct oci_opt_bool rdt_is_own;        /* "rdtIsOwn": it goes with the container */
    struct oci_opt_bool rdt_monitors;      /* "rdtMonitors": so does one below it, by our id */
    struct oci_opt_u64 oom_kills;          /* "oomKills": those that were not the container's */
    struct oci_string_map annotations;     /* "annotations" of the config */
    struct oci_hooks *hooks;               /* "hooks": those that run after create, or NULL */
};

fallible record_save(const struct entry *entry, const struct record *record, struct arena *arena);

/* Notes who the container's process is, without writing it: PID, and when it was STARTED. */
fallible record_note_pid(const struct entry *entry, struct record *record, pid_t pid,
                         unsigned long long started, struct arena *arena);

/* Whether the process that it names was of this boot, as far as both are known. */
bool record_is_of_this_boot(const struct record *record);

/* Whether delete leaves the cgroup itself, which was there before create. */
bool record_keeps_cgroup(const struct record *record);

/* The state document (runtime.md#state) of a container with this record; PID 0 without a process.
 */
struct oci_state record_describe(const struct record *record, enum oci_status status, int32_t pid);

/* ERROR_RECORD when the file is not what we wrote. */
fallible record_load(const struct entry *entry, struct arena *arena, struct record *record);
