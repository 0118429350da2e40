/* SPDX-License-Identifier: Apache-2.0 */
/* linux.uidMappings and linux.gidMappings, carried out by the host while the child waits.  Who
 * lacks the capabilities may map just himself, and the gid only once setgroups(2) is given up; the
 * rest is the business of newuidmap and newgidmap, which know what the administrator has granted.
 */

#include "namespace/user_ns.h"

#include <errno.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "os/keeper.h"
#include "os/proc.h"
#include "os/program.h"
#include "os/self.h"
#include "os/user_namespace.h"

enum { MAP_SIZE = 16384, FILE_SIZE = 48 };

/* One of the two maps. */
struct task {
    const char *field;
    const struct id_map *map;
    const char *file; /* of /proc/PID */
    const char *program;
    const char *grants; /* where the administrator says who may map what */
    uint32_t own;       /* our id of that kind */
    bool is_group;
    int proc;
    pid_t pid;
    struct arena *arena;
};

static fallible write_file(const struct task *task, const char *file, const char *text)
{
    char path[FILE_SIZE];
    text_format(path, sizeof(path), "%d/%s", (int) task->pid, file);
    return proc_write(task->proc, path, text);
}

static fallible read_back(const struct task *task, struct id_map *map)
{
    char path[FILE_SIZE], text[MAP_SIZE];
    text_format(path, sizeof(path), "%d/%s", (int) task->pid, task->file);
    try(proc_read(task->proc, path, text, sizeof(text)));
    return id_map_parse(text, task->arena, map);
}

static bool maps_self_alone(const struct task *task)
{
    return task->map->n == 1 && task->map->v[0].size == 1 && task->map->v[0].outside == task->own;
}

/* "newuidmap PID 0 1000 1 1 100000 65536" */
static fallible name_words(const struct task *task, const char *const **args)
{
    const char **words;

    try_new(words, task->arena, task->map->n * 3 + 3);
    words[0] = task->program;
    try_print(words[1], task->arena, "%d", (int) task->pid);
    const char **three = words + 2;
    for (uint32_t i = 0; i < task->map->n; i++, three += 3) {
        const struct id_mapping *mapping = &task->map->v[i];
        try_print(three[0], task->arena, "%u", mapping->inside);
        try_print(three[1], task->arena, "%u", mapping->outside);
        try_print(three[2], task->arena, "%u", mapping->size);
    }
    *args = words;
    return OK;
}

static fallible run_program(const struct task *task)
{
    static const char *const no_environment[] = { NULL };
    char path[PROGRAM_PATH_SIZE];
    struct program program = { .path = path, .env = no_environment, .file = -1, .directory = -1 };

    try(name_words(task, &program.args));
    struct error *error = program_find(task->program, path);
    if (error)
        return error_hint(error, "install the package uidmap: without it only a map of one's own "
                                 "id alone can be written");
    error = program_run(&program);
    if (self_user() == 0)
        return error_hint(error,
                          "root may write any map if it has %s here; %s says what uid 0 may "
                          "map without",
                          task->is_group ? "CAP_SETGID" : "CAP_SETUID", task->grants);
    return error_hint(error, "%s says what uid %u may map", task->grants, (unsigned) self_user());
}

static fallible write_map(const struct task *task)
{
    struct error *refused = write_file(task, task->file, task->map->text);

    if (!refused || refused->number != EPERM)
        return refused;
    error_forget(refused);
    if (!maps_self_alone(task))
        return run_program(task);
    if (task->is_group)
        try(write_file(task, "setgroups", "deny"));
    return write_file(task, task->file, task->map->text);
}

static fallible map_ids(const struct task *task)
{
    struct id_map found;

    try(write_map(task));
    try(read_back(task, &found));
    if (!id_map_is_same(task->map, &found))
        return error_new(ERROR_READ_BACK, "the kernel has other mappings than were written");
    return OK;
}

static fallible compare(const struct task *task)
{
    struct id_map found;

    if (!task->map->n)
        return OK;
    try(read_back(task, &found));
    if (!id_map_is_same(task->map, &found))
        return error_config(task->field, "the user namespace that is joined has other mappings");
    return OK;
}

static fallible each(const struct user_ns_maps *maps, pid_t pid, struct arena *arena,
                     struct error *(*visit)(const struct task *) )
{
    int proc;

    try(proc_mounted(&proc));
    const struct task tasks[] = {
        { maps->uid_field, maps->uids, "uid_map", "newuidmap", "/etc/subuid", self_user(), false,
          proc, pid, arena },
        { maps->gid_field, maps->gids, "gid_map", "newgidmap", "/etc/subgid", getegid(), true, proc,
          pid, arena },
    };
    for (int i = 0; i < 2; i++)
        try(error_field(visit(&tasks[i]), "%s", tasks[i].field));
    return OK;
}

fallible user_ns_map(const struct user_ns_plan *plan, pid_t pid, struct arena *arena)
{
    const struct user_ns_maps maps = { &plan->uids, &plan->gids, "linux.uidMappings",
                                       "linux.gidMappings" };
    return each(&maps, pid, arena, plan->is_new ? map_ids : compare);
}

fallible user_ns_make(const struct user_ns_maps *maps, struct arena *arena, int *namespace)
{
    struct keeper keeper = { -1, -1, -1 };

    try(user_namespace_bear(&keeper));
    struct error *error = each(maps, keeper.pid, arena, map_ids);
    if (!error)
        error = user_namespace_open(keeper.pid, namespace);
    keeper_end(&keeper);
    return error;
}
