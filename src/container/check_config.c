/* SPDX-License-Identifier: Apache-2.0 */
/* check: what a start passes over in config.json.  What surprises: of either kind so many rows are
 * told and no more, since each of them has its place looked for in the document, which may be
 * hostile. */

#include "container/check_config.h"

#include <string.h>

#include "base/allocate.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/text.h"
#include "launch/launch.h"
#include "libocispec/config.h"
#include "libocispec/engine.h"
#include "libocispec/unknown.h"

static void hear_warning(const char *message, void *context)
{
    struct check_warnings *warnings = context;
    uint32_t i = warnings->n++;

    if (i < CHECK_WARNINGS_MAX)
        text_format(warnings->v[i], CHECK_WARNING_SIZE, "%s", message);
}

void check_warnings_begin(struct check_warnings *warnings)
{
    warnings->n = 0;
    log_divert_warnings(hear_warning, warnings);
}

void check_warnings_end(void)
{
    log_divert_warnings(NULL, NULL);
}

static fallible say(const struct check_wish *wish, struct check_result *result)
{
    struct error *error = result->error;

    result->group = "config";
    result->status = CHECK_DEGRADED;
    result->found = "";
    struct error *failure = wish->say(result, wish->context);
    error_forget(error);
    return failure;
}

/* How much of a warning is the field that it begins with, as most do; or 0. */
static size_t measure_field(const char *message)
{
    size_t head = strcspn(message, ".[: ");

    return oci_schema_field(&oci_config_schema, message, head) ? strcspn(message, ": ") : 0;
}

static fallible say_warning(const struct check_wish *wish, const char *message)
{
    int length = (int) measure_field(message);
    struct check_result result = { .name = "warning", .affects = "what the config asks for there" };

    result.error = error_new(ERROR_CONFIG, "%s", message);
    if (length > 0)
        result.error = error_field(result.error, "%.*s", length, message);
    return say(wish, &result);
}

static fallible say_warnings(const struct check_wish *wish)
{
    const struct check_warnings *warnings = wish->warnings;
    uint32_t told = 0;

    while (told < warnings->n && told < CHECK_WARNINGS_MAX)
        try(say_warning(wish, warnings->v[told++]));
    if (told == warnings->n)
        return OK;
    struct check_result rest = { .name = "warning",
                                 .affects = "what the config asks for there",
                                 .error = error_new(ERROR_CONFIG, "a start warns of %u things more",
                                                    warnings->n - told) };
    return say(wish, &rest);
}

/* Unknown members ----------------------------------------------------------------------------- */

struct strangers {
    const struct check_wish *wish;
    struct error *failure; /* of who is told */
    uint32_t n;
};

static const char *guess(const struct oci_unknown *unknown)
{
    struct nearest nearest = { .word = unknown->name };

    for (uint32_t i = 0; i < unknown->object->n; i++)
        nearest_consider(&nearest, unknown->object->fields[i].key);
    return nearest.best;
}

static bool hear_unknown(const struct oci_unknown *unknown, void *context)
{
    struct strangers *strangers = context;
    struct check_result result = { .name = "unknown member", .affects = "what it was to do" };
    const char *meant = guess(unknown);

    if (strangers->n++ == CHECK_WARNINGS_MAX) {
        result.error = error_new(ERROR_CONFIG, "there are more than these %d", CHECK_WARNINGS_MAX);
    } else {
        result.error = error_config(unknown->path, "the specification has no such member, and a "
                                                   "start ignores it");
        if (meant)
            result.error = error_hint(result.error, "did you mean '%s'?", meant);
    }
    strangers->failure = say(strangers->wish, &result);
    return !strangers->failure && strangers->n <= CHECK_WARNINGS_MAX;
}

static fallible say_unknown(const struct check_wish *wish, struct arena *arena)
{
    struct strangers strangers = { .wish = wish };
    const struct oci_unknown_hearer hearer = { hear_unknown, &strangers };
    bool is_searched = oci_find_unknown(&oci_config_schema, arena, wish->request->config_json,
                                        wish->request->config_length, &hearer);

    if (strangers.failure)
        return strangers.failure;
    return is_searched ? OK : allocate_failed();
}

fallible check_config(const struct check_wish *wish, struct arena *arena)
{
    try(say_warnings(wish));
    return say_unknown(wish, arena);
}
