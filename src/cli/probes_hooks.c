/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a hook that failed.  Those of startContainer lie in the container's files, all
 * others on the host. */

#include "base/text.h"
#include "cli/probes.h"
#include "process/program_file.h"

static bool is_inside(const struct error *error)
{
    return text_starts(error->field, "hooks.startContainer");
}

/* Where its path begins, or NULL. */
static const char *find_root(const struct error *error)
{
    return is_inside(error) ? error->root : "/";
}

bool probe_hook(const struct error *error, char found[PROBE_SIZE])
{
    text_format(found, PROBE_SIZE, "%s", error->field);
    return text_starts(error->field, "hooks.");
}

bool probe_hook_missing(const struct error *error, char found[PROBE_SIZE])
{
    return probe_hook(error, found) && !is_inside(error) && probe_missing_part(error, found);
}

bool probe_hook_closed(const struct error *error, char found[PROBE_SIZE])
{
    return probe_hook(error, found) && !is_inside(error) && probe_closed_part(error, found);
}

bool probe_hook_interpreter(const struct error *error, char found[PROBE_SIZE])
{
    const char *root = find_root(error);
    struct program_file file;

    if (!probe_hook(error, found) || !root || !program_file_look(root, error->object, &file))
        return false;
    text_format(found, PROBE_SIZE, "%s", file.interpreter);
    return found[0];
}

bool probe_hook_status(const struct error *error, char found[PROBE_SIZE])
{
    return error->ending == ENDING_STATUS && probe_hook(error, found);
}

bool probe_hook_signal(const struct error *error, char found[PROBE_SIZE])
{
    return error->ending == ENDING_SIGNAL && probe_hook(error, found);
}

bool probe_hook_late(const struct error *error, char found[PROBE_SIZE])
{
    return error->ending == ENDING_LATE && probe_hook(error, found);
}
