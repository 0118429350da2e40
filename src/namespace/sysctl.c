/* SPDX-License-Identifier: Apache-2.0 */
/* linux.sysctl, the host's half.  Most of /proc/sys belongs to the whole machine: only what is
 * known to belong to a namespace that is new passes (CVE-2022-0811 was a '+' in such a string). */

#include "namespace/sysctl.h"

#include <sched.h>
#include <string.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/text.h"
#include "libocispec/schema.h"

enum { FOLDER = sizeof("sys/") - 1 };

/* Keys in the form of paths; one that ends with '/' stands for all below it. */
static const struct {
    const char *key;
    uint64_t namespace;
    const char *kind; /* of the namespace */
} allowed[] = {
    { "kernel/auto_msgmni", CLONE_NEWIPC, "ipc" },
    { "kernel/domainname", CLONE_NEWUTS, "uts" },
    { "kernel/msg_next_id", CLONE_NEWIPC, "ipc" },
    { "kernel/msgmax", CLONE_NEWIPC, "ipc" },
    { "kernel/msgmnb", CLONE_NEWIPC, "ipc" },
    { "kernel/msgmni", CLONE_NEWIPC, "ipc" },
    { "kernel/sem", CLONE_NEWIPC, "ipc" },
    { "kernel/sem_next_id", CLONE_NEWIPC, "ipc" },
    { "kernel/shm_next_id", CLONE_NEWIPC, "ipc" },
    { "kernel/shm_rmid_forced", CLONE_NEWIPC, "ipc" },
    { "kernel/shmall", CLONE_NEWIPC, "ipc" },
    { "kernel/shmmax", CLONE_NEWIPC, "ipc" },
    { "kernel/shmmni", CLONE_NEWIPC, "ipc" },
    { "fs/mqueue/", CLONE_NEWIPC, "ipc" },
    { "net/", CLONE_NEWNET, "network" },
    { "user/", CLONE_NEWUSER, "user" },
};

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("_-:.", c);
}

/* Parts of names, none of them empty, "." or "..". */
static bool is_path(const char *path)
{
    for (const char *part = path;; part++) {
        size_t length = 0;
        while (part[length] && part[length] != '/')
            if (!is_name_byte(part[length++]))
                return false;
        bool is_dots = part[0] == '.' && (length == 1 || (length == 2 && part[1] == '.'));
        if (length == 0 || is_dots)
            return false;
        part += length;
        if (!*part)
            return true;
    }
}

/* As sysctl(8): the first separator decides; after a '.', the other one stands for itself. */
static void make_path(char *path)
{
    char *first = strpbrk(path, "./");
    if (!first || *first == '/')
        return;
    for (char *c = path; *c; c++)
        if (*c == '.')
            *c = '/';
        else if (*c == '/')
            *c = '.';
}

static fallible check_special(const char *field, const char *path, const char *value,
                              const struct sysctl_context *context)
{
    if (text_equal(path, "kernel/hostname"))
        return error_config(field, "use hostname");
    if (text_equal(path, "kernel/domainname") && context->domainname &&
        !text_equal(value, context->domainname))
        return error_config(field, "\"%s\" is not the same as domainname \"%s\"", value,
                            context->domainname);
    return OK;
}

static fallible check_owner(const char *field, const char *path, uint64_t namespaces)
{
    for (size_t i = 0; i < LENGTH(allowed); i++) {
        const char *key = allowed[i].key;
        bool is_it = text_ends(key, "/") ? text_starts(path, key) : text_equal(path, key);
        if (is_it && (namespaces & allowed[i].namespace))
            return OK;
        if (is_it)
            return error_config(field, "needs a new %s namespace in linux.namespaces",
                                allowed[i].kind);
    }
    return error_config(field, "belongs to the host");
}

static fallible check_value(const char *field, const char *value)
{
    if (strchr(value, '\n'))
        return error_config(field, "the value has more than one line");
    /* A write of nothing changes nothing. */
    if (!*value)
        return error_config(field, "the value is empty");
    return OK;
}

static fallible plan_setting(const struct oci_string_entry *entry,
                             const struct sysctl_context *context, struct arena *arena,
                             struct sysctl_setting *setting)
{
    char field[ERROR_FIELD_SIZE];
    text_format(field, sizeof(field), "linux.sysctl.%s", entry->key);
    char *path = allocate_print(arena, "sys/%s", entry->key);
    if (!path)
        return allocate_failed();
    make_path(path + FOLDER);
    if (!is_path(path + FOLDER))
        return error_config(field, "\"%s\" is not the name of a kernel setting", entry->key);
    try(check_special(field, path + FOLDER, entry->value, context));
    try(check_owner(field, path + FOLDER, context->namespaces));
    try(check_value(field, entry->value));
    *setting = (struct sysctl_setting){ path, entry->value, entry->key };
    return OK;
}

fallible sysctl_plan(const struct oci_string_map *settings, const struct sysctl_context *context,
                     struct arena *arena, struct sysctl_plan *plan)
{
    struct sysctl_plan made = { .n = settings->n };
    try_new(made.v, arena, made.n);
    for (uint32_t i = 0; i < made.n; i++)
        try(plan_setting(&settings->v[i], context, arena, &made.v[i]));
    *plan = made;
    return OK;
}
