/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what is mounted where a container is; serves checkpoint and restore.  The lines may be the
 * work of the container, which mounts what it likes: a line that is none ends in an error. */

#include "os/mount_list.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "os/fd.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/proc.h"

enum { LIST_MOST = 16 << 20 };
enum {
    ID_FIELD,
    PARENT_FIELD,
    DEVICE_FIELD,
    ROOT_FIELD,
    POINT_FIELD,
    OPTIONS_FIELD,
    FIELDS,
};

static void unescape(char *name)
{
    const char *from = name;

    while (*from)
        *name++ = mount_take_letter(&from);
    *name = '\0';
}

static char *take_word(char **at)
{
    char *word = *at, *end = word + strcspn(word, " ");

    *at = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

static uint64_t read_attributes(char *options)
{
    static const struct {
        const char *name;
        uint64_t attribute;
    } known[] = {
        { "ro", MOUNT_ATTR_RDONLY },
        { "nosuid", MOUNT_ATTR_NOSUID },
        { "nodev", MOUNT_ATTR_NODEV },
        { "noexec", MOUNT_ATTR_NOEXEC },
        { "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW },
    };
    uint64_t attributes = 0;
    char *rest = NULL;

    for (char *word = strtok_r(options, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
        for (size_t i = 0; i < LENGTH(known); i++)
            if (text_equal(word, known[i].name))
                attributes |= known[i].attribute;
    return attributes;
}

static uint64_t read_propagation(const char *optional)
{
    return (strstr(optional, "shared:") ? (uint64_t) MS_SHARED : 0) |
           (strstr(optional, "master:") ? (uint64_t) MS_SLAVE : 0);
}

/* "36 35 98:0 /root /place rw,nosuid shared:1 - type source options" */
static bool read_line(char *line, struct mount_entry *entry)
{
    char *words[FIELDS], *type = strstr(line, " - ");

    if (!type)
        return false;
    *type = '\0';
    type += strlen(" - ");
    for (int i = 0; i < FIELDS; i++)
        words[i] = take_word(&line);
    unescape(words[ROOT_FIELD]);
    unescape(words[POINT_FIELD]);
    entry->device = words[DEVICE_FIELD];
    entry->root = words[ROOT_FIELD];
    entry->point = words[POINT_FIELD];
    entry->propagation = read_propagation(line);
    entry->type = take_word(&type);
    take_word(&type); /* the source */
    entry->options = take_word(&type);
    entry->attributes = read_attributes(words[OPTIONS_FIELD]);
    return *entry->point == '/' && text_to_unsigned(words[ID_FIELD], UINT64_MAX, &entry->id) &&
           text_to_unsigned(words[PARENT_FIELD], UINT64_MAX, &entry->parent);
}

static uint32_t count_lines(const char *text)
{
    uint32_t count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

fallible mount_list_read(int proc, pid_t pid, struct arena *arena, struct mount_list *list)
{
    struct mount_list read = { .n = 0 };
    char path[48];
    const char *text;

    text_format(path, sizeof(path), "%d/mountinfo", pid);
    auto_close int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return error_system("open /proc/%s", path);
    try_within(fd_read_file(&(struct fd_file){ .fd = file }, LIST_MOST, arena, &text, NULL),
               "read /proc/%s", path);
    try_new(read.v, arena, count_lines(text));
    for (char *line = (char *) text, *end = strchr(line, '\n'); end; end = strchr(line, '\n')) {
        *end = '\0';
        if (!read_line(line, &read.v[read.n++]))
            return error_new(ERROR_MOUNT, "/proc/%s has a line that is none", path);
        line = end + 1;
    }
    *list = read;
    return OK;
}

const struct mount_entry *mount_list_find(const struct mount_list *list, uint64_t id)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (list->v[i].id == id)
            return &list->v[i];
    return NULL;
}

const struct mount_entry *mount_list_find_point(const struct mount_list *list, const char *point)
{
    for (uint32_t i = list->n; i > 0; i--)
        if (text_equal(list->v[i - 1].point, point))
            return &list->v[i - 1];
    return NULL;
}

const char *mount_list_below(const char *path, const char *point)
{
    size_t length = text_equal(point, "/") ? 0 : strlen(point);

    return strncmp(path, point, length) == 0 && path[length] == '/' && path[length + 1]
               ? path + length
               : NULL;
}

fallible mount_list_find_type(const char *path, struct arena *arena, const char **type)
{
    struct mount_list list;
    struct mount_place place;
    int proc;

    try(mount_look_at(AT_FDCWD, path, &place));
    try(proc_mounted(&proc));
    try(mount_list_read(proc, getpid(), arena, &list));
    const struct mount_entry *mount = mount_list_find(&list, place.mount);
    if (!mount)
        return error_new(ERROR_MOUNT, "%s lies on no mount that is in sight", path);
    *type = mount->type;
    return OK;
}
