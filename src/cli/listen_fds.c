/* SPDX-License-Identifier: Apache-2.0 */
/* Socket activation.  What surprises: the variables are for us, and for nobody we start: a number
 * that is not our own means that they were meant for somebody above. */

#include "cli/listen_fds.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/text.h"
#include "launch/launch.h"
#include "libocispec/config.h"

fallible listen_fds_count(uint32_t most, uint32_t *count)
{
    const char *pid = getenv("LISTEN_PID"), *text = getenv("LISTEN_FDS");
    uint64_t number = 0;

    *count = 0;
    if (!pid || !text || !text_to_unsigned(pid, INT32_MAX, &number) ||
        number != (uint64_t) getpid())
        return OK;
    if (!text_to_unsigned(text, most, &number))
        return error_hint(error_new(ERROR_USAGE,
                                    "LISTEN_FDS '%s' of the environment is not a "
                                    "number from 0 to %u",
                                    text, most),
                          "LISTEN_PID says that it is meant for us (sd_listen_fds(3)); unset it if "
                          "it is not");
    *count = (uint32_t) number;
    return OK;
}

static fallible add_variables(uint32_t count, struct arena *arena, struct oci_string_array *env)
{
    const char *names = getenv("LISTEN_FDNAMES");
    struct oci_string_array more = { .n = env->n };

    try_new(more.v, arena, env->n + 3);
    for (uint32_t i = 0; i < env->n; i++)
        more.v[i] = env->v[i];
    try_print(more.v[more.n], arena, "LISTEN_FDS=%u", count);
    more.n++;
    try_print(more.v[more.n], arena, "LISTEN_PID=1");
    more.n++;
    if (names) {
        try_print(more.v[more.n], arena, "LISTEN_FDNAMES=%s", names);
        more.n++;
    }
    *env = more;
    return OK;
}

fallible listen_fds_announce(uint32_t count, struct arena *arena, struct launch_request *request)
{
    const struct oci_config *config = request->config;
    struct oci_config *changed;

    if (!count || !config->process)
        return OK;
    try_new(changed, arena, 1);
    *changed = *config;
    try_new(changed->process, arena, 1);
    *changed->process = *config->process;
    try(add_variables(count, arena, &changed->process->env));
    request->config = changed;
    request->has_listeners = true;
    return OK;
}
