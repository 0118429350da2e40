/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources and linux.cgroupsPath: the controllers that limits need.
 *
 * A controller is in a cgroup only if each cgroup above has handed it down.  A hybrid host has
 * bound most of them to hierarchies of version 1, from where version 2 cannot have them.
 */
#include "cgroup/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "cgroup/file.h"
#include "cgroup/path.h"
#include "os/proc.h"

enum { NAMES_SIZE = 512, TABLE_SIZE = 4096, MOUNTS_SIZE = 1 << 18, PLACE_SIZE = 256 };

/* Whether the word stands in the text, between separators. */
static bool has_word(const char *text, const char *word, const char *separators)
{
    while (*text) {
        size_t length = strcspn(text, separators);
        if (length == strlen(word) && !strncmp(text, word, length))
            return true;
        text += length;
        text += strspn(text, separators);
    }
    return false;
}

static bool needs_controller(const struct limit *limit)
{
    return limit->controller && !limit->is_optional;
}

/* Whether it is the first limit that needs its controller. */
static bool is_first(const struct limits_plan *plan, const struct limit *limit)
{
    const struct limit *before = plan->first;
    while (before != limit &&
           !(needs_controller(before) && text_equal(before->controller, limit->controller)))
        before = before->next;
    return before == limit;
}

/* What version 1 calls it. */
static const char *name_of_version_1(const char *controller)
{
    return text_equal(controller, "io") ? "blkio" : controller;
}

/* Column COLUMN of the controller's line in /proc/cgroups, cgroups(7); false without one. */
static bool find_column(const char *table, const char *controller, unsigned column,
                        uint64_t *number)
{
    size_t length = strlen(controller);

    for (const char *line = table; *line;) {
        char text[24];
        const char *at = line;
        if (!strncmp(line, controller, length) && line[length] == '\t') {
            for (unsigned i = 0; i < column; i++)
                at = strchrnul(at, '\t') + 1;
            text_format(text, sizeof(text), "%.*s", (int) strcspn(at, "\t\n"), at);
            return text_to_unsigned(text, UINT32_MAX, number);
        }
        line = strchrnul(line, '\n');
        line += *line == '\n';
    }
    return false;
}

/* Where the hierarchy is mounted, for the message: proc_pid_mountinfo(5).  Empty when we do not see
 * it. */
static fallible find_place(int proc, const char *controller, struct arena *arena, char *place)
{
    char file[32], *text;

    text_format(file, sizeof(file), "%d/mountinfo", getpid());
    try_new(text, arena, MOUNTS_SIZE);
    try(proc_read(proc, file, text, MOUNTS_SIZE));
    place[0] = '\0';
    for (char *line = text; *line && !place[0];) {
        char *end = strchrnul(line, '\n');
        char *type = strstr(line, " - cgroup ");
        const char *point = line;
        const char last = *end; /* of the last line, which may have been cut, no newline */
        for (unsigned i = 0; i < 4 && *point; i++) {
            point = strchrnul(point, ' ');
            point += *point == ' ';
        }
        if (type && type < end) {
            *end = '\0';
            if (has_word(strrchr(type, ' ') + 1, controller, ","))
                text_format(place, PLACE_SIZE, ", mounted on %.*s", (int) strcspn(point, " "),
                            point);
            *end = last;
        }
        line = last ? end + 1 : end;
    }
    return OK;
}

static fallible blame_version_1(const struct limit *limit, int proc, uint64_t hierarchy,
                                struct arena *arena)
{
    const char *name = name_of_version_1(limit->controller);
    char place[PLACE_SIZE] = "";

    try(find_place(proc, name, arena, place));
    return error_hint(error_new(ERROR_CONTROLLER,
                                "%s: the controller %s is bound to cgroup version 1 "
                                "(hierarchy %llu%s)",
                                limit->field, name, (unsigned long long) hierarchy, place),
                      "boot with cgroup_no_v1=%s, or with systemd.unified_cgroup_hierarchy=1, or "
                      "leave the limit out",
                      name);
}

/* Kernels of late list only controllers that version 1 could have. */
static fallible blame(const struct limit *limit, const char *mount, struct arena *arena)
{
    int proc;
    char table[TABLE_SIZE];
    uint64_t hierarchy = 0, is_enabled = 1;
    const char *name = name_of_version_1(limit->controller);

    try(proc_mounted(&proc));
    try(proc_read(proc, "cgroups", table, sizeof(table)));
    find_column(table, name, 1, &hierarchy);
    find_column(table, name, 3, &is_enabled);
    if (hierarchy)
        return blame_version_1(limit, proc, hierarchy, arena);
    if (!is_enabled)
        return error_hint(error_new(ERROR_CONTROLLER, "%s: the controller %s is switched off",
                                    limit->field, limit->controller),
                          "boot without cgroup_disable=%s, or leave the limit out",
                          limit->controller);
    return error_hint(error_new(ERROR_CONTROLLER, "%s: there is no controller %s in %s",
                                limit->field, limit->controller, mount),
                      "the kernel lacks it, or it was not handed down to us: see "
                      "%s/cgroup.controllers; who made that cgroup can hand it down (systemd: "
                      "Delegate=yes), or leave the limit out",
                      mount);
}

fallible limits_check_controllers(const struct limits_plan *plan, const char *mount,
                                  struct arena *arena)
{
    auto_close int directory = -1;
    char offered[NAMES_SIZE];

    if (!plan->first)
        return OK;
    directory = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return error_errno(ERROR_CGROUP, "open %s", mount);
    try(cgroup_file_read(directory, "cgroup.controllers", offered, sizeof(offered)));
    for (const struct limit *limit = plan->first; limit; limit = limit->next)
        if (needs_controller(limit) && !has_word(offered, limit->controller, " \n"))
            return error_field(blame(limit, mount, arena), "%s", limit->field);
    return OK;
}

/* Why a cgroup does not hand a controller down. */
static const struct {
    int number;
    const char *reason;
} refusals[] = {
    { EBUSY, "it has processes of its own, and such a cgroup cannot hand controllers down" },
    { ENOENT, "the controller was not handed down to it" },
    { EACCES, "it was not delegated to us" },
    { EPERM, "it was not delegated to us" },
    { EROFS, "it is mounted read-only" },
    { EINVAL, "the kernel refuses it" },
    { EOPNOTSUPP, "it is threaded, or one above it has processes and hands controllers down" },
};

static fallible explain(const struct limit *limit, const char *place, struct error *error)
{
    if (!error)
        return OK;
    for (size_t i = 0; i < LENGTH(refusals); i++)
        if (refusals[i].number == error->number)
            error = error_within(error, "%s", refusals[i].reason);
    if (error->number == EINVAL)
        error = error_hint(error, "for cpu, a realtime process outside of the root cgroup may be "
                                  "in the way");
    error->code = ERROR_CONTROLLER;
    error =
        error_within(error, "%s: cgroup %s: controller %s", limit->field, place, limit->controller);
    return error_field(error, "%s", limit->field);
}

/* With processes of its own a cgroup could hand down those controllers that know threads; those
 * below would then take threads alone, and no container.  The root of all cgroups has no type. */
static fallible check_inhabitants(int directory)
{
    char text[NAMES_SIZE];
    struct error *error = cgroup_file_read_start(directory, "cgroup.type", text, sizeof(text));
    bool is_root = error && error->number == ENOENT;

    if (is_root)
        error_forget(error);
    if (is_root || error)
        return is_root ? OK : error;
    try(cgroup_file_read_start(directory, "cgroup.procs", text, sizeof(text)));
    if (!text[0])
        return OK;
    errno = EBUSY;
    return error_call(error_errno(ERROR_CGROUP, "look into cgroup.procs"), CALL_WRITE,
                      "cgroup.subtree_control");
}

/* In one cgroup; what it hands down already is not asked for again, since that may be refused. */
static fallible enable_in(const struct limits_plan *plan, int directory, const char *place,
                          struct error *(*put)(int, const char *, const char *) )
{
    char given[NAMES_SIZE], word[NAMES_SIZE];

    try(cgroup_file_read(directory, "cgroup.subtree_control", given, sizeof(given)));
    for (const struct limit *limit = plan->first; limit; limit = limit->next) {
        if (!needs_controller(limit) || !is_first(plan, limit) ||
            has_word(given, limit->controller, " \n"))
            continue;
        try(explain(limit, place, check_inhabitants(directory)));
        text_format(word, sizeof(word), "+%s", limit->controller);
        try(explain(limit, place, put(directory, "cgroup.subtree_control", word)));
    }
    return OK;
}

/* Where a cgroup is missing that the start would make, those above it have been seen. */
static fallible hand_down(const struct limits_plan *plan, const char *mount, const char *path,
                          struct error *(*put)(int, const char *, const char *) )
{
    char whole[CGROUP_PATH_SIZE];

    try(cgroup_path_join(mount, path, whole));
    for (char *slash = whole + strlen(mount); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        auto_close int directory = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (directory < 0 && errno == ENOENT && put == cgroup_file_check)
            return OK;
        if (directory < 0)
            return error_errno(ERROR_CGROUP, "open cgroup %s", whole);
        try(enable_in(plan, directory, whole, put));
        *slash = '/';
    }
    return OK;
}

fallible limits_enable_controllers(const struct limits_plan *plan, const char *mount,
                                   const char *path)
{
    return hand_down(plan, mount, path, cgroup_file_write);
}

fallible limits_try_controllers(const struct limits_plan *plan, const char *mount, const char *path)
{
    return hand_down(plan, mount, path, cgroup_file_check);
}
