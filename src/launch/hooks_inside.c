/* SPDX-License-Identifier: Apache-2.0 */
/* hooks.createContainer and hooks.startContainer: those that run in the container's namespaces.
 * What surprises: the first still see the host's files, and the bundle, since the root is entered
 * after them; the second see what the user's program will see, and as its user. */

#include "launch/hooks.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "launch/inside.h"
#include "launch/step.h"

enum { HOST_FILES_MASK = 022 };

fallible hooks_run_create_container(struct launch *launch)
{
    const struct hooks_plan *hooks = &launch->plan->hooks;
    const struct hook_place place = {
        .state = &hooks->state,
        .pid = getpid(),
        .directory = -1,
        .output = hooks->output,
    };

    if (chdir(hooks->bundle))
        return error_hint(error_system("enter the bundle %s", hooks->bundle),
                          "root of the container must be able to reach it");
    /* What init makes for the container gets exact modes; what a hook makes is its own affair. */
    mode_t before = umask(HOST_FILES_MASK);
    struct error *error = hook_run_all(&hooks->create_container, &place);
    umask(before);
    for (uint32_t i = 0; i < hooks->create_container.n; i++)
        close(hooks->create_container.v[i].file);
    return error;
}

/* These programs are the image's: none gets a file of the host to write to (R9). */
fallible hooks_run_start_container(struct launch *launch)
{
    const struct hooks_plan *hooks = &launch->plan->hooks;
    const struct hook_place place = {
        .state = &hooks->state,
        .pid = getpid(),
        .directory = launch->inside->root,
    };

    return hook_run_all(&hooks->start_container, &place);
}
