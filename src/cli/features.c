/* SPDX-License-Identifier: Apache-2.0 */
/* tare features: what this program can do, as JSON (features.md). */

#include "container/features.h"

#include "cli/commands.h"
#include "cli/output.h"

static fallible run(struct invocation *invocation)
{
    const char *json;

    try(features_describe(invocation->arena, &json));
    return output_text(json);
}

static const struct option options[] = { {} };

const struct command features_command = {
    .name = "features",
    .words = "",
    .about = "print what tare can do, as JSON",
    .options = options,
    .run = run,
};
