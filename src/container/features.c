/* SPDX-License-Identifier: Apache-2.0 */
/* The features document (features.md).  It says what is there and what is not: an empty list is no
 * null, which would mean that we do not know. */

#include "container/features.h"

#include <linux/capability.h>
#include <string.h>
/* libcap defines some of the same names again. */
#include <sys/capability.h>

#include "base/allocate.h"
#include "base/list.h"
#include "cgroup/scope.h"
#include "launch/annotations.h"
#include "libocispec/features.h"
#include "libocispec/linux.h"
#include "os/criu.h"
#include "rootfs/mount_options.h"
#include "security/seccomp.h"

static const char *namespaces[] = { "cgroup", "ipc",  "mount", "network",
                                    "pid",    "time", "user",  "uts" };

static const char *hooks[] = {
    "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
};

static fallible list_mount_options(struct arena *arena, struct oci_string_array *list)
{
    try_new(list->v, arena, mount_option_count);
    for (size_t i = 0; i < mount_option_count; i++)
        list->v[list->n++] = mount_options[i].name;
    return OK;
}

static fallible list_names(const struct oci_enum *known, struct arena *arena,
                           struct oci_string_array *list)
{
    try_new(list->v, arena, known->n);
    for (; list->n < known->n; list->n++)
        list->v[list->n] = known->names[list->n];
    return OK;
}

/* "CAP_CHOWN" for libcap's "cap_chown". */
static fallible spell_capability(const char *name, struct arena *arena, const char **spelled)
{
    char *copy = arena_string(arena, name);

    if (!copy)
        return allocate_failed();
    for (char *c = copy; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char) (*c - 'a' + 'A');
    *spelled = copy;
    return OK;
}

/* Those that libcap knows by name, up to the last one that the kernel's header had. */
static fallible list_capabilities(struct arena *arena, struct oci_string_array *list)
{
    try_new(list->v, arena, CAP_LAST_CAP + 1);
    for (cap_value_t number = 0; number <= CAP_LAST_CAP; number++) {
        char *name = cap_to_name(number);
        if (!name)
            return error_system("name capability %d", number);
        struct error *error =
            strncmp(name, "cap_", 4) == 0 ? spell_capability(name, arena, &list->v[list->n++]) : OK;
        cap_free(name);
        try(error);
    }
    return OK;
}

/* Facts about this build and its host, under the names that the other runtimes use. */
static fallible note_facts(struct arena *arena, struct oci_string_map *annotations)
{
    const char *version = seccomp_library_version(arena);
    char path[PROGRAM_PATH_SIZE];
    struct error *error = criu_find(path);

    try_new(annotations->v, arena, 2);
    if (version)
        annotations->v[annotations->n++] =
            (struct oci_string_entry){ "io.github.seccomp.libseccomp.version", version };
    annotations->v[annotations->n++] =
        (struct oci_string_entry){ "org.opencontainers.runc.checkpoint.enabled",
                                   error ? "false" : "true" };
    error_forget(error);
    return OK;
}

fallible features_describe(struct arena *arena, const char **json)
{
    static const struct oci_opt_bool yes = { true, true }, no = { false, true };
    const struct oci_opt_bool systemd = scope_is_built ? yes : no;
    const struct oci_string_array unsafe = { (const char **) annotations_unsafe,
                                             (uint32_t) annotations_unsafe_count };
    struct oci_f_enabled enabled = { yes };
    struct oci_f_cgroup cgroup = {
        .v1 = no, .v2 = yes, .systemd = systemd, .systemd_user = systemd, .rdma = yes
    };
    struct oci_f_seccomp seccomp;
    struct oci_f_mempolicy memory_policy = { 0 };
    struct oci_f_intelrdt intel_rdt = { yes, yes, yes };
    struct oci_f_mountext mount_extensions = { &enabled };
    struct oci_f_linux linux_ = {
        .namespaces = { namespaces, LENGTH(namespaces) },
        .cgroup = &cgroup,
        .seccomp = &seccomp,
        .apparmor = &enabled, /* there is no build without them: it takes no library */
        .selinux = &enabled,
        .memory_policy = &memory_policy,
        .intel_rdt = &intel_rdt,
        .mount_extensions = &mount_extensions,
        .net_devices = &enabled,
    };
    struct oci_features features = {
        .oci_version_min = "1.0.0",
        .oci_version_max = "1.3.0",
        .hooks = { hooks, LENGTH(hooks) },
        .potentially_unsafe_config_annotations = unsafe,
        .linux_ = &linux_,
    };

    try(note_facts(arena, &features.annotations));
    try(seccomp_describe(arena, &seccomp));
    try(list_mount_options(arena, &features.mount_options));
    try(list_capabilities(arena, &linux_.capabilities));
    try(list_names(&oci_mpolmode_names, arena, &memory_policy.modes));
    try(list_names(&oci_mpolflag_names, arena, &memory_policy.flags));
    const char *text = oci_encode(&oci_features_schema, &features, true, arena, NULL);
    if (!text)
        return allocate_failed();
    *json = text;
    return OK;
}
