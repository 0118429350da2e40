/* SPDX-License-Identifier: Apache-2.0 */
/* tare restore: makes a container from a bundle and from the images of a checkpoint, and lets it go
 * on.  The bundle's config decides what it may be. */

#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/criu_options.h"
#include "cli/play.h"
#include "libocispec/config.h"

/* The cgroup is made as for a start, before criu comes. */
static fallible check_cgroups(void)
{
    if (criu_options.cgroups != CRIU_CGROUPS_STRICT)
        return OK;
    return error_hint(error_new(ERROR_USAGE, "--manage-cgroups-mode strict: criu refuses cgroups "
                                             "that are there, and the container's is"),
                      "with full it sets their limits again as well");
}

/* Open files are those of the images. */
static fallible check_fds(void)
{
    if (!launch_options.preserved_fds)
        return OK;
    return error_hint(error_new(ERROR_USAGE, "--preserve-fds: a restored process has the files "
                                             "that it had"),
                      "of those that come from outside it gets the standard streams alone");
}

static fallible check_label(const struct oci_process *process)
{
    static const char apparmor[] = "apparmor:", selinux[] = "selinux:";
    const char *given = criu_options.lsm_profile;

    if (!given || !process)
        return OK;
    bool is_apparmor = text_starts(given, apparmor);
    const char *asked = is_apparmor ? process->apparmor_profile : process->selinux_label;
    const char *name = given + strlen(is_apparmor ? apparmor : selinux);
    if (!asked || text_equal(asked, name))
        return OK;
    return error_hint(
        error_new(ERROR_USAGE, "--lsm-profile '%s': the config has '%s'", given, asked),
        "what is restored gets the label of the config without the option");
}

static fallible run(struct invocation *invocation)
{
    struct launch_call call;

    try(criu_options_take());
    try(check_cgroups());
    try(check_fds());
    try(criu_options_find());
    launch_options.restore = &criu_options;
    try(launch_call_open(invocation, &call));
    try(check_label(call.request.config->process));
    return play_to_end(&call, invocation, false);
}

static const struct option options[] = {
    CRIU_OPTIONS,
    OPTION_VALUE(0, "lsm-profile", "LABEL", &criu_options.lsm_profile,
                 "label of the process: selinux:LABEL or apparmor:NAME"),
    OPTION_VALUE(0, "lsm-mount-context", "LABEL", &criu_options.lsm_mount_context,
                 "SELinux label of mounts that have one"),
    RESTORE_OPTIONS,
    OPTION_FLAG('d', "detach", &launch_options.is_detached,
                "return once the container runs, and leave it to 'tare delete'"),
    {},
};

const struct command restore_command = {
    .name = "restore",
    .words = "<id>",
    .about = "make a container from images that checkpoint has written",
    .options = options,
    .launches = true,
    .find = criu_options_find,
    .prepare = launch_options_reserve_fds,
    .run = run,
};
