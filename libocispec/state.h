/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/schema.h"

/* The status of a state; `paused` is ours, not the specification's. */
enum oci_status {
    OCI_STATUS_CREATING,
    OCI_STATUS_CREATED,
    OCI_STATUS_RUNNING,
    OCI_STATUS_STOPPED,
    OCI_STATUS_PAUSED,
};
extern const struct oci_enum oci_status_names;

/* Ours, not the specification's: what a container waits for (container/waiting.h). */
struct oci_waiting {
    const char *what;               /* "what", required: "start" */
    const char *hook;               /* "hook": "createRuntime" */
    const char *cgroup;             /* "cgroup": which is frozen */
    struct oci_opt_i32 process;     /* "process": who is waited for */
    const char *command;            /* "command": its words */
    const char *since;              /* "since": when it began, RFC 3339 */
    struct oci_opt_bool is_stopped; /* "isStopped": by a signal; absent unless true */
};
extern const struct oci_schema oci_waiting_schema;

/* runtime.md#state.  What stands behind the annotations is ours, not the specification's. */
struct oci_state {
    const char *oci_version;           /* "ociVersion", required */
    const char *id;                    /* "id", required */
    uint8_t status;                    /* "status": enum oci_status, required */
    struct oci_opt_i32 pid;            /* "pid" */
    const char *bundle;                /* "bundle", required */
    struct oci_string_map annotations; /* "annotations" */
    const char *rootfs;                /* "rootfs" */
    const char *created;               /* "created" */
    const char *owner;                 /* "owner" */
    struct oci_opt_bool oom_killed;    /* "oomKilled": absent unless true */
    struct oci_waiting *waits_for;     /* "waitsFor" */
};
extern const struct oci_schema oci_state_schema;

/* config-linux.md#the-container-process-state: sent to the seccomp listener. */
struct oci_process_state {
    const char *oci_version;     /* "ociVersion", required */
    struct oci_string_array fds; /* "fds" */
    int32_t pid;                 /* "pid", required */
    const char *metadata;        /* "metadata" */
    struct oci_state *state;     /* "state", required */
};
extern const struct oci_schema oci_process_state_schema;
