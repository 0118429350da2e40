/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct cgroup_plan;
struct keeper;
struct oci_config;
struct scope_text;

/*
 * linux.cgroupsPath with the systemd driver (--systemd-cgroup): "slice:prefix:name" is the cgroup
 * of the scope "prefix-name.scope" in that slice (systemd.scope(5)).  systemd makes it, through our
 * program `scope` (src/scope.c), and takes it away.  Root asks the system's systemd, others that of
 * their session.
 *
 * The container's cgroup is one below it, "container": what systemd writes to that of the scope,
 * whenever it likes, does not reach what we have written; and the scope's, without processes, can
 * hand controllers down.  The annotation run.oci.systemd.subgroup has another name for it, or "":
 * then it is the scope's own.
 */
struct scope_plan {
    const char *unit;       /* "libpod-1234.scope" */
    const char *slice;      /* "machine.slice" */
    const char *subgroup;   /* below it: "container", or "" */
    const char *properties; /* of annotations, in lines of a request */
};

/* Fills all of the cgroup's plan but its path, which systemd chooses.  SUBGROUP is the annotation
 * run.oci.systemd.subgroup, or NULL.  An empty slice is system.slice for root and user.slice for
 * others; a path that is absent ":tare:ID".  ERROR_CONFIG for what is no such name;
 * ERROR_UNSUPPORTED without the program, ERROR_CGROUP without cgroup version 2. */
fallible scope_plan(const struct oci_config *config, const char *id, const char *subgroup,
                    struct arena *arena, struct cgroup_plan *plan);

/* Unit and slice alone, names of units (systemd.unit(5)): from "slice:prefix:name", or NULL, which
 * is a cgroupsPath that is absent. */
fallible scope_name(const char *asked, const char *id, struct arena *arena,
                    struct scope_plan *plan);

/* The cgroup below, by the annotation run.oci.systemd.subgroup, or NULL.  ERROR_CONFIG. */
fallible scope_name_subgroup(const char *asked, struct arena *arena, struct scope_plan *plan);

/* Whether the program belongs to this build. */
extern const bool scope_is_built;

/* A unit, and how it is reached. */
struct scope {
    const char *unit;
    const char *description; /* by which it is known as ours */
    const char *program;
    const char *bus;  /* an address of D-Bus */
    unsigned seconds; /* that a question may take; 0: as many as a busy systemd needs */
};

/* Whose container it is for. */
struct scope_owner {
    const char *id;
    int state; /* directory of all containers' state; -1: it is only asked whether the unit
                * could be reached */
    const char *created; /* the moment of its record; NULL: not known any more */
};

/* Finds the program and the bus for the UNIT.  ERROR_CGROUP without a user's session. */
fallible scope_find(const char *unit, const struct scope_owner *owner, struct arena *arena,
                    struct scope *scope);

/* Starts it with the keeper as its process and the properties of devices, and gives its cgroup,
 * from the root of the mount.  When it fails nothing is left; the keeper may have ended. */
fallible scope_start(const struct scope *scope, const struct scope_plan *plan,
                     struct keeper *keeper, const struct scope_text *devices, const char **cgroup);

/* Changes properties (cgroup/scope_text.h), all or none, until the unit ends.  Nothing to change is
 * a question as well: whether they could be. */
fallible scope_set(const struct scope *scope, const struct scope_text *properties);

/* Moves a process to the cgroup BELOW that of the scope ("/container"), or to that (""): systemd
 * may do so where we may not. */
fallible scope_attach(const struct scope *scope, const char *below, pid_t pid, struct arena *arena);

/* Ends it, with all that is in it, and waits until its name is free.  Gone already is fine, and so
 * is a unit with another's description: that is somebody else's. */
fallible scope_stop(const struct scope *scope, struct arena *arena);

/* How much of PATH, of a container's cgroup of which KEPT bytes are not made by us, is that of the
 * scope. */
size_t scope_path_length(const char *unit, const char *path, uint32_t kept);

/* Whether the process is in the scope's cgroup, as we see it.  It is not if its number is another's
 * for systemd: then somebody else is, who must not be stopped. */
fallible scope_check_process(const struct cgroup_plan *plan, const char *cgroup, pid_t pid,
                             struct arena *arena);

/* Makes the cgroup SUBGROUP below that of the scope, PATH, moves the process there, and hands it
 * all controllers there are.  "" is that of the scope. */
fallible scope_make_subgroup(const struct cgroup_plan *plan, pid_t pid, int *directory);
