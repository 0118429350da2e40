/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.cgroupsPath with the systemd driver: what is asked of systemd, through our program `scope`.
 *
 * A unit is known as ours by its description, which has the moment of the container's record in it:
 * what a later container, or somebody else, has under the same name is never stopped.
 */
#include "cgroup/scope.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/foreign.h"
#include "base/list.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cgroup/file.h"
#include "cgroup/path.h"
#include "cgroup/scope_text.h"
#include "os/keeper.h"
#include "os/program.h"
#include "os/user_namespace.h"

/* Of all that is asked at once, and of one question. */
enum { SECONDS = 60, SECONDS_EACH = 20, REPLY_SIZE = 8192, NAMES_SIZE = 512, WORDS_SIZE = 1024 };

static const char *read_environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value && !strchr(value, '\n') ? value : NULL;
}

/* Addresses of D-Bus escape what is not in this list. */
static fallible name_user_bus(const char *runtime, struct arena *arena, const char **bus)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_/.\\*";

    try_print(*bus, arena, "unix:path=");
    for (; *runtime; runtime++)
        try_print(*bus, arena, strchr(plain, *runtime) ? "%s%c" : "%s%%%02x", *bus,
                  (unsigned char) *runtime);
    try_print(*bus, arena, "%s/bus", *bus);
    return OK;
}

static fallible find_bus(struct arena *arena, const char **bus)
{
    const char *address = read_environment(user_namespace_is_roots() ? "DBUS_SYSTEM_BUS_ADDRESS"
                                                                     : "DBUS_SESSION_BUS_ADDRESS");
    const char *runtime = read_environment("XDG_RUNTIME_DIR");

    if (address)
        *bus = address;
    else if (user_namespace_is_roots())
        *bus = "unix:path=/run/dbus/system_bus_socket";
    else if (runtime)
        try(name_user_bus(runtime, arena, bus));
    else
        return error_hint(error_new(ERROR_CGROUP, "there is no user session to ask systemd in: "
                                                  "neither DBUS_SESSION_BUS_ADDRESS nor "
                                                  "XDG_RUNTIME_DIR is set"),
                          "log in (ssh, machinectl shell), or enable one with loginctl "
                          "enable-linger; or leave --systemd-cgroup out");
    return OK;
}

static fallible describe(const struct scope_owner *owner, struct arena *arena, const char **text)
{
    struct stat state = { 0 };

    if (owner->state >= 0 && fstat(owner->state, &state))
        return error_system("look at the state directory");
    try_print(*text, arena, "container %s of tare, state %llu:%llu, made %s", owner->id,
              (unsigned long long) state.st_dev, (unsigned long long) state.st_ino,
              owner->created ? owner->created : "");
    return OK;
}

fallible scope_find(const char *unit, const struct scope_owner *owner, struct arena *arena,
                    struct scope *scope)
{
    struct scope found = { .unit = unit };
    char path[PROGRAM_PATH_SIZE];

    struct error *error = program_find_own("scope", path);
    if (error && error->code != ERROR_PROGRAM)
        return error;
    if (error) {
        error_forget(error);
        error = error_unsupported("linux.cgroupsPath", "the systemd cgroup driver is not installed "
                                                       "(the program scope)");
        return scope_is_built
                   ? error_hint(error,
                                "it is put into %s by make install; or leave "
                                "--systemd-cgroup out",
                                program_directory)
                   : error_hint(error, "build tare with libsystemd (configure --with-systemd), or "
                                       "leave --systemd-cgroup out");
    }
    try_print(found.program, arena, "%s", path);
    try(describe(owner, arena, &found.description));
    try(find_bus(arena, &found.bus));
    *scope = found;
    return OK;
}

/* What the program has answered. */
struct answer {
    const char *cgroup; /* behind "ok", or NULL */
    bool is_taken;      /* the name of the unit is another's */
};

/* What went wrong, by the first word of the reply; the rest is systemd's. */
static const struct kind {
    const char *word, *what, *hint;
    enum error_code code;
} kinds[] = {
    { "bus", "cannot speak to systemd over D-Bus",
      "is there a session, and is systemd process 1?  Leave --systemd-cgroup out where it is not",
      ERROR_CGROUP },
    { "exists", "the name is taken", "another container may have the same linux.cgroupsPath",
      ERROR_CGROUP },
    { "job", "systemd's job ended without success", "journalctl may tell why", ERROR_CGROUP },
    { "late", "systemd takes too long", "journalctl may tell why", ERROR_TIMEOUT },
    { "refused", "systemd refuses",
      "the properties of a unit are in systemd.resource-control(5) "
      "and systemd.kill(5)",
      ERROR_CGROUP },
};

static const struct kind *find_kind(const char *words, size_t length)
{
    for (size_t i = 0; i < LENGTH(kinds); i++)
        if (strlen(kinds[i].word) == length && text_starts(words, kinds[i].word))
            return &kinds[i];
    return NULL;
}

static fallible explain(const struct scope *scope, const char *words, struct answer *answer)
{
    size_t length = strcspn(words, " ");
    const struct kind *kind = find_kind(words, length);
    char text[WORDS_SIZE];

    if (!kind)
        return error_new(ERROR_PROTOCOL, "%s: %s says '%s'", scope->unit, scope->program, words);
    foreign_reword(words + length + (words[length] == ' '), text, sizeof(text));
    answer->is_taken = text_equal(kind->word, "exists");
    struct error *error = error_new(kind->code, "%s: %s: %s", scope->unit, kind->what, text);
    if (text_equal(kind->word, "bus") && !user_namespace_is_roots())
        return error_hint(error_within(error, "no user session answers at %s", scope->bus),
                          "log in (ssh, machinectl shell), or enable one with loginctl "
                          "enable-linger; or leave --systemd-cgroup out");
    return error_hint(error, "%s", kind->hint);
}

/* REQUEST is what stands behind the bus and the unit. */
static fallible ask(const struct scope *scope, const char *verb, const struct scope_text *request,
                    struct answer *answer)
{
    const char *const args[] = { scope->program, verb, NULL }, *const env[] = { NULL };
    struct scope_text head = { .arena = request->arena };
    char *reply = NULL;

    try(scope_text_add(&head, "bus %s\nunit %s\nseconds %d\n", scope->bus, scope->unit,
                       scope->seconds ? (int) scope->seconds : SECONDS_EACH));
    const struct program program = {
        .path = scope->program,
        .args = args,
        .env = env,
        .file = -1,
        .directory = -1,
        .input = { { head.v, head.length }, { request->v ? request->v : "", request->length } },
        .heeds_signals = !text_equal(verb, "stop"), /* that is how we give up */
        .seconds = scope->seconds ? scope->seconds : SECONDS,
    };
    try(program_read(&program, REPLY_SIZE, request->arena, (const char **) &reply));
    *strchrnul(reply, '\n') = '\0';
    if (text_starts(reply, "error "))
        return explain(scope, reply + strlen("error "), answer);
    bool has_cgroup = text_starts(reply, "ok /");
    if (has_cgroup != text_equal(verb, "start") || (!has_cgroup && !text_equal(reply, "ok")))
        return error_new(ERROR_PROTOCOL, "%s says '%s'", scope->program, reply);
    answer->cgroup = has_cgroup ? reply + strlen("ok ") : NULL;
    return OK;
}

/* All but start. */
static fallible tell(const struct scope *scope, const char *verb, const struct scope_text *request)
{
    struct answer answer;

    return ask(scope, verb, request, &answer);
}

/* CollectMode: a scope whose processes were killed by the kernel shall not stay as a failed one. */
static fallible add_own(const struct scope *scope, const struct scope_plan *plan, pid_t pid,
                        struct scope_text *request)
{
    try(scope_text_add_string(request, "Description", scope->description));
    try(scope_text_add_string(request, "Slice", plan->slice));
    try(scope_text_add_bool(request, "DefaultDependencies", false));
    try(scope_text_add_string(request, "CollectMode", "inactive-or-failed"));
    try(scope_text_add(request, "%s", plan->properties));
    try(scope_text_add_bool(request, "Delegate", true));
    try(scope_text_add_bool(request, "MemoryAccounting", true));
    try(scope_text_add_bool(request, "TasksAccounting", true));
    try(scope_text_add_bool(request, "CPUAccounting", true));
    try(scope_text_add_bool(request, "IOAccounting", true));
    return scope_text_add(request, "property PIDs au\na u\n=u %u\n.\n", (unsigned) pid);
}

/* One that was started in vain, or may have been, ends.  The keeper ends before: it heeds no more
 * signals than we do, and systemd would wait for it. */
fallible scope_start(const struct scope *scope, const struct scope_plan *plan,
                     struct keeper *keeper, const struct scope_text *devices, const char **cgroup)
{
    struct scope_text request = { .arena = devices->arena };
    struct answer answer = { .is_taken = false };

    try(add_own(scope, plan, keeper->pid, &request));
    try(scope_text_add(&request, "%s", devices->length ? devices->v : ""));
    struct error *error = ask(scope, "start", &request, &answer);
    if (!error && cgroup_path_fault(answer.cgroup))
        error = error_new(ERROR_PROTOCOL, "%s has the cgroup '%s'", scope->unit, answer.cgroup);
    if (error)
        keeper_end(keeper);
    if (error && !answer.is_taken)
        error_forget(scope_stop(scope, devices->arena));
    *cgroup = answer.cgroup;
    return error;
}

fallible scope_set(const struct scope *scope, const struct scope_text *properties)
{
    return tell(scope, "set", properties);
}

fallible scope_attach(const struct scope *scope, const char *below, pid_t pid, struct arena *arena)
{
    struct scope_text request = { .arena = arena };
    if (*below)
        try(scope_text_add(&request, "subgroup %s\n", below));
    try(scope_text_add(&request, "pid %d\n", (int) pid));
    return tell(scope, "attach", &request);
}

fallible scope_stop(const struct scope *scope, struct arena *arena)
{
    struct scope_text request = { .arena = arena };

    try(scope_text_add(&request, "description %s\n", scope->description));
    return tell(scope, "stop", &request);
}

size_t scope_path_length(const char *unit, const char *path, uint32_t kept)
{
    const char *last = strrchr(path, '/');

    return last && text_equal(last + 1, unit) ? strlen(path) : kept;
}

fallible scope_check_process(const struct cgroup_plan *plan, const char *cgroup, pid_t pid,
                             struct arena *arena)
{
    struct cgroup_processes processes;
    auto_close int directory = -1;

    try(cgroup_open(plan->mount, cgroup, &directory));
    try(cgroup_list_processes(directory, arena, &processes));
    if (cgroup_has_process(&processes, pid))
        return OK;
    return error_hint(
        error_new(ERROR_CGROUP, "%s has got another process than ours", plan->scope->unit),
        "systemd must see the same numbers of processes as tare: leave "
        "--systemd-cgroup out in a pid namespace that is not systemd's");
}

/* What it cannot hand down nobody may need; limits that do say so (limits_enable_controllers()). */
static fallible hand_down(const char *mount, const char *path)
{
    char names[NAMES_SIZE], word[NAMES_SIZE], *rest = NULL;
    auto_close int directory = -1;

    try(cgroup_open(mount, path, &directory));
    try(cgroup_file_read(directory, "cgroup.controllers", names, sizeof(names)));
    for (char *name = strtok_r(names, " \n", &rest); name; name = strtok_r(NULL, " \n", &rest)) {
        text_format(word, sizeof(word), "+%s", name);
        error_forget(cgroup_file_write(directory, "cgroup.subtree_control", word));
    }
    return OK;
}

fallible scope_make_subgroup(const struct cgroup_plan *plan, pid_t pid, int *directory)
{
    auto_close int made = -1;
    char above[CGROUP_PATH_SIZE];
    uint32_t kept;

    if (!*plan->scope->subgroup)
        return cgroup_open(plan->mount, plan->path, directory);
    try(cgroup_create(plan, &kept, &made));
    try(cgroup_add(made, pid));
    text_format(above, sizeof(above), "%.*s", (int) plan->kept, plan->path);
    try(hand_down(plan->mount, above));
    *directory = take_fd(&made);
    return OK;
}
