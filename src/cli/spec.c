/* SPDX-License-Identifier: Apache-2.0 */
/* tare spec: writes a config.json to begin with, and never over one that is there. */

#include "container/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "os/fd.h"

static const char *bundle = ".", *name = "config.json";
static bool is_rootless;

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

static fallible run(struct invocation *invocation)
{
    const struct spec_user user = { geteuid(), getegid() };
    const char *json;

    try(options_check_value("bundle", bundle));
    try(options_check_value("file", name));
    try(spec_describe(is_rootless ? &user : NULL, invocation->arena, &json));
    auto_close int directory = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return error_errno(ERROR_BUNDLE, "open the bundle '%s'", bundle);
    return write_new(directory, json);
}

static const struct option options[] = {
    OPTION_VALUE('b', "bundle", "DIR", &bundle, "where to; default: the current directory"),
    OPTION_VALUE('f', "file", "FILE", &name, "write FILE of that directory instead of config.json"),
    OPTION_FLAG(0, "rootless", &is_rootless, "one that you can run as the plain user that you are"),
    {},
};

const struct command spec_command = {
    .name = "spec",
    .words = "",
    .about = "write a config.json to begin with",
    .options = options,
    .run = run,
};
