/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "cgroup/cgroup.h"
#include "namespace/id_map.h"
#include "os/file_user.h"
#include "os/mount_list.h"
#include "os/protobuf.h"

struct arena;
struct launch;
struct mounts_plan;
struct oci_config;
struct plan;
struct record;
struct sock_filter;

/*
 * Rows of restore that look at what criu has made from images that are anybody's work (R21).  Of
 * what the config confines nothing may be missing.  Not looked at are securebits, the umask, the
 * login id, what a socket of netlink(7) hears, the sizes of buffers, and files that were written to
 * before they are looked at.
 *
 * The first looks at what criu would do to the host before anybody can compare it: which namespaces
 * it would make, whose AppArmor policy load, which cgroups write to, what mount, and which files
 * make.  The second looks at the namespaces of init, before anything of the images is opened.  The
 * third sees that all processes are in the container's cgroup, while criu still holds them.  The
 * fourth looks at everything, when criu has gone and the cgroup is frozen.
 */
fallible restore_check_images(struct launch *launch);
fallible restore_check_namespaces(struct launch *launch);
fallible restore_check_places(struct launch *launch);
fallible restore_check_processes(struct launch *launch);

/* Rows as well: opens the directories of the images and of criu's work; the other closes them, and
 * removes what a criu that was killed has left there. */
fallible restore_open_images(struct launch *launch);
void restore_close_images(struct launch *launch);

/* What no container can be restored with, whatever the images have: ERROR_UNSUPPORTED.  Checkpoint
 * asks, too, of a plan that the second fills as far as that needs, from the config of a container
 * that runs.  The third: no new mount is of a filesystem that cannot be told from another. */
fallible restore_check_plan(const struct plan *plan);
fallible restore_plan_again(const struct oci_config *config, const struct record *record,
                            struct arena *arena, struct plan *plan);
fallible restore_check_types(const struct mounts_plan *mounts);

/* Row: writes linux.sysctl in the namespaces of init; what the kernel does not take fails. */
fallible restore_write_sysctls(struct launch *launch);

/* Processes that are found by who has borne them. */
struct restore_walk {
    int proc;
    pid_t *pids;
    uint32_t n;
    char *text;
};

/* Begins one without any, in ARENA; adds the children of a process, as they are now.  ERROR_BUNDLE:
 * there is no room for them. */
fallible restore_walk_begin(struct arena *arena, struct restore_walk *walk);
fallible restore_walk_children(struct restore_walk *walk, pid_t pid);

/* Does something for each thread of a process, below the /proc of proc_mounted(). */
fallible restore_each_thread(int proc, pid_t pid, fallible (*visit)(void *, pid_t, pid_t),
                             void *context);

/* Before criu is started: which children we have already. */
fallible restore_note_others(struct launch *launch);

/* The undo of all that criu does: ends and reaps it, what it has made, and what is in the cgroup,
 * so that none of the images' processes comes to run, wherever it is.  One that does not end in
 * time is warned of, and left (is_init_left). */
void restore_end(struct launch *launch);

/* The part of the first that is about cgroup.img. */
fallible restore_check_cgroups(const struct launch *launch);

/* The part that is about what criu is to mount, in mountpoints-NUMBER.img, and about files that it
 * is to make where they have been deleted. */
fallible restore_check_mount_images(const struct launch *launch, uint32_t number);
struct image_mounts;
fallible restore_check_remaps(const struct launch *launch, const struct image_mounts *mounts);

/* Reads image NAME, which has to have this magic, into the arena: AT is NULL when there is none.
 * Then takes one message after the other from it, until AT is NULL; or the first alone.  Refusing
 * an image is ERROR_BUNDLE. */
fallible restore_open_image(const struct launch *launch, const char *name, uint32_t magic,
                            struct protobuf_reader *messages);
fallible restore_next_message(const char *name, struct protobuf_reader *messages,
                              struct protobuf_reader *message);
fallible restore_read_image(const struct launch *launch, const char *name, uint32_t magic,
                            struct protobuf_reader *message);
fallible restore_refuse_image(const char *name, const char *reason);

/* Whether a part of that path of the images is "..". */
bool restore_leads_out(const char *path);

/* What the parts of the last have in common. */
struct restored {
    const struct launch *launch;
    int proc;
    struct cgroup_processes processes;
    struct mount_list mounts; /* of its first process */
    int root;                 /* its own, O_PATH */
    int memory;               /* a file in memory, of which there are others in its processes */
    bool has_maps;            /* of ids, as its user namespace has one */
    struct id_map uids, gids;
    char *text; /* RESTORED_TEXT_SIZE bytes for files of /proc */
    struct sock_filter *program;
    uint64_t reach;        /* the capabilities that a process can come to */
    struct file_user user; /* of the config, with those */
    struct file_user_own own;
    uint64_t first_port; /* of those that need no capability, or 0 */
};
enum { RESTORED_TEXT_SIZE = 1 << 18, RESTORED_PATH_SIZE = 96 };

/* Whether a process of the container can come to that capability. */
bool restore_can(const struct restored *restored, int capability);

/* Fills its user, when all that is above is there. */
fallible restore_find_user(struct restored *restored, struct arena *arena);

/* And from which port on its network asks for no capability. */
fallible restore_find_first_port(struct restored *restored);

/* Its parts: who each thread is, and what it may do; what each process may use; its seccomp filter;
 * what is mounted; what a process has open. */
fallible restore_check_rights(const struct restored *restored, pid_t pid, pid_t thread);
fallible restore_check_use(const struct restored *restored, pid_t pid);
fallible restore_check_filter(const struct restored *restored, pid_t thread);
fallible restore_check_mounts(const struct restored *restored);
fallible restore_check_files(const struct restored *restored, pid_t pid);

/* The files of /proc/PID/ns; NULL behind the last. */
extern const char *const restore_namespaces[];

/* ERROR_BUNDLE: process PID of the images does not keep to what FIELD says. */
fallible restore_refuse(const char *field, pid_t pid, const char *reason);
