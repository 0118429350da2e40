/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "os/criu.h"

struct arena;
struct launched;
struct launch_request;
struct oci_config;
struct plan;
struct record;

/* checkpoint and restore: what criu(8) is asked for, and what its images are. */

/* How criu treats cgroups (--manage-cgroups-mode): the numbers of its rpc.proto. */
enum criu_cgroups {
    CRIU_CGROUPS_IGNORE,
    CRIU_CGROUPS_NONE,
    CRIU_CGROUPS_PROPS,
    CRIU_CGROUPS_SOFT,
    CRIU_CGROUPS_FULL,
    CRIU_CGROUPS_STRICT
};

/* How it keeps others from the network meanwhile (--network-lock), likewise; 0: its own choice. */
enum criu_network_lock { CRIU_LOCK_IPTABLES = 1, CRIU_LOCK_NFTABLES, CRIU_LOCK_SKIP };

/* What the command line says.  Strings are the caller's; NULL where nothing is said. */
struct criu_options {
    const char *images; /* the directory of the images */
    const char *work;   /* of logs and statistics; NULL: the same */
    const char *parent; /* of the images before these, relative to theirs */
    bool is_pre_dump;   /* only memory, and all goes on */
    bool leaves_running;
    bool has_tcp_established, has_tcp_close, has_tcp_skip_in_flight;
    bool has_ext_unix_sk, has_shell_job, has_file_locks, has_link_remap, has_auto_dedup;
    bool has_lazy_pages;
    bool has_empty_network;  /* --empty-ns network */
    const char *page_server; /* its address */
    uint16_t page_server_port;
    int status_fd; /* -1: none */
    enum criu_cgroups cgroups;
    enum criu_network_lock network_lock;
    const char *lsm_profile, *lsm_mount_context;
};

/* Images build on those before them, at most so many. */
enum { CRIU_PARENTS = 64 };

/* A directory of images that the container's root was let into, and what it had before. */
struct criu_admission {
    int fd;
    uint32_t group, mode;
};

/* Where a criu that restores mounts what nobody else sees; the next, or NULL. */
struct criu_yard {
    const char *name;
    const struct criu_yard *next;
};

/* A checkpoint or a restore while it is done. */
struct criu_work {
    const struct criu_options *options;
    int images, work;          /* the directories, or -1 */
    int parents[CRIU_PARENTS]; /* of a restore: those of the images before, the latest first */
    uint32_t parent_count;
    int config;     /* the configuration file, or -1 */
    uint32_t group; /* of the container's root in a user namespace; 0: none but root */
    struct criu_admission admitted[CRIU_PARENTS + 1];
    uint32_t admitted_count;
    bool has_made_images;        /* the images' directory was not there, or empty */
    const char *log;             /* "dump.log" or "restore.log", in the work directory */
    struct protobuf message;     /* the options of criu_opts */
    struct criu_source *sources; /* of binds to which criu gives no flags */
    uint32_t source_count;
    struct criu criu;
    struct criu_message heard; /* the last */
    bool owes_answer;          /* to it */
    bool has_terminal;         /* it came, and was passed on */
    int streams[3];            /* copies of ours, for the restored; or -1 */
    int interrupts;            /* of struct interrupts; checkpoint alone has that here */
    const pid_t *others;       /* children of ours that are none of criu's work */
    uint32_t other_count;
    const struct criu_yard *yards; /* that others have in the work directory */
};

/* Opens the configuration file that criu reads besides: that which the annotation org.criu.config
 * names, none if that is empty; without it /etc/criu/tare.conf, if that is there.  Nobody but root
 * and us may be able to write to it. */
fallible criu_config_open(struct criu_work *work, const struct oci_config *config);

/* Begins the options with what the command line says, and what holds for both; the directories and
 * the configuration file are open by then. */
fallible criu_options_write(struct criu_work *work, struct arena *arena);

/* Adds "mnt[/data]:/data" and the like. */
fallible criu_external_add(struct criu_work *work, const char *format, ...) PRINTF(2, 3);

/* Adds a descriptor that the restored get in the place of one that was theirs. */
void criu_inherit_add(struct criu_work *work, const char *key, int fd);

/* Adds the cgroup that is the container's; a namespace that it joins. */
void criu_cgroup_add(struct criu_work *work, const char *path);
void criu_join_add(struct criu_work *work, const char *name, const char *path);

/* Adds the label of a security module that the restored get: "apparmor:NAME". */
void criu_label_add(struct criu_work *work, const char *module, const char *name);

/* Adds what a dump alone has: the container's process, and the directory of the cgroup that is
 * frozen meanwhile, or NULL; and a restore alone: the root, which is a mount, or NULL for ours. */
void criu_dump_add(struct criu_work *work, pid_t pid, const char *cgroup);
void criu_restore_add(struct criu_work *work, const char *root);

/* Whether it can put what it restores into a namespace of somebody else's of that kind. */
bool criu_can_join(uint64_t flag);

/* What a container has of the host, which is not in the images: binds and masks of the config,
 * namespaces that it names by path.  PID's are told to a dump, and what CONFIG has in their place
 * to a restore. */
fallible criu_externals_of(struct criu_work *work, const struct oci_config *config, pid_t pid,
                           struct arena *arena);
struct host;
fallible criu_externals_for(struct criu_work *work, const struct host *host,
                            const struct plan *plan);

/* The standard streams of PID, where they come from outside: to the images (descriptors.json) and
 * to criu; and back, from ours. */
fallible criu_streams_of(struct criu_work *work, pid_t pid, struct arena *arena);
fallible criu_streams_for(struct criu_work *work, struct arena *arena);

/* Opens the directories: for a dump they are made if they are missing; for a restore the images
 * must be ours, and hold nothing but files (R21). */
fallible criu_directories_make(struct criu_work *work);
fallible criu_directories_open(struct criu_work *work);

/* Refuses a file that belongs to somebody else, or that others can write to (R21). */
fallible criu_check_owner(int fd, const char *path);

/* Fills how criu is started with those, and with what else it gets: at most CRIU_INHERITED - 2
 * more of FDS are there already.  ERROR_MEMORY: the arena of START is full. */
enum { CRIU_DIRECTORIES = 2, CRIU_INHERITED = 16 };
struct criu_places {
    struct criu_directory directories[CRIU_DIRECTORIES + CRIU_PARENTS];
    int fds[CRIU_INHERITED];
};
fallible criu_places_fill(const struct criu_work *work, struct criu_places *places,
                          struct criu_start *start);

/* Closes them, to the container's root as well; removes what a dump that failed has written, but
 * the log. */
void criu_directories_close(struct criu_work *work);
void criu_images_remove(struct criu_work *work);

/* What criu's log says of a failure, of which MESSAGE tells, as an error of ours. */
fallible criu_explain(const struct criu_work *work, const struct criu_message *message);

/* The same of ERROR, with which criu was not heard; other errors than ERROR_PROGRAM, and those of
 * which criu has not said why, are passed on, as is OK. */
fallible criu_explain_end(const struct criu_work *work, struct error *error);

/* A container to be written down. */
struct checkpoint_request {
    const struct record *record;
    const struct oci_config *config;
    int init; /* pidfd */
    bool is_paused;
};

/* checkpoint: writes the images; the container has then ended, unless it is to go on.  When it
 * fails all goes on as before, and no images are left. */
fallible checkpoint_take(const struct checkpoint_request *request,
                         const struct criu_options *options, struct arena *arena);
