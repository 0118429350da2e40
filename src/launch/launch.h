/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "cgroup/cgroup.h"
#include "libocispec/state.h"
#include "process/terminal.h"
#include "state/store.h"

struct arena;
struct criu_options;
struct oci_config;
struct oci_mount_array;
struct record;

/* How a container process comes to life: the two storyboards (host.c, init_inside.c), played by the
 * loop in step.c over one plan (plan.h). */

/* exec: the container that a process is for. */
struct launch_target {
    const struct record *record;
    enum oci_status status;
    int init;           /* pidfd of its first process, verified */
    const char *cgroup; /* --cgroup: one below the container's; or NULL */
    bool ignores_paused;
};

/* mounts: what is to be mounted in the container, or unmounted there. */
struct launch_mounts {
    const struct oci_mount_array *mounts;
    bool is_removal;
};

/* What a command asks for.  Strings and the config lie in the shared arena. */
struct launch_request {
    const char *id;
    const struct store *store; /* NULL for a dry run */
    const struct oci_config *config;
    const char *config_json; /* the bytes it came from, kept with the state */
    size_t config_length;
    int bundle;              /* directory */
    const char *bundle_path; /* absolute */
    enum cgroup_manager cgroup_manager;
    struct terminal_context terminal;
    const char *pid_file;     /* or NULL */
    const char *pidfd_socket; /* --pidfd-socket, or NULL */
    uint32_t preserved_fds;   /* --preserve-fds */
    bool has_listeners;       /* among them: the config's environment has LISTEN_PID for them */
    bool has_no_pivot;
    bool has_no_new_keyring;
    bool starts_at_once; /* run: no wait for `start` */
    bool notifies;       /* the config has a mount of NOTIFY_DIRECTORY (state/notify_socket.h) */
    const char *trace;   /* a file for the timeline, or NULL */

    /* For exec, or NULL.  The config is then the container's, with the process that is asked for in
     * the place of its own. */
    const struct launch_target *target;

    /* For `mounts`, or NULL: the config is the container's, and there is no process. */
    const struct launch_mounts *mounts;

    /* For restore, or NULL: the process comes from images that criu has written (criu.h). */
    const struct criu_options *restore;
};

/* What there is afterwards. */
struct launched {
    pid_t pid;
    uint64_t started; /* as in the container's record; 0 when it is not its first process */
    int pidfd;        /* the caller's */
    int terminal;     /* the caller's, when nobody else takes the container's terminal; or -1 */
    int notify; /* the caller's, to read what the container notifies, if it starts at once; or -1 */
};

/* Makes the container (and starts it, if the request says so), or brings a process into one that is
 * there, or changes its mounts: what is launched then has only to be reaped.  ARENA is the shared
 * one, with its descriptor ARENA_FD.  On failure nothing of it is left.
 */
fallible launch_container(const struct launch_request *request, struct arena *arena, int arena_fd,
                          struct launched *launched);

/* --dry-run: validates and plans, makes nothing, and gives the rows that would run with the values
 * they would apply, as words or as JSON (arena). */
fallible launch_describe(const struct launch_request *request, struct arena *arena, bool is_json,
                         const char **text);
