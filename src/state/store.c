/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers by id: one locked directory each (ST2, R22).
 *
 * A lock is waited for, and whoever held it may have removed the directory: what is locked counts
 * only if it still bears the name.
 *
 * A directory without "state.json" is what a command that was killed leaves behind.  Its id stays
 * taken, store_find() gives it, and record_load() fails; `delete --force` removes it.
 */
#include "state/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "os/clock.h"
#include "os/directory.h"
#include "os/lock.h"
#include "os/self.h"
#include "state/record.h"

enum { ID_MAX = 128, ATTEMPTS = 64, PAUSE_MILLISECONDS = 5 };

static bool is_alphanumeric(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z');
}

static bool is_id(const char *id)
{
    if (!is_alphanumeric(id[0]) || strnlen(id, ID_MAX + 1) > ID_MAX)
        return false;
    for (const char *at = id; *at; at++)
        if (!is_alphanumeric(*at) && !strchr("_+.-", *at))
            return false;
    return true;
}

fallible store_check_id(const char *id)
{
    if (is_id(id))
        return OK;
    return error_hint(error_new(ERROR_ID, "'%.*s' is not a container id", ID_MAX, id),
                      "an id has 1 to %d of the characters A-Z a-z 0-9 _ + . -, "
                      "the first a letter or digit",
                      ID_MAX);
}

static fallible unknown(const char *id)
{
    return error_new(ERROR_UNKNOWN, "container \"%s\" does not exist", id);
}

static fallible check_owner(const struct stat *status, const char *id)
{
    if (status->st_uid == self_user() && !(status->st_mode & (S_IWGRP | S_IWOTH)))
        return OK;
    return error_new(ERROR_RECORD, "the directory of container \"%s\" is not ours alone", id);
}

/* Most likely its creator, who waits for a hook. */
static fallible busy(int directory, const char *id)
{
    pid_t holder = 0;

    error_forget(lock_find_holder(directory, &holder));
    if (!holder)
        return error_hint(
            error_new(ERROR_TIMEOUT, "container \"%s\" is busy: another tare holds its lock", id),
            "look for a tare on it that hangs, or is stopped");
    return error_hint(
        error_new(ERROR_TIMEOUT, "container \"%s\" is busy: process %d holds its lock", id, holder),
        "it may wait for a hook, or be stopped: see 'ps -fp %d'; when it is killed the "
        "container can be deleted",
        holder);
}

/* Only a command that hangs or is stopped keeps a lock for long. */
static fallible lock(const struct store *store, int directory, const char *id)
{
    const struct timespec pause = { .tv_nsec = PAUSE_MILLISECONDS * 1000000L };
    uint64_t end = 0; /* as soon as there is something to wait for */

    while (flock(directory, LOCK_EX | LOCK_NB)) {
        if (errno == EINTR)
            continue; /* that says nothing of others */
        if (errno != EWOULDBLOCK)
            return error_system("lock container \"%s\"", id);
        uint64_t now = clock_now();
        if (!end)
            end = now + (uint64_t) store->patience * 1000000;
        if (now >= end)
            return busy(directory, id);
        nanosleep(&pause, NULL);
    }
    return OK;
}

/* DIRECTORY stays -1 if nothing has the name. */
static fallible open_named(const struct store *store, const char *id, int *directory,
                           struct stat *status)
{
    auto_close int opened =
        openat(store->directory, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (opened < 0 && errno == ENOENT)
        return OK;
    if (opened < 0 && (errno == ENOTDIR || errno == ELOOP))
        return error_errno(ERROR_RECORD, "open the directory of container \"%s\"", id);
    if (opened < 0)
        return error_system("open the directory of container \"%s\"", id);
    if (fstat(opened, status))
        return error_system("look at the directory of container \"%s\"", id);
    try(check_owner(status, id));
    *directory = take_fd(&opened);
    return OK;
}

static fallible look(const struct store *store, const char *id, struct stat *named, bool *is_there)
{
    *is_there = !fstatat(store->directory, id, named, AT_SYMLINK_NOFOLLOW);
    return *is_there || errno == ENOENT ? OK : error_system("look for container \"%s\"", id);
}

/* Opens and locks what has the name; DIRECTORY is left alone if that changes meanwhile. */
static fallible take_named(const struct store *store, const char *name, int *directory,
                           bool *is_taken)
{
    struct stat ours, named;
    bool is_there;
    auto_close int locked = -1;
    try(open_named(store, name, &locked, &ours));
    if (locked < 0)
        return OK;
    try(lock(store, locked, name));
    try(look(store, name, &named, &is_there));
    if (!is_there || named.st_ino != ours.st_ino || named.st_dev != ours.st_dev)
        return OK;

    *directory = take_fd(&locked);
    *is_taken = true;
    return OK;
}

static fallible take(const struct store *store, const char *id, struct entry *entry, bool *is_taken)
{
    int directory = -1;

    try(take_named(store, id, &directory, is_taken));
    if (*is_taken)
        *entry = (struct entry){ .directory = directory, .is_locked = true, .id = id };
    return OK;
}

fallible store_claim(const struct store *store, const char *id, struct entry *entry)
{
    try(store_check_id(id));
    /* Between making and locking, a `delete --force` may take it for a leftover. */
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        bool is_made = !mkdirat(store->directory, id, 0700);
        if (!is_made && errno == EEXIST)
            return entry_exists(id);
        if (!is_made)
            return error_call(error_system("make the directory of container \"%s\"", id),
                              CALL_MKDIR, store->path);
        bool is_taken = false;
        struct error *error = take(store, id, entry, &is_taken);
        /* Who holds the lock is at work on it: as a creator, where it was taken for a leftover. */
        if (error && error->code != ERROR_TIMEOUT)
            unlinkat(store->directory, id, AT_REMOVEDIR);
        if (error || is_taken)
            return error;
    }
    return error_new(ERROR_STATE, "container \"%s\" is being removed again and again", id);
}

fallible store_find(const struct store *store, const char *id, struct entry *entry)
{
    struct stat status;

    try(store_check_id(id));
    if (store->directory < 0)
        return unknown(id);
    /* Gone when we had the lock: there may be a new one of that name. */
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        bool is_taken = false, is_there;
        try(take(store, id, entry, &is_taken));
        if (is_taken)
            return OK;
        try(look(store, id, &status, &is_there));
        if (!is_there)
            break;
    }
    return unknown(id);
}

fallible store_peek(const struct store *store, const char *id, struct entry *entry)
{
    struct stat status;
    int directory = -1;

    try(store_check_id(id));
    if (store->directory >= 0)
        try(open_named(store, id, &directory, &status));
    if (directory < 0)
        return unknown(id);
    *entry = (struct entry){ .directory = directory, .id = id };
    return OK;
}

/* Ids found so far; the array moves when it is full. */
struct id_list {
    const char **v;
    unsigned n, room;
};

static fallible add_id(struct id_list *list, const char *name, struct arena *arena)
{
    if (list->n == list->room) {
        const char **larger;
        list->room = list->room ? 2 * list->room : 64;
        try_new(larger, arena, list->room);
        if (list->n > 0)
            memcpy(larger, list->v, list->n * sizeof(*larger));
        list->v = larger;
    }
    try_print(list->v[list->n], arena, "%s", name);
    list->n++;
    return OK;
}

static bool is_directory(int parent, const struct directory_entry *entry)
{
    struct stat status;
    if (entry->type != DT_UNKNOWN)
        return entry->type == DT_DIR;
    return !fstatat(parent, entry->name, &status, AT_SYMLINK_NOFOLLOW) && S_ISDIR(status.st_mode);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static bool is_any(const char *name, const char *unused)
{
    (void) unused;
    return is_id(name);
}

static bool is_number(const char *text)
{
    return *text && !text[strspn(text, "0123456789")];
}

/* Only ".ID.0" and so on; a NULL is any. */
static bool is_retired(const char *name, const char *id)
{
    const char *dot = strrchr(name, '.');
    size_t length = dot > name ? (size_t) (dot - name) - 1 : 0;

    return name[0] == '.' && length > 0 && is_alphanumeric(name[1]) && is_number(dot + 1) &&
           (!id || (strlen(id) == length && !strncmp(name + 1, id, length)));
}

static fallible list_directories(const struct store *store,
                                 bool (*is_wanted)(const char *, const char *), const char *id,
                                 struct arena *arena, struct id_list *list)
{
    struct directory directory;
    struct directory_entry entry = { .name = store->directory < 0 ? NULL : "" };

    try_new(list->v, arena, 0);
    if (entry.name)
        try(directory_begin(store->directory, &directory));
    while (entry.name) {
        try_within(directory_next(&directory, &entry), "list the containers in %s", store->path);
        if (entry.name && is_wanted(entry.name, id) && is_directory(store->directory, &entry))
            try(add_id(list, entry.name, arena));
    }
    qsort(list->v, list->n, sizeof(*list->v), compare_ids);
    return OK;
}

fallible store_list(const struct store *store, struct arena *arena, const char *const **ids,
                    unsigned *count)
{
    struct id_list list = { .n = 0 };

    try(list_directories(store, is_any, NULL, arena, &list));
    *ids = list.v;
    *count = list.n;
    return OK;
}

fallible store_list_retired(const struct store *store, const char *id, struct arena *arena,
                            const char *const **names, unsigned *count)
{
    struct id_list list = { .n = 0 };

    try(list_directories(store, is_retired, id, arena, &list));
    *names = list.v;
    *count = list.n;
    return OK;
}

fallible store_find_retired(const struct store *store, const char *name, struct arena *arena,
                            struct entry *entry)
{
    int directory = -1;
    bool is_taken = false;
    const char *id, *kept;

    try_print(id, arena, "%.*s", (int) (strrchr(name, '.') - name) - 1, name + 1);
    try_print(kept, arena, "%s", name);
    if (store->directory >= 0)
        try(take_named(store, name, &directory, &is_taken));
    if (!is_taken)
        return unknown(id);
    *entry = (struct entry){ .directory = directory, .is_locked = true, .id = id, .retired = kept };
    return OK;
}

fallible store_retire(const struct store *store, struct entry *entry, struct arena *arena)
{
    const char *name;

    for (unsigned i = 0; i < ATTEMPTS; i++) {
        try_print(name, arena, ".%s.%u", entry->id, i);
        if (!renameat(store->directory, entry->id, store->directory, name)) {
            entry->retired = name;
            return OK;
        }
        if (errno != ENOTEMPTY && errno != EEXIST)
            break;
    }
    return error_system("give back the name of container \"%s\"", entry->id);
}

/* Removes the files, the record last: what a kill leaves can still be deleted by what it says.
 * Behind it goes but what keeps the id from those who claim it. */
static fallible remove_files(const struct entry *entry)
{
    struct directory directory;
    struct directory_entry file = { .name = "" };
    try(directory_begin(entry->directory, &directory));
    while (file.name) {
        try(directory_next(&directory, &file));
        if (!file.name || text_equal(file.name, RECORD_FILE) || text_equal(file.name, CONFIG_COPY))
            continue;
        try(directory_remove(entry->directory, file.name));
    }
    if (unlinkat(entry->directory, RECORD_FILE, 0) && errno != ENOENT)
        return error_errno(ERROR_RECORD, "remove '%s'", RECORD_FILE);
    return directory_remove(entry->directory, CONFIG_COPY);
}

/* By its name, which another that was retired has got since, because this one was empty. */
static bool is_removed(const struct entry *entry)
{
    struct stat status;

    return !fstat(entry->directory, &status) && !status.st_nlink;
}

fallible store_remove(const struct store *store, struct entry *entry)
{
    const char *name = entry->retired ? entry->retired : entry->id;

    /* Some filesystems leave out names when others are unlinked while they are listed. */
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        if (i && is_removed(entry))
            return OK;
        try_within(remove_files(entry), "forget container \"%s\"", entry->id);
        if (!unlinkat(store->directory, name, AT_REMOVEDIR) || errno == ENOENT)
            return OK;
        if (errno != ENOTEMPTY && errno != EEXIST)
            break;
    }
    return error_system("remove the directory of container \"%s\"", entry->id);
}
