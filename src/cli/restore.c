/* SPDX-License-Identifier: Apache-2.0 */
/* tare restore: makes a container from a bundle and from the images of a checkpoint, and lets it go
 * on.  The bundle's config decides what it may be. */

#include "cli/commands.h"
#include "cli/criu_options.h"
#include "cli/play.h"

/* The cgroup is made as for a start, before criu comes. */
static fallible check_cgroups(void)
{
    if (criu_options.cgroups != CRIU_CGROUPS_STRICT)
        return OK;
    return error_hint(error_new(ERROR_USAGE, "--manage-cgroups-mode strict: criu refuses cgroups "
                                             "that are there, and the container's is"),
                      "with full it sets their limits again as well");
}

static fallible run(struct invocation *invocation)
{
    struct launch_call call;

    try(criu_options_take());
    try(check_cgroups());
    try(criu_options_find());
    launch_options.is_restore = true;
    try(launch_call_open(invocation, &call));
    call.request.restore = &criu_options;
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
