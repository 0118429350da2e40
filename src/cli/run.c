/* SPDX-License-Identifier: Apache-2.0 */
/* tare run: create, start and, in the foreground, wait and delete.  A failure leaves nothing
 * behind; the exit status is then tare's, otherwise the command's. */

#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/launch_options.h"
#include "cli/options.h"
#include "cli/play.h"

static bool keeps;

static bool takes_command(void)
{
    return launch_options.rootfs;
}

/* A container that nobody has named is named after us. */
static fallible check_rootfs(void)
{
    static char name[sizeof("run-") + 10];

    try(options_check_value("rootfs", launch_options.rootfs));
    if (!launch_options.rootfs && (launch_options.id || launch_options.is_writable))
        return error_new(ERROR_USAGE, "--%s is for --rootfs alone",
                         launch_options.id ? "id" : "writable");
    if (!launch_options.rootfs || launch_options.id)
        return OK;
    text_format(name, sizeof(name), "run-%d", (int) getpid());
    launch_options.id = name;
    return OK;
}

static fallible check_bundle(void)
{
    if (launch_options.rootfs && (launch_options.bundle || launch_options.config))
        return error_hint(error_new(ERROR_USAGE, "--rootfs and --%s exclude each other",
                                    launch_options.bundle ? "bundle" : "config"),
                          "a bundle names its root filesystem, in root.path of its config.json");
    return OK;
}

static fallible run(struct invocation *invocation)
{
    struct launch_call call;

    try(check_bundle());
    try(check_rootfs());
    try(launch_call_open(invocation, &call));
    return play_to_end(&call, invocation, keeps);
}

static const struct option options[] = {
    LAUNCH_OPTIONS,
    OPTION_FLAG('d', "detach", &launch_options.is_detached,
                "return once the process runs, and leave it to 'tare delete'"),
    OPTION_FLAG(0, "keep", &keeps, "do not delete the container after its end"),
    OPTION_VALUE(0, "rootfs", "DIR", &launch_options.rootfs,
                 "without a bundle: run the command, or a shell, in DIR"),
    OPTION_VALUE(0, "id", "ID", &launch_options.id, "of the container of --rootfs"),
    OPTION_FLAG(0, "writable", &launch_options.is_writable, "let it write to DIR"),
    {},
};

const struct command run_command = {
    .name = "run",
    .words = "<id>",
    .about = "run a bundle: create and start a container, wait for its end, delete it",
    .options = options,
    .launches = true,
    .takes_command = takes_command,
    .other_words = "--rootfs DIR [<command>...]",
    .prepare = launch_options_reserve_fds,
    .run = run,
};
