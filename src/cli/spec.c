/* SPDX-License-Identifier: Apache-2.0 */
/* tare spec: writes a config.json to begin with, and never over one that is there. */

#include "container/spec.h"
#include "container/load.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "os/fd.h"

static const char *bundle = ".", *name = "config.json";
static const char *rootfs;
static bool is_rootless, has_terminal, is_writable;

static fallible write_new(int directory, const char *json)
{
    auto_close int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0 && errno == EEXIST)
        return error_hint(error_new(ERROR_EXISTS, "%s already exists", name),
                          "move it away, or name another place with --bundle or --file");
    if (fd < 0)
        return error_system("create %s", name);
    struct error *error = fd_write_all(fd, json, strlen(json));
    if (error)
        unlinkat(directory, name, 0);
    return error_within(error, "%s", name);
}

/* A bundle begins as a directory: the last part of its path is made if it is missing, and does not
 * stay when no config comes into it. */
static fallible write_bundle(const char *json)
{
    const bool is_made = mkdir(bundle, 0777) == 0;
    auto_close int directory = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);

    struct error *error = directory < 0 ? error_errno(ERROR_BUNDLE, "open the bundle '%s'", bundle)
                                        : write_new(directory, json);
    if (error && is_made)
        rmdir(bundle);
    return error;
}

/* Of a root filesystem that is named it is a config to be run as it is, by whoever writes it. */
static fallible describe(struct invocation *invocation, const char **json)
{
    const struct spec_user user = { geteuid(), getegid() };
    const struct spec_wish wish = {
        .user = is_rootless ? &user : NULL,
        .args = invocation->words,
        .has_no_terminal = invocation->words[0] && !has_terminal,
        .is_writable = is_writable,
    };

    if (!rootfs)
        return spec_describe(&wish, invocation->arena, json);
    struct bundle improvised;
    try(bundle_improvise(rootfs, &wish, invocation->arena, &improvised));
    *json = improvised.document.json;
    close(improvised.directory);
    return OK;
}

static fallible run(struct invocation *invocation)
{
    const char *json;

    try(options_check_value("bundle", bundle));
    try(options_check_value("file", name));
    try(options_check_value("rootfs", rootfs));
    try(describe(invocation, &json));
    return write_bundle(json);
}

static const struct option options[] = {
    OPTION_VALUE('b', "bundle", "DIR", &bundle,
                 "where to, made if it is missing; default: the current directory"),
    OPTION_VALUE('f', "file", "FILE", &name, "write FILE of that directory instead of config.json"),
    OPTION_FLAG(0, "rootless", &is_rootless, "one that you can run as the plain user that you are"),
    OPTION_VALUE(0, "rootfs", "DIR", &rootfs,
                 "for the root filesystem DIR, as you can run it, with a seccomp filter"),
    OPTION_FLAG(0, "writable", &is_writable, "let it write to its root filesystem"),
    OPTION_FLAG('t', "tty", &has_terminal, "give the command a terminal; a shell has one anyway"),
    {},
};

const struct command spec_command = {
    .name = "spec",
    .words = "[<command>...]",
    .about = "write a config.json to begin with, for a shell or a command",
    .options = options,
    .run = run,
};
