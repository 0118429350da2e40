/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.cgroupsPath: making and opening a cgroup.
 *
 * Parents are removed by who made them ("/tare" by whoever empties it), so one may vanish between
 * our making it and our making the cgroup in it; then all is tried again.
 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/file.h"
#include "cgroup/freezer.h"
#include "cgroup/path.h"

enum { ATTEMPTS = 1024, SMALL_SIZE = 256 };

/* A path that is being made below the mount. */
struct making {
    const struct cgroup_plan *plan;
    int mount;
    char path[CGROUP_PATH_SIZE];
    size_t kept;  /* the length of what we have not made */
    bool is_made; /* the last one is ours */
};

static fallible refuse(const struct cgroup_plan *plan, const char *why)
{
    return error_new(ERROR_CGROUP, "cgroup %s%s %s", plan->mount, plan->path, why);
}

/* Makes the first LENGTH bytes of the path; false with errno. */
static bool make_part(struct making *making, size_t length)
{
    char next = making->path[length];
    making->path[length] = '\0';
    bool is_made = !mkdirat(making->mount, making->path + 1, 0755);
    size_t above = (size_t) (strrchr(making->path, '/') - making->path);
    making->path[length] = next;
    if (is_made && above < making->kept)
        making->kept = above;
    return is_made;
}

/* Makes the directories above the last one; false with errno. */
static bool make_parents(struct making *making)
{
    for (char *slash = strchr(making->path + 1, '/'); slash; slash = strchr(slash + 1, '/'))
        if (!make_part(making, (size_t) (slash - making->path)) && errno != EEXIST &&
            errno != ENOENT)
            return false;
    return true;
}

static fallible make_all(struct making *making)
{
    size_t length = strlen(making->path);
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        making->is_made = make_part(making, length);
        if (making->is_made || errno == EEXIST)
            return OK;
        if (errno != ENOENT || !make_parents(making))
            break;
        errno = ENOENT; /* what it was, should there be no further attempt */
    }
    return error_call(
        error_errno(ERROR_CGROUP, "make cgroup %s%s", making->plan->mount, making->plan->path),
        CALL_MKDIR, making->plan->path);
}

/* Removes what we made, the lowest first; best effort. */
static void unmake(struct making *making)
{
    if (making->is_made)
        unlinkat(making->mount, making->path + 1, AT_REMOVEDIR);
    for (;;) {
        char *slash = strrchr(making->path, '/');
        if ((size_t) (slash - making->path) <= making->kept)
            return;
        *slash = '\0';
        unlinkat(making->mount, making->path + 1, AT_REMOVEDIR);
    }
}

/* One that was there must have no part in somebody else's arrangement (CG7); one that is new has
 * only what those above have handed down, and the mount's root hands down nothing. */
static fallible check_fit(const struct making *making, int directory)
{
    const struct cgroup_plan *plan = making->plan;
    struct cgroup_events events;
    if (making->is_made && making->kept == 0)
        return OK;
    try(cgroup_file_read_events(directory, &events));
    if (events.is_populated)
        return error_hint(refuse(plan, "has processes in it"),
                          "another container may have the same linux.cgroupsPath");
    if (events.is_frozen)
        return refuse(plan, "is frozen");

    char text[SMALL_SIZE];
    try(cgroup_file_read(directory, "cgroup.type", text, sizeof(text)));
    if (!text_equal(text, "domain\n"))
        return refuse(plan, "is threaded, or below a threaded one");
    if (making->is_made)
        return OK;
    try(cgroup_file_read(directory, "cgroup.subtree_control", text, sizeof(text)));
    if (text[0] && text[0] != '\n')
        return refuse(plan, "has handed controllers to those below and cannot hold processes");
    return OK;
}

static fallible make_and_open(struct making *making, int *directory)
{
    try(make_all(making));
    auto_close int opened =
        openat(making->mount, making->path + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (opened < 0)
        return error_errno(ERROR_CGROUP, "open cgroup %s%s", making->plan->mount,
                           making->plan->path);
    try_within(check_fit(making, opened), "use the cgroup");
    /* Only now: what was there is looked at, and stays if it will not do. */
    if (making->is_made && making->plan->kept < making->kept)
        making->kept = making->plan->kept;
    *directory = take_fd(&opened);
    return OK;
}

fallible cgroup_create(const struct cgroup_plan *plan, uint32_t *kept, int *directory)
{
    struct making making = { .plan = plan };
    try(cgroup_path_join("", plan->path, making.path));
    making.kept = strlen(making.path);

    /* openat(2), here and below, since musl's open(2) is two calls. */
    auto_close int mount = openat(AT_FDCWD, plan->mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (mount < 0)
        return error_errno(ERROR_CGROUP, "open %s", plan->mount);
    making.mount = mount;

    struct error *failed = make_and_open(&making, directory);
    if (failed)
        unmake(&making);
    else
        *kept = (uint32_t) (making.is_made ? making.kept : strlen(making.path));
    return failed && !plan->is_default_path ? error_field(failed, "linux.cgroupsPath") : failed;
}

fallible cgroup_open(const char *mount, const char *path, int *directory)
{
    char whole[CGROUP_PATH_SIZE];
    try(cgroup_path_join(mount, path, whole));

    auto_close int opened =
        openat(AT_FDCWD, whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    struct statfs status;
    if (opened < 0 || fstatfs(opened, &status))
        return error_errno(ERROR_CGROUP, "open cgroup %s", whole);
    if (status.f_type != CGROUP2_SUPER_MAGIC)
        return error_new(ERROR_CGROUP, "%s is not a cgroup", whole);
    *directory = take_fd(&opened);
    return OK;
}

fallible cgroup_add(int directory, pid_t pid)
{
    char text[24];
    text_format(text, sizeof(text), "%d", pid);
    try_within(cgroup_file_write(directory, "cgroup.procs", text), "move process %d to the cgroup",
               pid);
    return OK;
}

fallible cgroup_read_frozen(int directory, bool *is_frozen)
{
    struct cgroup_events events;

    try(freezer_is_asked(directory, is_frozen));
    if (*is_frozen)
        return OK;
    try(cgroup_file_read_events(directory, &events));
    *is_frozen = events.is_frozen;
    return OK;
}
