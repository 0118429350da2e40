/* SPDX-License-Identifier: Apache-2.0 */
/* The bundle (bundle.md) and its config.json.  The file is read once: what is checked, what is used
 * and what is kept with the state are the same bytes, whatever happens to the file meanwhile. */

#include "container/load.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "libocispec/config.h"
#include "os/fd.h"

enum { CONFIG_SIZE_MAX = 16 << 20 };

static fallible read_path(int directory, struct arena *arena, const char **path)
{
    char link[64], text[PATH_MAX];

    text_format(link, sizeof(link), "/proc/self/fd/%d", directory);
    ssize_t length = readlink(link, text, sizeof(text) - 1);
    if (length < 0)
        return error_hint(error_errno(ERROR_BUNDLE, "find the absolute path of the bundle"),
                          "it is read from /proc/self/fd: /proc must be mounted");
    text[length] = '\0';
    if (text[0] != '/')
        return error_new(ERROR_BUNDLE, "the bundle cannot be reached from the root directory");
    try_print(*path, arena, "%s", text);
    return OK;
}

/* As the user would name it: without the bundle when that is the current directory. */
static fallible name_config(const char *bundle, const char *file, struct arena *arena,
                            const char **name)
{
    size_t length = bundle && !text_equal(bundle, ".") ? strlen(bundle) : 0;

    while (length > 1 && bundle[length - 1] == '/')
        length--;
    if (length == 0 || file[0] == '/')
        try_print(*name, arena, "%s", file);
    else
        try_print(*name, arena, "%.*s%s%s", (int) length, bundle,
                  length == 1 && *bundle == '/' ? "" : "/", file);
    return OK;
}

/* O_NONBLOCK: a fifo of that name must not keep us waiting for its writer. */
static fallible read_config(struct bundle *bundle, const char *file, struct arena *arena)
{
    struct stat status;
    auto_close int fd =
        openat(bundle->directory, file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status))
        return error_errno(ERROR_BUNDLE, "open %s", bundle->config_name);
    if (!S_ISREG(status.st_mode))
        return error_new(ERROR_BUNDLE, "%s is not a regular file", bundle->config_name);
    if (status.st_size > CONFIG_SIZE_MAX)
        return error_new(ERROR_BUNDLE, "%s is larger than %d bytes", bundle->config_name,
                         CONFIG_SIZE_MAX);
    try_within(fd_read_file(fd, CONFIG_SIZE_MAX, arena, &bundle->json, &bundle->length), "%s",
               bundle->config_name);
    return OK;
}

static fallible decode_config(struct bundle *bundle, struct arena *arena)
{
    struct oci_problem problem = { 0 };

    bundle->config = oci_decode(&oci_config_schema, arena, bundle->json, bundle->length, &problem);
    if (bundle->config)
        return OK;
    struct error *error =
        error_new(ERROR_SYNTAX, "%s:%zu:%zu: %s%s%s", bundle->config_name, problem.line,
                  problem.column, problem.path, problem.path[0] ? ": " : "", problem.reason);
    error->is_placed = true;
    return problem.path[0] ? error_field(error, "%s", problem.path) : error;
}

fallible bundle_open(const char *path, const char *config_file, struct arena *arena,
                     struct bundle *bundle)
{
    const char *file = config_file ? config_file : "config.json";
    auto_close int directory = open(path ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct bundle opened = { .directory = directory };

    if (directory < 0)
        return error_errno(ERROR_BUNDLE, "open the bundle '%s'", path ? path : ".");
    try(read_path(directory, arena, &opened.path));
    try(name_config(path, file, arena, &opened.config_name));
    try(read_config(&opened, file, arena));
    try(decode_config(&opened, arena));
    *bundle = opened;
    take_fd(&directory);
    return OK;
}

void bundle_close(struct bundle *bundle)
{
    close_fd(&bundle->directory);
}

fallible bundle_place(const struct bundle *bundle, struct error *error)
{
    size_t line, column;

    if (!error || !error->field[0] || error->is_placed)
        return error;
    oci_locate(bundle->json, bundle->length, error->field, &line, &column);
    if (strstr(error->text, error->field))
        error = error_within(error, "%s:%zu:%zu", bundle->config_name, line, column);
    else
        error =
            error_within(error, "%s:%zu:%zu: %s", bundle->config_name, line, column, error->field);
    error->is_placed = true;
    return error;
}
