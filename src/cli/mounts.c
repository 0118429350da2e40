/* SPDX-License-Identifier: Apache-2.0 */
/* tare mounts: adds mounts to a container that is there, or removes some. */

#include "base/text.h"
#include "cli/commands.h"
#include "cli/visit.h"

static bool is_removal;

static fallible change(const struct container *container, struct invocation *invocation)
{
    return container_change_mounts(container, invocation->words[1], is_removal,
                                   invocation->arena_fd);
}

static fallible run(struct invocation *invocation)
{
    const char *action = invocation->words[0];

    is_removal = text_equal(action, "remove");
    if (!is_removal && !text_equal(action, "add"))
        return error_hint(error_new(ERROR_USAGE, "'%s' is neither add nor remove", action),
                          "usage: tare mounts add|remove <id> <file>");
    invocation->words++;
    return error_within(visit_whole_container(invocation, change), "%s '%s'", action,
                        invocation->words[0]);
}

static const struct option options[] = { {} };

const struct command mounts_command = {
    .name = "mounts",
    .words = "<add|remove> <id> <file>",
    .about = "change the mounts of a container; the file is JSON, as mounts in config.json",
    .options = options,
    .launches = true,
    .run = run,
};
