/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "namespace/id_map.h"

struct arena;
struct oci_linux;

/* The user namespace of a container: linux.uidMappings and linux.gidMappings, and who init is in it
 * while it builds (config-linux.md#user-namespace-mappings, user_namespaces(7)). */
struct user_ns_plan {
    bool is_new, is_joined;
    struct id_map uids, gids; /* empty without mappings in the config */
    bool has_no_root;         /* new, and uid or gid 0 is not mapped */
    uint32_t uid, gid;        /* of the process: init builds as that where 0 is not mapped */
};

/* The user and group of the process: where they stand in config.json is said by errors. */
struct user_ns_context {
    uint64_t created, own; /* of namespaces_plan */
    uint32_t uid, gid;
    const uint32_t *groups; /* additional ones */
    uint32_t group_count;
};

/*
 * A new user namespace needs both mappings; without a user namespace of its own none may be there
 * (N13).  The ids of the process have to be mapped (U2).  ERROR_CONFIG.  For a namespace that is
 * joined, mappings are compared with those that it has (user_ns_map()).
 */
fallible user_ns_plan(const struct oci_linux *linux_, const struct user_ns_context *context,
                      struct arena *arena, struct user_ns_plan *plan);

/*
 * From the host: writes the maps of PID, a child in a new user namespace that waits for them, and
 * reads them back.  With CAP_SETUID and CAP_SETGID it writes them itself; without, a map of our own
 * id alone, and everything else by the programs newuidmap and newgidmap (shadow), which know what
 * /etc/subuid allows.  Where the namespace was joined, compares its maps with the config's:
 * ERROR_CONFIG.
 */
fallible user_ns_map(const struct user_ns_plan *plan, pid_t pid, struct arena *arena);

/* Makes a user namespace of which only the maps are wanted, and whose are named in errors; nobody
 * lives in it.  NAMESPACE (O_CLOEXEC) is the caller's. */
struct user_ns_maps {
    const struct id_map *uids, *gids;
    const char *uid_field, *gid_field;
};
fallible user_ns_make(const struct user_ns_maps *maps, struct arena *arena, int *namespace);

/*
 * Inside, in the new or joined user namespace: becomes its root, or the user of the process where
 * that has no uid or gid 0, with all capabilities and without supplementary groups (unless the
 * namespace refuses setgroups(2)).  With SURVIVES_EXEC the capabilities also survive an exec by
 * somebody who is not root: they become inheritable and ambient.
 */
fallible user_ns_become(const struct user_ns_plan *plan, bool survives_exec);

/* Inside, behind that exec: what was made inheritable is so no longer. */
fallible user_ns_settle(void);
