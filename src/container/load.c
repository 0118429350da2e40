/* SPDX-License-Identifier: Apache-2.0 */
/* The bundle (bundle.md) and its config.json: what is checked, what is used and what is kept with
 * the state are the same bytes. */

#include "container/load.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "container/spec.h"
#include "libocispec/config.h"
#include "os/fd_path.h"
#include "os/self.h"

static fallible read_path(int directory, struct arena *arena, const char **path)
{
    try(error_hint(error_within(fd_path(directory, arena, path), "find the path of the bundle"),
                   "it is read from /proc/self/fd: /proc must be mounted"));
    return **path == '/'
               ? OK
               : error_new(ERROR_BUNDLE, "the bundle cannot be reached from the root directory");
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

static fallible refuse_bundle(const char *path)
{
    struct error *error = error_errno(ERROR_BUNDLE, "open the bundle '%s'", path);

    if (error->number == ENOENT)
        return error_hint(error, "'tare spec --bundle %s' makes one there, or name another", path);
    if (error->number == ENOTDIR)
        return error_hint(error, "a bundle is the directory that has the config.json; a file of "
                                 "another name is for --config");
    return error;
}

fallible bundle_open(const char *path, const char *config_file, struct arena *arena,
                     struct bundle *bundle)
{
    const char *file = config_file ? config_file : "config.json";
    /* Not open(2): that of musl is two calls. */
    auto_close int directory =
        openat(AT_FDCWD, path ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct bundle opened = { .directory = directory, .document.prefix = "" };
    const void *config;

    if (directory < 0)
        return refuse_bundle(path ? path : ".");
    try(read_path(directory, arena, &opened.path));
    try(name_config(path, file, arena, &opened.document.name));
    try(document_read(directory, file, arena, &opened.document));
    try(document_decode(&opened.document, &oci_config_schema, arena, &config));
    opened.config = config;
    *bundle = opened;
    take_fd(&directory);
    return OK;
}

static fallible refuse_rootfs(const char *path)
{
    struct error *error = error_errno(ERROR_BUNDLE, "open the root filesystem '%s'", path);

    return error_call(error_field(error, "--rootfs"), CALL_OPEN, path);
}

fallible bundle_improvise(const char *rootfs, const struct spec_wish *wish, struct arena *arena,
                          struct bundle *bundle)
{
    const struct spec_user user = { self_user(), getegid() };
    struct spec_wish whole = *wish;
    auto_close int directory = openat(AT_FDCWD, rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct bundle made = { .directory = directory, .document = { .prefix = "" } };
    const void *config;

    if (directory < 0)
        return refuse_rootfs(rootfs);
    try(read_path(directory, arena, &made.path));
    whole.rootfs = made.path;
    whole.is_filtered = true;
    if (user.uid && !whole.user)
        whole.user = &user;
    try(spec_describe(&whole, arena, &made.document.json));
    made.document.name = "the config for --rootfs";
    made.document.length = strlen(made.document.json);
    try(document_decode(&made.document, &oci_config_schema, arena, &config));
    made.config = config;
    *bundle = made;
    take_fd(&directory);
    return OK;
}
