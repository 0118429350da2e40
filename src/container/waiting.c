/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container waits for (state --explain).
 *
 * Nothing of it is written down: who works at a container holds its lock, and whom that one waits
 * for is its child, as hooks are of tare or, where they run inside, of init.  All that can change
 * or end while we look, so that what cannot be read is nobody.
 */
#include "container/waiting.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/list.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "cgroup/cgroup.h"
#include "cgroup/freezer.h"
#include "container/container.h"
#include "libocispec/config.h"
#include "os/clock.h"
#include "os/directory.h"
#include "os/lock.h"
#include "os/proc.h"
#include "state/start_socket.h"

enum { PATH_SIZE = 64, CHILDREN_SIZE = 4096, WORDS_SIZE = 4096, PID_MAX = 1 << 30 };

/* Of a container, however many it has: a file is read for each. */
enum { THREADS_MOST = 10000 };

/* The words of a process, each with a NUL behind, and one more at the end; none if it is gone. */
struct words {
    char text[WORDS_SIZE + 2];
};

static void read_file(pid_t pid, const char *name, char *text, size_t size)
{
    char path[PATH_SIZE];
    int proc;

    memset(text, 0, size);
    text_format(path, sizeof(path), "%d/%s", pid, name);
    struct error *error = proc_mounted(&proc);
    error_forget(error ? error : proc_read(proc, path, text, size));
}

static void read_words(pid_t pid, struct words *words)
{
    words->text[WORDS_SIZE] = words->text[WORDS_SIZE + 1] = '\0';
    read_file(pid, "cmdline", words->text, WORDS_SIZE);
}

static const char *next_word(const char *word)
{
    return *word ? word + strlen(word) + 1 : word;
}

/* The last child but init, or 0: whom one waits for is born behind it. */
static pid_t find_child(pid_t parent, pid_t init)
{
    char name[PATH_SIZE], children[CHILDREN_SIZE], number[16];
    pid_t found = 0;
    uint64_t pid;

    text_format(name, sizeof(name), "task/%d/children", parent);
    read_file(parent, name, children, sizeof(children));
    for (const char *at = children; *at; at += strcspn(at, " "), at += *at == ' ') {
        text_format(number, sizeof(number), "%.*s", (int) strcspn(at, " "), at);
        if (text_to_unsigned(number, PID_MAX, &pid) && (pid_t) pid != init)
            found = (pid_t) pid;
    }
    return found;
}

/* Start times count ticks since boot. */
static fallible show_start(unsigned long long ticks, struct arena *arena, const char **since)
{
    char text[TIMESTAMP_SIZE];
    struct timespec date = clock_date(), awake = { 0 };
    long each = sysconf(_SC_CLK_TCK);

    clock_gettime(CLOCK_BOOTTIME, &awake);
    date.tv_sec -= awake.tv_sec - (time_t) (ticks / (unsigned long) each);
    timestamp_print(text, &date, 1);
    try_print(*since, arena, "%s", text);
    return OK;
}

/* Blanks between the words; what else is in them must not reach a terminal, nor break JSON. */
static fallible show_words(const struct words *words, struct arena *arena, const char **command)
{
    char joined[WORDS_SIZE];
    size_t used = 0;

    joined[0] = '\0';
    for (const char *word = words->text; *word && used < sizeof(joined); word = next_word(word))
        used += text_format(joined + used, sizeof(joined) - used, "%s%s", used ? " " : "", word);
    if (!*joined)
        return OK;
    *command = escape_copy(arena, joined, ESCAPE_PLAIN);
    return *command ? OK : allocate_failed();
}

static fallible tell_process(pid_t pid, const struct words *words, struct arena *arena,
                             struct oci_waiting *waiting)
{
    unsigned long long started = 0;
    char state = '?';
    int proc;

    waiting->process = (struct oci_opt_i32){ pid, true };
    try(show_words(words, arena, &waiting->command));
    try(proc_mounted(&proc));
    struct error *error = proc_read_start(proc, pid, &started, &state);
    if (error) {
        error_forget(error);
        return OK;
    }
    waiting->is_stopped = (struct oci_opt_bool){ state == 'T', state == 'T' };
    return show_start(started, arena, &waiting->since);
}

static bool has_words(const struct oci_string_array *args, const struct words *words)
{
    const char *word = words->text;

    for (size_t i = 0; i < args->n; i++, word = next_word(word))
        if (!text_equal(args->v[i], word))
            return false;
    return args->n;
}

/* Of a script the interpreter stands before it. */
static bool is_hook(const struct oci_hook *hook, const struct words *words)
{
    return has_words(&hook->args, words) || text_equal(words->text, hook->path) ||
           text_equal(next_word(words->text), hook->path);
}

/* A member of hooks, of those that can run while the container waits. */
struct hook_kind {
    const char *name;
    const struct oci_hook_array *hooks;
};

enum { KINDS = 2 }; /* that run at one place */

/* Which kind it is; if no words say so, since a hook has executed another program, the only one
 * there is.  NULL if neither is known. */
static const char *name_hook(const struct hook_kind kinds[KINDS], const struct words *words)
{
    for (int i = 0; i < KINDS; i++)
        for (size_t j = 0; j < kinds[i].hooks->n; j++)
            if (is_hook(kinds[i].hooks->v[j], words))
                return kinds[i].name;
    for (int i = 0; i < KINDS; i++)
        if (!kinds[1 - i].hooks->n)
            return kinds[i].name;
    return NULL;
}

/* Programs that tare itself needs. */
static bool is_helper(const struct words *words)
{
    static const char *const names[] = { "criu", "scope", "newuidmap", "newgidmap" };
    const char *slash = strrchr(words->text, '/'), *name = slash ? slash + 1 : words->text;

    for (size_t i = 0; i < LENGTH(names); i++)
        if (text_equal(name, names[i]))
            return true;
    return false;
}

/* The child of who holds the lock that it waits for, or 0.  Until init's pid is noted no hook runs,
 * and nothing but its words tells such a program from init. */
static pid_t find_awaited(pid_t holder, pid_t init)
{
    pid_t child = find_child(holder, init);
    struct words words;

    if (!child || init)
        return child;
    read_words(child, &words);
    return is_helper(&words) ? child : 0;
}

/* IS_INSIDE: it is a child of init, else of tare. */
static fallible tell_child(const struct container *container, pid_t child, bool is_inside,
                           struct arena *arena, struct oci_waiting *waiting)
{
    struct oci_config *config = NULL;
    struct words words;

    read_words(child, &words);
    error_forget(container_read_config(&container->entry, arena, &config));
    const struct oci_hooks *hooks = config ? config->hooks : NULL;
    waiting->what = "command";
    if (hooks && !is_helper(&words)) {
        const struct hook_kind kinds[][KINDS] = {
            { { "prestart", &hooks->prestart }, { "createRuntime", &hooks->create_runtime } },
            { { "createContainer", &hooks->create_container },
              { "startContainer", &hooks->start_container } },
        };
        waiting->what = "hook";
        waiting->hook = name_hook(kinds[is_inside], &words);
    }
    return tell_process(child, &words, arena, waiting);
}

static fallible tell_holder(const struct container *container, pid_t holder, struct arena *arena,
                            struct oci_waiting *waiting)
{
    pid_t init = container->record.pid.value, child = find_awaited(holder, init);
    pid_t inside = !child && init ? find_child(init, 0) : 0;
    struct words words;

    if (child)
        return tell_child(container, child, false, arena, waiting);
    if (inside && container->status == CONTAINER_CREATING)
        return tell_child(container, inside, true, arena, waiting);
    read_words(holder, &words);
    waiting->what = "command";
    return tell_process(holder, &words, arena, waiting);
}

/* The kernel's function in which a thread waits for the answer of an agent. */
static bool thread_awaits_agent(pid_t pid, const char *thread)
{
    char name[PATH_SIZE], function[PATH_SIZE];

    text_format(name, sizeof(name), "task/%s/wchan", thread);
    read_file(pid, name, function, sizeof(function));
    return text_starts(function, "seccomp_do_user_notification") ||
           text_starts(function, "__seccomp_filter");
}

static fallible open_threads(pid_t pid, int *threads)
{
    char path[PATH_SIZE];
    int proc;

    text_format(path, sizeof(path), "%d/task", pid);
    try(proc_mounted(&proc));
    return proc_open_directory(proc, path, threads);
}

/* LEFT counts down the threads that may still be looked at. */
static fallible find_asking(pid_t pid, unsigned *left, bool *is_asking)
{
    auto_close int threads = -1;
    struct directory names;
    struct directory_entry thread;

    try(open_threads(pid, &threads));
    try(directory_begin(threads, &names));
    do {
        try(directory_next(&names, &thread));
        *is_asking = thread.name && thread_awaits_agent(pid, thread.name);
    } while (thread.name && !*is_asking && --*left);
    return OK;
}

static bool awaits_agent(pid_t pid, unsigned *left)
{
    bool is_asking = false;

    error_forget(find_asking(pid, left, &is_asking));
    return is_asking;
}

static fallible tell_agent(const struct container *container, struct arena *arena,
                           struct oci_waiting *waiting)
{
    struct cgroup_processes processes = { 0 };
    unsigned left = THREADS_MOST;
    struct words words;

    if (!container->record.cgroup_path)
        return OK;
    try(container_list_processes(container, arena, &processes));
    for (size_t i = 0; i < processes.n && left; i++)
        if (awaits_agent(processes.v[i], &left)) {
            waiting->what = "seccomp agent";
            read_words(processes.v[i], &words);
            return tell_process(processes.v[i], &words, arena, waiting);
        }
    return OK;
}

/* Its own cgroup, or the nearest above that somebody has frozen. */
static fallible tell_frozen(const struct record *record, struct arena *arena,
                            struct oci_waiting *waiting)
{
    char *path;

    waiting->what = "resume";
    try_new(path, arena, strlen(record->cgroup_path) + 1);
    memcpy(path, record->cgroup_path, strlen(record->cgroup_path));
    while (*path) {
        auto_close int directory = -1;
        bool is_frozen = false;
        struct error *error = cgroup_open(record->cgroup_mount, path, &directory);
        if (!error)
            error = freezer_is_asked(directory, &is_frozen);
        error_forget(error);
        if (is_frozen) {
            waiting->cgroup = path;
            return OK;
        }
        *strrchr(path, '/') = '\0';
    }
    return OK;
}

static fallible tell_created(const struct container *container, struct arena *arena,
                             struct oci_waiting *waiting)
{
    pid_t hook =
        start_socket_is_going(&container->entry) ? find_child(container->record.pid.value, 0) : 0;

    if (hook)
        return tell_child(container, hook, true, arena, waiting);
    waiting->what = "start";
    return OK;
}

fallible waiting_find(const struct container *container, struct arena *arena,
                      struct oci_waiting *waiting)
{
    struct oci_waiting found = { 0 };
    pid_t holder = 0;

    struct error *error = lock_find_holder(container->entry.directory, &holder);
    bool is_known = !error;
    error_forget(error);
    if (holder)
        try(tell_holder(container, holder, arena, &found));
    else if (container->status == CONTAINER_CREATING)
        found.what = is_known ? "nobody" : NULL;
    else if (container->status == CONTAINER_CREATED)
        try(tell_created(container, arena, &found));
    else if (container->status == CONTAINER_PAUSED)
        try(tell_frozen(&container->record, arena, &found));
    else if (container->status == CONTAINER_STOPPED)
        found.what = "delete";
    else
        try(tell_agent(container, arena, &found));
    *waiting = found;
    return OK;
}
