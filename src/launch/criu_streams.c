/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The standard streams of a container that is written down or restored.  Those that come from
 * outside, pipes of an engine mostly, are not in the images; "descriptors.json" beside them, a list
 * of three names, says which they were, and whoever restores gives its own in their place.
 *
 * That file is as hostile as the images (R21): a name of ours counts, and no other.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/criu.h"
#include "libocispec/json.h"
#include "libocispec/schema.h"
#include "os/fd.h"
#include "os/mount_list.h"
#include "os/proc.h"

static const char file_name[] = "descriptors.json";

enum { STREAMS = 3, NAME_SIZE = 96, FILE_MOST = 4096 + STREAMS * PATH_MAX, INFO_SIZE = 4096 };

/* Of a container ------------------------------------------------------------------------------- */

/* The mount that a descriptor is on, as "mnt_id" in fdinfo. */
static fallible read_mount(int proc, pid_t pid, int number, uint64_t *mount)
{
    char path[48], text[INFO_SIZE], digits[24];

    text_format(path, sizeof(path), "%d/fdinfo/%d", pid, number);
    try(proc_read(proc, path, text, sizeof(text)));
    const char *found = proc_find_line(text, "mnt_id");
    size_t length = found ? strcspn(found, "\n") : 0;
    text_format(digits, sizeof(digits), "%.*s", (int) length, found ? found : "");
    if (!text_to_unsigned(digits, UINT64_MAX, mount))
        return error_new(ERROR_PROTOCOL, "/proc/%s names no mount", path);
    return OK;
}

static bool is_of_files(mode_t mode)
{
    return S_ISREG(mode) || S_ISCHR(mode) || S_ISDIR(mode);
}

static bool is_terminal(const struct stat *status)
{
    enum { TTY = 4, TTYAUX = 5, PTY_FIRST = 128, PTY_LAST = 143 }; /* devices.txt of the kernel */
    unsigned kind = major(status->st_rdev);

    return S_ISCHR(status->st_mode) &&
           (kind == TTY || kind == TTYAUX || (kind >= PTY_FIRST && kind <= PTY_LAST));
}

/* A container whose streams are looked at. */
struct outside {
    struct criu_work *work;
    int proc;
    pid_t pid;
    struct mount_list mounts;
};

/* What is typed there is meant for whoever it belongs to: it is not handed on unasked. */
static fallible demand_shell_job(const struct criu_work *work, int number)
{
    if (work->options->has_shell_job)
        return OK;
    return error_hint(error_new(ERROR_USAGE,
                                "descriptor %d is a terminal that is not the container's own",
                                number),
                      "with --shell-job it gets the terminal of whoever restores it");
}

/* A file of the host: on no mount that the container has. */
static fallible tell_file(const struct outside *outside, int number, char *name)
{
    char path[48];
    struct stat status;
    uint64_t mount;

    text_format(path, sizeof(path), "%d/fd/%d", outside->pid, number);
    if (fstatat(outside->proc, path, &status, 0))
        return error_system("look at /proc/%s", path);
    if (!is_of_files(status.st_mode))
        return OK;
    try(read_mount(outside->proc, outside->pid, number, &mount));
    if (mount_list_find(&outside->mounts, mount))
        return OK;
    if (is_terminal(&status)) {
        try(demand_shell_job(outside->work, number));
        text_format(name, NAME_SIZE, "tty[%lx:%lx]", (unsigned long) status.st_rdev,
                    (unsigned long) status.st_dev);
    } else
        text_format(name, NAME_SIZE, "file[%x:%lx]", (unsigned) mount,
                    (unsigned long) status.st_ino);
    return criu_external_add(outside->work, "%s", name);
}

static fallible save(const struct criu_work *work, const char *const *names, struct arena *arena)
{
    struct json_writer writer;
    size_t length;

    json_write_begin(&writer, arena, false);
    json_write_open(&writer, JSON_ARRAY);
    for (int i = 0; i < STREAMS; i++)
        json_write_string(&writer, names[i]);
    json_write_close(&writer, JSON_ARRAY);
    const char *text = json_write_end(&writer, &length);
    if (!text)
        return allocate_failed();
    if (unlinkat(work->images, file_name, 0) && errno != ENOENT)
        return error_system("remove the old %s", file_name);
    auto_close int file =
        openat(work->images, file_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return error_system("make %s", file_name);
    return fd_write_all(file, text, length);
}

fallible criu_streams_of(struct criu_work *work, pid_t pid, struct arena *arena)
{
    const char *names[STREAMS];
    struct outside outside = { .work = work, .pid = pid };
    char path[48], link[PATH_MAX];

    try(proc_mounted(&outside.proc));
    try(mount_list_read(outside.proc, pid, arena, &outside.mounts));
    for (int i = 0; i < STREAMS; i++) {
        text_format(path, sizeof(path), "%d/fd/%d", pid, i);
        ssize_t length = readlinkat(outside.proc, path, link, sizeof(link) - 1);
        link[length > 0 ? length : 0] = '\0';
        if (length > 0)
            try(tell_file(&outside, i, link));
        try_print(names[i], arena, "%s", link);
    }
    return save(work, names, arena);
}

/* For a restore -------------------------------------------------------------------------------- */

struct list {
    char names[STREAMS][NAME_SIZE];
    int n;
};

static bool take_value(void *context, struct json_reader *reader, const struct json_token *token)
{
    struct list *list = context;

    if (token->type == JSON_ARRAY)
        return true;
    if (token->type != JSON_STRING)
        return json_refuse(reader, json_offset(reader), NULL, "is no list of names");
    if (list->n < STREAMS)
        text_format(list->names[list->n++], NAME_SIZE, "%.*s", (int) token->length, token->text);
    return true;
}

static bool refuse_key(void *context, struct json_reader *reader, const char *text, size_t length)
{
    (void) context;
    (void) text;
    (void) length;
    return json_refuse(reader, json_offset(reader), NULL, "is no list of names");
}

static bool take_end(void *context, struct json_reader *reader)
{
    (void) context;
    (void) reader;
    return true;
}

/* "pipe:[12]", or "file[1f:3a]" and "tty[8803:18]" as above. */
static bool is_ours(const char *name)
{
    static const char *const kinds[] = { "pipe:[", "file[", "tty[" };

    for (size_t i = 0; i < LENGTH(kinds); i++) {
        size_t length = strlen(kinds[i]), digits;
        if (!text_starts(name, kinds[i]))
            continue;
        digits = strspn(name + length, "0123456789abcdef:");
        return digits && text_equal(name + length + digits, "]");
    }
    return false;
}

/* Of each name one: several streams can be the same pipe. */
static fallible give(struct criu_work *work, const struct list *list)
{
    for (int i = 0; i < list->n; i++) {
        bool is_known = false;
        for (int j = 0; j < i; j++)
            is_known = is_known || text_equal(list->names[j], list->names[i]);
        if (is_known || !is_ours(list->names[i]))
            continue;
        if (text_starts(list->names[i], "tty["))
            try(demand_shell_job(work, i));
        work->streams[i] = fcntl(i, F_DUPFD_CLOEXEC, STREAMS);
        if (work->streams[i] < 0)
            return error_system("duplicate descriptor %d", i);
        criu_inherit_add(work, list->names[i], work->streams[i]);
    }
    return OK;
}

fallible criu_streams_for(struct criu_work *work, struct arena *arena)
{
    static const struct json_handler handler = { refuse_key, take_value, take_end };
    struct oci_problem problem = { 0 };
    struct list list = { .n = 0 };
    const char *text;
    size_t length;

    auto_close int file = openat(work->images, file_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return OK;
    if (file < 0)
        return error_system("open %s", file_name);
    try_within(fd_read_file(&(struct fd_file){ .fd = file }, FILE_MOST, arena, &text, &length),
               "read %s", file_name);
    const struct json_input input = { text, length, arena, &problem };
    if (!json_read(&input, &handler, &list))
        return error_new(ERROR_BUNDLE, "%s of the images: %s", file_name, problem.reason);
    return give(work, &list);
}
