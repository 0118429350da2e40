/* SPDX-License-Identifier: Apache-2.0 */
/* tare version, --version.  Engines take the text before "version" for the name, and know the lines
 * "commit: " and "spec: ".  Both constants come from the build. */

#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"

static fallible run(struct invocation *invocation)
{
    (void) invocation;
    return output_print(STDOUT_FILENO, "tare version %s\ncommit: %s\nspec: 1.3.0\n",
                        PACKAGE_VERSION, PACKAGE_COMMIT);
}

static const struct option options[] = { {} };

const struct command version_command = {
    .name = "version",
    .words = "",
    .about = "print the versions of tare and of the specification",
    .options = options,
    .run = run,
};
