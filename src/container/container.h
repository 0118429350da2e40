/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "libocispec/state.h"
#include "state/record.h"
#include "state/store.h"

struct arena;
struct criu_options;
struct oci_config;
struct oci_linux;
struct cgroup_processes;
struct oom;

/* A container that exists: its directory, its record, and what is true of it now. */
enum container_status {
    CONTAINER_CREATING = OCI_STATUS_CREATING, /* its creator is at work, or has died */
    CONTAINER_CREATED = OCI_STATUS_CREATED,
    CONTAINER_RUNNING = OCI_STATUS_RUNNING,
    CONTAINER_STOPPED = OCI_STATUS_STOPPED,
    CONTAINER_PAUSED = OCI_STATUS_PAUSED,
};

struct container {
    const struct store *store; /* what it was opened with */
    struct arena *arena;
    struct entry entry;
    struct record record;
    enum container_status status;
    int pidfd; /* of init, verified by its start time; -1 when it is gone or a zombie */
};

/* Opens one by id and finds out its status: from the pid with its start time, the start socket, and
 * the cgroup's freezer (runtime.md#state). */
fallible container_open(const struct store *store, const char *id, struct arena *arena,
                        struct container *container);

/* Which one is meant, where its name may be another one's by now: its first process, and when that
 * was started, as in its record. */
struct container_identity {
    const char *id;
    pid_t pid;
    uint64_t started;
};

/* The same, of that one only: while another one has its name, it is gone (ERROR_UNKNOWN). */
fallible container_reopen(const struct store *store, const struct container_identity *identity,
                          struct arena *arena, struct container *container);

/* container_open() without the lock, so that nobody is waited for, but who is about to write the
 * record: for those who look and change nothing. */
fallible container_peek(const struct store *store, const char *id, struct arena *arena,
                        struct container *container);

/* The same, but whoever is making the container is waited for: its pid is known before it is whole.
 * It is CREATING still if that was killed half-way.  Errors: store_find(). */
fallible container_peek_whole(const struct store *store, const char *id, struct arena *arena,
                              struct container *container);
void container_close(struct container *container);

/* The config that it was made from, as it was then (arena).  ERROR_RECORD: it is none any more. */
fallible container_read_config(const struct entry *entry, struct arena *arena,
                               struct oci_config **config);

/* Whether it is not whole and, since it is locked by us, nobody makes it any more: create, run or
 * restore was killed half-way.  What init it had may live. */
fallible container_is_abandoned(const struct container *container, bool *is_abandoned);

/* The word of runtime.md#state: "created". */
const char *container_status_name(enum container_status status);

/* start (runtime.md#start): only of a created container that has a process; otherwise ERROR_STATE
 * without effect.  A startContainer hook that fails is the end of the container: it is deleted.
 * Once init was told to go, the container is no longer locked. */
fallible container_start(struct container *container);

/* Runs the poststart hooks of a container whose program runs; start does so itself.  The container
 * is no longer locked then, since hooks may call tare, and others kill.  A hook that fails is the
 * end of the container too. */
fallible container_poststart(struct container *container);

/* kill: to init, or to every process of the cgroup, which SIGKILL reaches as well where no pid
 * namespace of the container's own ends with init.  A stopped container is "container not
 * running", but fine with IS_ALL. */
fallible container_kill(struct container *container, int signal, bool is_all);

/* ps: the processes of the container, in the arena; none of a stopped one.  ERROR_STATE when it has
 * no cgroup, and so nobody knows them. */
fallible container_list_processes(const struct container *container, struct arena *arena,
                                  struct cgroup_processes *processes);

/* wait: until init has ended, however long that takes, and without the lock.  OUTCOME is its exit
 * status, 128 + N when signal N ended it; -1 when the kernel does not tell (before Linux 6.15, or
 * when it had ended before).  ERROR_STATE when create was killed before there was an init. */
fallible container_wait(const struct store *store, const char *id, struct arena *arena,
                        int *outcome);

/* mounts: adds what FILE lists, as the section mounts of a config, to the mounts of a created or
 * running container, or removes what is mounted at the destinations that it lists; all of it, or
 * nothing, with an error.  Only where the kernel itself refuses to unmount one, some may be gone by
 * then, as the error says.  The arena is the shared one, with its descriptor.  It needs no lock.
 * SIGINT, SIGTERM and their like wait for it, if it takes no more than ten seconds. */
fallible container_change_mounts(const struct container *container, const char *file,
                                 bool is_removal, int arena_fd);

/* events: how a container fares. */
struct events_wish {
    bool is_snapshot;  /* once, and no more */
    uint64_t interval; /* ns, otherwise */
    struct error *(*say)(const char *line);
};

/*
 * Says what the container uses, once or every interval, and that its memory has run out as it
 * happens (event.h), until it ends or nobody listens any more.  It may be paused meanwhile.
 * ERROR_STATE: it is not there, or has no cgroup.  The caller can do nothing but report and exit
 * afterwards (confine_relay()).
 */
fallible container_watch(const struct container *container, const struct events_wish *wish);

/* pause: halts all processes of a created or running container, or of one whose pause was killed
 * half-way; otherwise ERROR_STATE without effect.  When it fails, also by SIGINT, SIGTERM and their
 * like, all go on.  resume: the reverse; ERROR_STATE unless it is paused. */
fallible container_pause(struct container *container);
fallible container_resume(struct container *container);

/* update: other limits for a container that is created, running or paused; ERROR_STATE otherwise.
 * Of LINUX_ the resources count, and schemata of intelRdt; what they do not say stays as it is, but
 * that devices take the place of all rules there were.  When it fails, what has been written is
 * undone; SIGINT, SIGTERM and their like wait for it. */
fallible container_update(struct container *container, struct oci_linux *linux_);

/* checkpoint: writes a container that runs or is paused down as images of criu (launch/criu.h); it
 * has stopped then, unless it is to go on.  ERROR_STATE otherwise.  When it fails all goes on as
 * before.  SIGINT, SIGTERM and their like wait for it. */
fallible container_checkpoint(const struct container *container,
                              const struct criu_options *options);

/* delete: of a stopped container, or with IS_FORCED of any; removes all that create has made, then
 * runs the poststop hooks. */
fallible container_delete(const struct store *store, struct container *container, bool is_forced);

/* Runs the poststop hooks of containers that are gone, whose delete (or create) was killed in them:
 * of ID, or of all (NULL).  HEAR is called with the id of each that is done, with its result.  One
 * that somebody is at work on is passed over. */
fallible container_finish(const struct store *store, const char *id, struct arena *arena,
                          struct error *(*hear)(const char *id));

/* The same as container_delete(), forced, for a container whose record cannot be read
 * (ERROR_RECORD): removes what its config.json tells of it.  ERROR_STATE if the record can be read
 * now: that one is not to be discarded. */
fallible container_discard(const struct store *store, const char *id, struct arena *arena);

/* How many of its processes the kernel has killed since memory ran out; none when its cgroup is
 * gone.  And a warning that says so, if there were any. */
fallible container_read_oom(const struct container *container, struct oom *oom);
void container_warn_of_oom(const struct container *container);

/* The state document (runtime.md#state) as JSON, with rootfs, created and owner besides; and with
 * what it waits for (waiting.h), if WAITING is not NULL and it does. */
fallible container_describe(const struct container *container, struct oci_waiting *waiting,
                            struct arena *arena, const char **json);
