/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "os/host_object.h"
#include "os/mount_api.h"
#include "os/user_namespace.h"

struct arena;
struct oci_mount;
struct oci_mount_array;

/* mounts (config.md#mounts, config-linux.md#linux-mount-options), in the order of the config. */
enum mount_kind {
    MOUNT_KIND_NEW,     /* a new filesystem */
    MOUNT_KIND_BIND,    /* a tree that the host has opened and cloned */
    MOUNT_KIND_REMOUNT, /* new flags for what an earlier entry has mounted at the destination */
    MOUNT_KIND_NONE,    /* nothing, since its source is missing, and may be */
};

/* Idmapped mounts: whose mappings a mount has. */
enum mount_idmap {
    MOUNT_IDMAP_NONE,
    MOUNT_IDMAP_OWN,       /* mounts[].uidMappings and gidMappings */
    MOUNT_IDMAP_CONTAINER, /* those of its user namespace */
};

struct mount_plan {
    enum mount_kind kind;
    const char *field;                  /* "mounts[2]" */
    const char *destination;            /* in the container, absolute, without a slash at the end */
    struct mount_filesystem filesystem; /* NEW */
    /* NEW: made by the host, since its source and options may name paths and these are the host's;
     * not so for filesystems that show the namespaces or count as the container's memory. */
    bool is_made_by_host;
    bool is_made_early; /* NEW: by init, while it still sees what the host has mounted */
    /* NEW: so many of its last options name a group that the user namespace may not have. */
    uint32_t group_options;
    bool may_be_missing;     /* its source: nofail */
    uint32_t directory_mode; /* of what is made for the destination */
    bool copies_up;          /* NEW, a tmpfs: filled with what it hides */
    /* NEW, a tmpfs: as read-only as its flags say once all that belongs in it is there. */
    bool becomes_read_only;
    int made;             /* the same, by init: the mount, which mounts_finish() closes */
    bool has_fallen_back; /* found by init: the kernel refused it, and the host's was bound, or it
                           * was made without these options */
    const char *label;    /* NEW: the SELinux label that its options ask for, or NULL */
    const char *source;   /* BIND: host path, absolute or relative to the bundle */
    bool is_recursive_bind;
    bool is_cgroup; /* BIND: the source is the container's own cgroup */
    bool is_file;   /* BIND: the source is no directory, as seen when it was opened */
    int tree;   /* BIND, made by the host: the detached tree; -1 before mounts_open_sources(), or
                 * until init has made it from OBJECT */
    int parent; /* of a file that is attached live: the directory that it is in */
    struct host_object object;
    struct host_object_lost lost; /* found by init */
    enum mount_idmap idmap;       /* which the tree gets before it is attached (launch/idmaps.h) */
    bool is_idmap_recursive;
    const char *idmap_field; /* where it is asked for: "mounts[2].options[1]" */
    const char *idmap_text;  /* OWN: the mappings of the option itself, or NULL */
    /* Of it and all below (rro, rnosuid, ...), then of this mount alone. */
    struct mount_change recursive_change;
    struct mount_change change;
};

struct mounts_plan {
    struct mount_plan *v;
    uint32_t n;
    uint32_t idmap_count;     /* of those that are idmapped */
    uint32_t read_only_count; /* of those that become read-only */
};

/* What the other parts of the config say that a mount depends on. */
struct mounts_context {
    bool has_cgroup_namespace; /* a new one */
    bool has_cgroup;           /* the container gets a cgroup of its own */
    const char *label;         /* linux.mountLabel, checked, or NULL */
    const char *label_option;  /* by which it is given to a mount; NULL: context */
    bool has_user_namespace;   /* new or joined */
    bool is_in_user_namespace; /* it has one, or we are in one */
    bool is_opened_inside;     /* by init, since we may not mount here */
    /* The group ids that exist in the container's user namespace; without ranges all. */
    const struct id_range *gids;
    uint32_t gid_count;
    bool has_unknown_gids; /* it is joined, and the config says nothing of them */
    bool is_live;          /* the container is there, with the mounts of its config */
};

/* Parses and checks every entry.  ERROR_CONFIG names "mounts[2].options[0]". */
fallible mounts_plan(const struct oci_mount_array *mounts, const struct mounts_context *context,
                     struct arena *arena, struct mounts_plan *plan);

/* The part of it that needs the whole list: sets becomes_read_only of each, and read_only_count. */
void mounts_plan_read_only(struct mounts_plan *plan);

/* The destination alone, as the plan has it; ERROR_CONFIG. */
fallible mounts_plan_destination(const struct oci_mount *mount, struct arena *arena,
                                 struct mount_plan *plan);

/* What the sources of binds are taken from. */
struct mounts_sources {
    int bundle;
    int cgroup;          /* the directory of the container's cgroup, or -1 */
    struct arena *notes; /* NULL, or where the objects are noted for init to clone, */
    bool is_noted_only;  /* and not cloned here, since we may not */
};

/* Clones the sources of all binds and makes the filesystems that are the host's to make; closes all
 * again on failure.  A source that is missing (ENOENT), and may be, is a warning. */
fallible mounts_open_sources(struct mounts_plan *plan, const struct mounts_sources *sources);

/* Closes what mounts_open_sources() has opened. */
void mounts_close_sources(struct mounts_plan *plan);

/* Inside, in the new mount namespace, and while the caller is still the host's user: exchanges the
 * trees that the host has made (host_object_take_early()). */
void mounts_take_early(struct mounts_plan *plan);

/*
 * Inside, before the root is entered: clones the noted sources and makes what is to be made early.
 * proc, sysfs and mqueue in a user namespace are such: the kernel allows them only to those who see
 * all of the host's (mount_too_revealing), or own the namespace that they show.  Where it refuses,
 * the host's is bound instead, with all below and with the flags of the config.  So is a
 * devpts whose group may not be there; without one it is made where the kernel refuses that.
 */
fallible mounts_open_inside(struct mounts_plan *plan);

/* OK, or what is to be said about a mount that is not what the config asks. */
fallible mounts_warning(const struct mount_plan *mount);

/* Inside: a mount with an idmap has it by now.  Makes each destination below ROOT (a directory, or
 * a file for a file) and mounts there. The destinations of proc and sysfs must not be symbolic
 * links.  A tmpfs without the option "mode" takes the mode of the directory that it hides; one that
 * copies up its owner too, without the options "uid" and "gid", and what is in it (os/path_copy.h).
 * The working directory may be one of those mounted on afterwards. */
fallible mounts_apply(struct mounts_plan *plan, int root);

/* Whether it is one of the filesystems that mounts_apply() makes; and, of all of those, whether the
 * kernel takes their types and options, in the words of mounts_apply(), with nothing made. */
bool mounts_is_made_late(const struct mount_plan *mount);
fallible mounts_try(const struct mounts_plan *plan);

/* Inside, late, when all is made that belongs in them: makes those read-only that become so, also
 * what a masked or protected path, or a hook, has covered by then. */
fallible mounts_finish(const struct mounts_plan *plan);

/* What is mounted on in a container that runs. */
struct mounts_target {
    int fd;          /* O_PATH, the caller's */
    uint32_t hidden; /* its mode, or 0 when it was made now */
};

/* Inside: the same of one mount in a container that runs, in two steps: makes its destination, then
 * mounts there, and TREE is what is attached.  A file must not be a symbolic link; its directory,
 * once it is known, becomes PARENT, and is not looked up again. */
fallible mounts_open_live(struct mount_plan *mount, int root, struct mounts_target *target);
fallible mounts_attach_live(struct mount_plan *mount, const struct mounts_target *target);
