/* SPDX-License-Identifier: Apache-2.0 */
/* Runs hooks.  Part of both programs: the host runs those of its own namespaces, init those of the
 * container's. */

#include "launch/hook.h"

#include <string.h>

#include "base/text.h"
#include "os/program.h"

fallible hook_blame(const struct hook *hook, struct error *error)
{
    return error_field(error_within(error, "%s", hook->field), "%s", hook->field);
}

fallible hook_run(const struct hook *hook, const struct hook_place *place)
{
    const struct hook_state *state = place->state;
    char pid[16];
    size_t length = text_format(pid, sizeof(pid), "%d", (int) place->pid);
    const struct program program = {
        .path = hook->path,
        .args = hook->args,
        .env = hook->env,
        .file = hook->file,
        .directory = place->directory,
        .input = { { state->before, strlen(state->before) },
                   { pid, length },
                   { state->after, strlen(state->after) } },
        .file_out = place->output.out,
        .file_errors = place->output.errors,
        .heeds_signals = place->heeds_signals,
        .seconds = hook->seconds,
    };

    return hook_blame(hook, program_run(&program));
}

fallible hook_run_all(const struct hook_list *list, const struct hook_place *place)
{
    for (uint32_t i = 0; i < list->n; i++)
        try(hook_run(&list->v[i], place));
    return OK;
}
