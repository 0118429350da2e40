/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.cgroupsPath: which cgroup a container gets.
 *
 * Nothing is made here; whether it could be is asked of the directory in which mkdir would happen,
 * so that a host without a writable cgroup is known before anything exists.
 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/path.h"
#include "libocispec/linux.h"
#include "os/proc.h"
#include "os/user_namespace.h"

enum { OWN_SIZE = 3 * CGROUP_PATH_SIZE };

static const char field[] = "linux.cgroupsPath";

/* The second is where hybrid hosts have it, beside the hierarchies of version 1. */
fallible cgroup_find_mount(const char **mount)
{
    static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
    const char *found = NULL;
    for (size_t i = 0; i < LENGTH(places) && !found; i++) {
        struct statfs status;
        bool is_there = !statfs(places[i], &status);
        if (!is_there && errno != ENOENT && errno != ENOTDIR && errno != EACCES)
            return error_system("look for cgroup2 at %s", places[i]);
        if (is_there && status.f_type == CGROUP2_SUPER_MAGIC)
            found = places[i];
    }
    *mount = found;
    return OK;
}

static fallible take_asked(const char *asked, struct arena *arena, const char **path)
{
    if (!*asked)
        return error_config(field, "must not be empty");
    if (cgroup_path_is_systemd(asked))
        return error_hint(error_config(field, "'%s' is not a path", asked),
                          "slice:prefix:name belongs to the systemd cgroup driver: use "
                          "--systemd-cgroup");

    const char *whole = asked;
    if (asked[0] != '/')
        try_print(whole, arena, "/%s", asked);
    if (text_equal(whole, "/"))
        return error_config(field, "the root of all cgroups cannot be a container's");
    const char *fault = cgroup_path_fault(whole);
    if (fault)
        return error_config(field, "'%s' cannot be used: %s", asked, fault);
    *path = whole;
    return OK;
}

/* The path on the line "0::" of /proc/PID/cgroup, cgroups(7); "" when there is none that we see. */
static fallible find_own(char *text, size_t size, const char **own)
{
    auto_close int proc = -1;
    char file[32];
    text_format(file, sizeof(file), "%d/cgroup", getpid());
    try(proc_open(true, &proc));
    try(proc_read(proc, file, text, size));

    *own = "";
    char *line = text_starts(text, "0::") ? text : strstr(text, "\n0::");
    if (!line)
        return OK;
    line = strchr(line, '/');
    if (!line)
        return OK;
    *strchrnul(line, '\n') = '\0';
    *own = text_equal(line, "/") || !cgroup_path_fault(line) ? line : "";
    return OK;
}

/* OWN is our cgroup, NULL for root of the host; the path is NULL when it is not in sight. */
static fallible make_default(const char *id, const char *own, struct arena *arena,
                             struct cgroup_plan *plan)
{
    plan->is_default_path = true;
    if (!own) {
        try_print(plan->path, arena, "/tare/%s", id);
        plan->kept = 0;
        return OK;
    }
    if (!*own)
        return OK;
    const char *above = text_equal(own, "/") ? "" : own;
    try_print(plan->path, arena, "%s/%s", above, id);
    plan->kept = (uint32_t) strlen(above);
    return OK;
}

/* Asks the nearest directory that is there, the first LENGTH bytes; keeps errno.  Of a default path
 * those that we make ourselves are not looked for. */
static bool is_writable(const struct cgroup_plan *plan, const char *whole, size_t *length)
{
    char path[CGROUP_PATH_SIZE];
    size_t mount_length = strlen(plan->mount);
    size_t first = plan->is_default_path ? mount_length + plan->kept : strlen(whole);
    text_format(path, sizeof(path), "%.*s", (int) first, whole);
    while (access(path, W_OK)) {
        char *slash = strrchr(path, '/');
        if (errno != ENOENT || (size_t) (slash - path) < mount_length)
            return false;
        *slash = '\0';
    }
    *length = strlen(path);
    return true;
}

/* Nothing that is there has been made by us, but for the parent of a default path. */
static void keep(struct cgroup_plan *plan, size_t length)
{
    if (length == strlen(plan->path) || length < plan->kept)
        plan->kept = (uint32_t) length;
}

/* Who is not root may move a process only if it may write cgroup.procs of the lowest cgroup that
 * has both where it comes from and where it goes to below it (cgroups(7), delegation). */
static fallible check_delegated(const struct cgroup_plan *plan, const char *own)
{
    char procs[CGROUP_PATH_SIZE];
    size_t shared = 0;
    for (size_t i = 0; i == 0 || (own[i - 1] && own[i - 1] == plan->path[i - 1]); i++)
        if ((!own[i] || own[i] == '/') && (!plan->path[i] || plan->path[i] == '/'))
            shared = i;
    text_format(procs, sizeof(procs), "%s%.*s/cgroup.procs", plan->mount, (int) shared, own);
    if (!access(procs, W_OK))
        return OK;
    return error_hint(error_errno(ERROR_CGROUP, "no process can be moved below %s%.*s", plan->mount,
                                  (int) shared, own),
                      "a user can use cgroups that systemd has delegated: start below "
                      "user@.service, as with systemd-run --user --scope");
}

/* OK if the plan can be carried out; OWN as above. */
static fallible check_usable(struct cgroup_plan *plan, const char *own)
{
    if (!plan->mount)
        return error_hint(error_new(ERROR_CGROUP, "no cgroup2 is mounted on /sys/fs/cgroup"),
                          "boot with systemd.unified_cgroup_hierarchy=1, or mount cgroup2 on "
                          "/sys/fs/cgroup/unified: version 1 is not supported");
    if (!plan->path)
        return error_new(ERROR_CGROUP, "our own cgroup is not in sight");

    char whole[CGROUP_PATH_SIZE];
    size_t length;
    try(cgroup_path_join(plan->mount, plan->path, whole));
    if (!is_writable(plan, whole, &length))
        return error_call(error_errno(ERROR_CGROUP, "cgroup %s cannot be made", whole), CALL_MKDIR,
                          plan->path);
    if (own && *own)
        try(check_delegated(plan, own));
    keep(plan, length - strlen(plan->mount));
    return OK;
}

/* ASKED is the path of the config, or NULL.  UNUSABLE is why the plan cannot be carried out. */
static fallible find_place(const char *asked, const char *id, struct arena *arena,
                           struct cgroup_plan *plan, struct error **unusable)
{
    struct cgroup_plan found = { .is_wanted = true, .kept = UINT32_MAX };
    const char *own = NULL;

    if (!user_namespace_is_roots()) {
        char *text;
        try_new(text, arena, OWN_SIZE);
        try_within(find_own(text, OWN_SIZE, &own), "find our own cgroup");
    }
    try(cgroup_find_mount(&found.mount));
    if (asked)
        try(take_asked(asked, arena, &found.path));
    else
        try(make_default(id, own, arena, &found));
    *unusable = check_usable(&found, own);
    *plan = found;
    return OK;
}

fallible cgroup_plan(const struct oci_linux *linux_, const char *id, enum cgroup_manager manager,
                     struct arena *arena, struct cgroup_plan *plan)
{
    const char *asked = linux_ ? linux_->cgroups_path : NULL;
    struct cgroup_plan found = { .is_wanted = false };
    struct error *unusable = OK;

    if (manager != CGROUP_MANAGER_DISABLED)
        try(find_place(asked, id, arena, &found, &unusable));
    if (unusable && asked)
        return error_field(unusable, "%s", field);
    if (unusable) {
        char why[ERROR_TEXT_SIZE];
        error_print(unusable, why, sizeof(why));
        error_forget(unusable);
        log_warning("the container gets no cgroup of its own: %s", why);
        found = (struct cgroup_plan){ .is_wanted = false };
    }
    *plan = found;
    return OK;
}

fallible cgroup_plan_default(const char *id, struct arena *arena, struct cgroup_plan *plan)
{
    struct error *unusable;

    try(find_place(NULL, id, arena, plan, &unusable));
    return unusable;
}

fallible cgroup_find_own(const char **mount, char path[CGROUP_PATH_SIZE])
{
    char text[OWN_SIZE];
    const char *own;

    try(cgroup_find_mount(mount));
    try(find_own(text, sizeof(text), &own));
    if (!*mount || !*own)
        return error_new(ERROR_CGROUP, "our own cgroup is not in sight");
    text_format(path, CGROUP_PATH_SIZE, "%s", own);
    return OK;
}

fallible cgroup_take_back(pid_t pid)
{
    char own[CGROUP_PATH_SIZE], whole[CGROUP_PATH_SIZE];
    const char *mount;

    try(cgroup_find_own(&mount, own));
    text_format(whole, sizeof(whole), "%s%s", mount, own);
    auto_close int directory = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (directory < 0)
        return error_errno(ERROR_CGROUP, "open our own cgroup %s", whole);
    return cgroup_add(directory, pid);
}
