/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of Linux security modules: process.apparmorProfile, process.selinuxLabel and the
 * label of the session keyring.  AppArmor's files in a directory of its own are there since 5.8, so
 * the one that the modules share, and that may be another's, is never written. */

#include "os/lsm.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/proc.h"
#include "os/syscalls.h"

/* From linux/lsm.h, which no libc has yet. */
enum { ONE_MODULE = 1, ATTRIBUTE_EXEC = 101, ATTRIBUTE_KEYCREATE = 103 };
enum { MODULE_SELINUX = 101, MODULE_APPARMOR = 104 };
struct context {
    uint64_t module, flags, length, value_length;
    char value[LSM_VALUE_SIZE];
};

static const struct attribute {
    uint32_t number;
    uint64_t module;
    const char *file;
} attributes[] = {
    [LSM_APPARMOR_EXEC] = { ATTRIBUTE_EXEC, MODULE_APPARMOR, "attr/apparmor/exec" },
    [LSM_SELINUX_EXEC] = { ATTRIBUTE_EXEC, MODULE_SELINUX, "attr/exec" },
    [LSM_SELINUX_KEYCREATE] = { ATTRIBUTE_KEYCREATE, MODULE_SELINUX, "attr/keycreate" },
};

/* Where the call is missing or filtered; the file then says whether it was that. */
static bool is_call_refused(void)
{
    return errno == ENOSYS || errno == EPERM || errno == EOPNOTSUPP;
}

/* No link is followed below a verified procfs, so the caller is named by its number. */
static fallible open_own(const struct attribute *attribute, char *path, size_t size, int *proc)
{
    char self[PROC_NAME_SIZE];
    auto_close int found = -1;

    try(proc_open_any(true, &found));
    try(proc_name_self(found, self));
    text_format(path, size, "%s/%s", self, attribute->file);
    *proc = take_fd(&found);
    return OK;
}

static fallible write_file(const struct attribute *attribute, const char *value)
{
    char path[64];
    auto_close int proc = -1;

    try(open_own(attribute, path, sizeof(path), &proc));
    return proc_write(proc, path, *value ? value : "\n");
}

static fallible set(const struct attribute *attribute, const char *value)
{
    struct context context = { .module = attribute->module };

    memcpy(context.value, value, strlen(value) + 1);
    context.value_length = strlen(value) + 1;
    context.length = offsetof(struct context, value) + context.value_length;
    if (syscall(SYS_lsm_set_self_attr, attribute->number, &context, context.length, 0) == 0)
        return OK;
    if (is_call_refused())
        return write_file(attribute, value);
    return error_system("lsm_set_self_attr");
}

fallible lsm_set(enum lsm_attribute attribute, const char *value)
{
    if (strlen(value) >= LSM_VALUE_SIZE)
        return error_new(ERROR_CONFIG, "%zu bytes are too many for `/proc/self/%s`", strlen(value),
                         attributes[attribute].file);
    try_within(set(&attributes[attribute], value), "`/proc/self/%s` to '%s'",
               attributes[attribute].file, value);
    return OK;
}

static fallible read_file(const struct attribute *attribute, char *text, size_t size)
{
    char path[64];
    auto_close int proc = -1;

    try(open_own(attribute, path, sizeof(path), &proc));
    return proc_read(proc, path, text, size);
}

static fallible get(const struct attribute *attribute, char *text, size_t size)
{
    struct context context = { .module = attribute->module };
    uint32_t length = sizeof(context);

    if (syscall(SYS_lsm_get_self_attr, attribute->number, &context, &length, ONE_MODULE) >= 0) {
        size_t most = context.value_length < size ? context.value_length : size - 1;
        memcpy(text, context.value, most);
        text[most] = '\0';
        return OK;
    }
    if (is_call_refused())
        return read_file(attribute, text, size);
    return error_system("lsm_get_self_attr");
}

fallible lsm_get(enum lsm_attribute attribute, char *text, size_t size)
{
    try_within(get(&attributes[attribute], text, size), "read `/proc/self/%s`",
               attributes[attribute].file);
    text[strcspn(text, "\n")] = '\0';
    return OK;
}
