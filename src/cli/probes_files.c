/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the bundle, of mounts, and of the program of a container. */

#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/probes.h"
#include "libocispec/arena.h"
#include "os/memory.h"
#include "os/mount_list.h"
#include "process/program_file.h"

enum { LIST_SIZE = 64 << 20 /* room, not memory */ };

bool probe_config(const struct error *error, char found[PROBE_SIZE])
{
    const char *name = strrchr(error->object, '/');
    size_t length = name ? (size_t) (name - error->object) : 0;

    text_format(found, PROBE_SIZE, "%.*s", name ? (int) length : 1, name ? error->object : ".");
    return strcmp(name ? name + 1 : error->object, "config.json") == 0;
}

bool probe_root(const struct error *error, char found[PROBE_SIZE])
{
    text_format(found, PROBE_SIZE, "%s", error->object);
    return strcmp(error->field, "root.path") == 0;
}

bool probe_rootfs(const struct error *error, char found[PROBE_SIZE])
{
    text_format(found, PROBE_SIZE, "%s", error->object);
    return strcmp(error->field, "--rootfs") == 0;
}

static bool find_type(const char *path, char found[PROBE_SIZE])
{
    struct arena arena = { 0 };
    const char *type;

    struct error *error = memory_open_private(&arena, LIST_SIZE);
    if (!error)
        error = mount_list_find_type(path, &arena, &type);
    if (!error)
        text_format(found, PROBE_SIZE, "%s", type);
    error_forget(error);
    return !error;
}

bool probe_filesystem(const struct error *error, char found[PROBE_SIZE])
{
    return error->object[0] == '/' ? find_type(error->object, found) : probe_object(error, found);
}

static bool look(const struct error *error, struct program_file *file)
{
    return error->root && program_file_look(error->root, error->object, file);
}

bool probe_carriage_return(const struct error *error, char found[PROBE_SIZE])
{
    struct program_file file;
    if (!look(error, &file) || file.kind != PROGRAM_SCRIPT)
        return false;
    size_t length = strcspn(file.interpreter, "\r");
    text_format(found, PROBE_SIZE, "%.*s", (int) length, file.interpreter);
    return file.interpreter[length];
}

bool probe_interpreter(const struct error *error, char found[PROBE_SIZE])
{
    struct program_file file;
    if (!look(error, &file) || !file.interpreter[0])
        return false;
    text_format(found, PROBE_SIZE, "%s", file.interpreter);
    return !program_file_is_there(error->root, file.interpreter);
}

bool probe_machine(const struct error *error, char found[PROBE_SIZE])
{
    struct program_file file;
    if (!look(error, &file) || file.kind != PROGRAM_ELF || program_file_is_native(file.machine))
        return false;
    text_format(found, PROBE_SIZE, "%s", program_file_machine(file.machine));
    return true;
}

bool probe_empty_program(const struct error *error, char found[PROBE_SIZE])
{
    struct program_file file;
    found[0] = '\0';
    return look(error, &file) && file.kind == PROGRAM_EMPTY;
}

bool probe_no_program(const struct error *error, char found[PROBE_SIZE])
{
    struct program_file file;
    found[0] = '\0';
    return look(error, &file) && file.kind == PROGRAM_OTHER;
}

bool probe_directory(const struct error *error, char found[PROBE_SIZE])
{
    found[0] = '\0';
    return text_ends(error->text, ": is a directory");
}

bool probe_mode(const struct error *error, char found[PROBE_SIZE])
{
    struct program_file file;
    if (!look(error, &file) || file.mode & (S_IXUSR | S_IXGRP | S_IXOTH))
        return false;
    text_format(found, PROBE_SIZE, "0%o", (unsigned) file.mode & 07777);
    return true;
}
