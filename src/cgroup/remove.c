/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removal of a container's cgroup; serves delete and the undo of create (LC12).
 *
 * A container may have made any number of cgroups in its own, as deep as it likes and with any
 * names: they are removed with one descriptor and no path, going down to the first child that is
 * busy and back by ".." (cgroup/walk.h).
 *
 * The common case, an empty cgroup of our own, costs one rmdir(2) for it and one for its parent.
 */
#include "cgroup/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/device_rules.h"
#include "cgroup/file.h"
#include "cgroup/freezer.h"
#include "cgroup/path.h"
#include "cgroup/walk.h"
#include "os/clock.h"
#include "os/directory.h"

enum { NAME_SIZE = 256, CONTROLLERS_SIZE = 256, MILLISECOND = 1000000 /* ns */ };

struct removal {
    char path[CGROUP_PATH_SIZE];
    int milliseconds;
    uint64_t deadline;
};

static bool is_busy(int number)
{
    return number == EBUSY || number == ENOTEMPTY;
}

static fallible check_time(const struct removal *removal)
{
    if (clock_now() < removal->deadline)
        return OK;
    return error_hint(error_new(ERROR_TIMEOUT, "cgroup %s is still in use after %d ms",
                                removal->path, removal->milliseconds),
                      "another container may have the same linux.cgroupsPath");
}

/* For poll(2), at most a second, rounded up. */
static int time_left(const struct removal *removal)
{
    uint64_t now = clock_now();
    uint64_t left = removal->deadline > now ? (removal->deadline - now) / MILLISECOND + 1 : 0;
    return left < 1000 ? (int) left : 1000;
}

static void set_deadline(struct removal *removal)
{
    removal->deadline = clock_now() + (uint64_t) removal->milliseconds * MILLISECOND;
}

static void rest(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = MILLISECOND }, NULL);
}

/* Waits for the kernel to say that the last process has left.  Thousands take their time. */
static fallible wait_until_empty(struct removal *removal, int top)
{
    size_t left = SIZE_MAX;
    auto_close int file = openat(top, "cgroup.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 && (errno == ENOENT || errno == ENODEV))
        return OK;
    if (file < 0)
        return error_errno(ERROR_CGROUP, "open cgroup.events of %s", removal->path);

    for (;;) {
        struct cgroup_events events = { .is_populated = false };
        struct error *error = cgroup_file_parse_events(file, &events);
        if (error_forget_if(error, ENODEV))
            return OK;
        try(error);
        if (!events.is_populated)
            return OK;
        if (cgroup_empties(top, &left))
            set_deadline(removal);
        /* Also those who were killed are frozen until they have ended. */
        struct error *late = check_time(removal);
        if (late && events.is_frozen) {
            error_forget(late);
            return error_new(ERROR_FROZEN, "cgroup %s is frozen, with processes in it",
                             removal->path);
        }
        try(late);
        struct pollfd change = { .fd = file, .events = POLLPRI };
        poll(&change, 1, time_left(removal));
    }
}

/* NAME, of NAME_SIZE bytes, is "" when there is no child. */
static fallible find_child(int directory, char *name)
{
    struct directory listing;
    struct directory_entry entry = { .name = "" };
    name[0] = '\0';
    try(directory_begin(directory, &listing));
    while (entry.name) {
        try(directory_next(&listing, &entry));
        if (entry.name && entry.type == DT_DIR) {
            text_format(name, NAME_SIZE, "%s", entry.name);
            return OK;
        }
    }
    return OK;
}

/* One visit to every cgroup below TOP.  errno ENOENT or ENODEV: somebody else removes, too. */
static fallible remove_once(const struct removal *removal, int top)
{
    auto_close int at = -1;
    unsigned depth = 0;
    bool is_fruitless = false; /* we went down for a child that had none itself */
    at = fcntl(top, F_DUPFD_CLOEXEC, 0);
    if (at < 0)
        return error_errno(ERROR_CGROUP, "open cgroup %s", removal->path);

    for (;;) {
        char name[NAME_SIZE];
        try(check_time(removal));
        try(find_child(at, name));
        if (!name[0] && depth == 0)
            return OK;
        if (!name[0]) {
            if (is_fruitless)
                rest();
            try(walk_enter(&at, ".."));
            depth--;
        } else if (!unlinkat(at, name, AT_REMOVEDIR)) {
            is_fruitless = false;
        } else if (is_busy(errno)) {
            try(walk_enter(&at, name));
            depth++;
            is_fruitless = true;
        } else {
            return error_errno(ERROR_CGROUP, "remove a cgroup in %s", removal->path);
        }
    }
}

static fallible remove_below(const struct removal *removal, int top)
{
    for (;;) {
        struct error *error = remove_once(removal, top);
        if (!cgroup_file_is_gone(error))
            return error;
        if (access(removal->path, F_OK) && errno == ENOENT)
            return OK;
    }
}

static fallible remove_last(const struct removal *removal)
{
    while (rmdir(removal->path)) {
        if (errno == ENOENT)
            return OK;
        if (!is_busy(errno))
            return error_errno(ERROR_CGROUP, "remove cgroup %s", removal->path);
        try(check_time(removal));
        rest();
    }
    return OK;
}

/* What a container may have handed down (systemd does) would keep processes out for good. */
static fallible take_back_controllers(int top)
{
    char names[CONTROLLERS_SIZE], word[CONTROLLERS_SIZE], *rest = NULL;
    try(cgroup_file_read(top, "cgroup.subtree_control", names, sizeof(names)));
    for (char *name = strtok_r(names, " \n", &rest); name; name = strtok_r(NULL, " \n", &rest)) {
        text_format(word, sizeof(word), "-%s", name);
        try(cgroup_file_write(top, "cgroup.subtree_control", word));
    }
    return OK;
}

/* Leaves the cgroup as create found it, if nobody has removed it meanwhile. */
static fallible restore(const struct removal *removal, int top)
{
    struct error *error = freezer_thaw(top, NULL);
    if (!error)
        error = take_back_controllers(top);
    if (!error)
        error = device_rules_remove(top);
    return cgroup_file_is_gone(error) ? OK
                                      : error_within(error, "give back cgroup %s", removal->path);
}

static fallible clear(struct removal *removal, bool is_kept)
{
    auto_close int top = open(removal->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (top < 0 && errno == ENOENT)
        return OK;
    if (top < 0)
        return error_errno(ERROR_CGROUP, "open cgroup %s", removal->path);
    try(wait_until_empty(removal, top));
    try(remove_below(removal, top));
    return is_kept ? restore(removal, top) : remove_last(removal);
}

static fallible remove_whole(struct removal *removal)
{
    if (!rmdir(removal->path) || errno == ENOENT)
        return OK;
    if (is_busy(errno))
        return clear(removal, false);
    return error_errno(ERROR_CGROUP, "remove cgroup %s", removal->path);
}

/* Each goes only when nothing else is in it. */
static void remove_parents(struct removal *removal, size_t kept)
{
    for (;;) {
        char *slash = strrchr(removal->path, '/');
        if ((size_t) (slash - removal->path) <= kept)
            return;
        *slash = '\0';
        if (rmdir(removal->path) && errno != ENOENT)
            return;
    }
}

fallible cgroup_remove(const char *mount, const char *path, uint32_t kept, int milliseconds)
{
    struct removal removal = { .milliseconds = milliseconds };
    set_deadline(&removal);
    try(cgroup_path_join(mount, path, removal.path));

    if (kept >= strlen(path))
        return clear(&removal, true);
    try(remove_whole(&removal));
    remove_parents(&removal, strlen(mount) + kept);
    return OK;
}
