/* SPDX-License-Identifier: Apache-2.0 */
/* --dry-run: the storyboards as they would be played for this config on this host, each row with
 * the values it would apply.  The rows are the very tables that a start plays. */

#include <string.h>

#include "base/allocate.h"
#include "base/escape.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/host.h"
#include "launch/idmaps.h"
#include "libocispec/config.h"

enum { DESCRIPTION_SIZE = 1 << 20, NAME_WIDTH = 31, VALUE_WIDTH = 64 };

struct description {
    struct host *host;
    const struct plan *plan;
    char *text;
    size_t length;
    bool is_json;
};

static void append(struct description *out, const char *format, ...) PRINTF(2, 3);

static void append(struct description *out, const char *format, ...)
{
    size_t room = out->length < DESCRIPTION_SIZE ? DESCRIPTION_SIZE - out->length : 0;
    va_list args;

    va_start(args, format);
    out->length += text_format_list(out->text + DESCRIPTION_SIZE - room, room, format, args);
    va_end(args);
}

/* TEXT as a string of JSON, or NULL when the arena is full. */
static const char *quote(const struct description *out, const char *text)
{
    const char *escaped = escape_copy(out->host->arena, text, ESCAPE_JSON);

    return escaped ? allocate_print(out->host->arena, "\"%s\"", escaped) : NULL;
}

/* What a row applies that stands nowhere in the config in so many words: as JSON. */
static const char *derive_cgroup(const struct description *out)
{
    const struct cgroup_plan *cgroup = &out->host->cgroup_plan;
    const char *path = allocate_print(out->host->arena, "%s%s", cgroup->mount, cgroup->path);

    return path ? quote(out, path) : NULL;
}

static const char *derive_scope(const struct description *out)
{
    const char *text = scope_describe(out->host);
    return text ? quote(out, text) : NULL;
}

static const char *derive_console_socket(const struct description *out)
{
    return quote(out, out->host->request->terminal.console_socket);
}

static const char *derive_pidfd_socket(const struct description *out)
{
    const char *path = "";

    error_forget(pidfd_socket_find(out->host->request, &path)); /* it has been found before */
    return quote(out, path);
}

static const char *derive_namespaces(const struct description *out)
{
    char *list = allocate_print(out->host->arena, "[");

    for (int bit = 0; list && bit < 64; bit++) {
        uint64_t flag = UINT64_C(1) << bit;
        if (out->plan->namespaces.own & flag)
            list = allocate_print(out->host->arena, "%s%s\"%s%s\"", list, list[1] ? "," : "",
                                  out->plan->namespaces.created & flag ? "" : "joined ",
                                  namespaces_name(flag));
    }
    return list ? allocate_print(out->host->arena, "%s]", list) : NULL;
}

static const char *derive_devices(const struct description *out)
{
    char *list = allocate_print(out->host->arena, "[");

    for (uint32_t i = 0; list && i < out->plan->devices.n; i++) {
        const char *path = quote(out, out->plan->devices.v[i].path);
        list = path ? allocate_print(out->host->arena, "%s%s%s", list, i ? "," : "", path) : NULL;
    }
    return list ? allocate_print(out->host->arena, "%s]", list) : NULL;
}

static const char *derive_idmaps(const struct description *out)
{
    return idmaps_describe(out->host, out->plan);
}

static const char *derive_limits(const struct description *out)
{
    return resources_describe(out->host);
}

static const char *derive_filter(const struct description *out)
{
    const struct seccomp_plan *seccomp = &out->plan->seccomp;
    return allocate_print(out->host->arena, "{\"instructions\":%u,\"flags\":%u,\"notifies\":%s}",
                          seccomp->length, seccomp->flags,
                          seccomp->has_listener ? "true" : "false");
}

static const struct {
    const char *step;
    const char *(*derive)(const struct description *);
} derivations[] = {
    { "make the cgroup", derive_cgroup },
    { "start the scope", derive_scope },
    { "limit resources", derive_limits },
    { "connect to the console socket", derive_console_socket },
    { "connect to the pidfd socket", derive_pidfd_socket },
    { "give birth to init", derive_namespaces },
    { "map the ids of mounts", derive_idmaps },
    { "map the ids of init's mounts", derive_idmaps },
    { "make devices", derive_devices },
    { "load the seccomp filter early", derive_filter },
    { "load the seccomp filter", derive_filter },
    { "verify the seccomp filter", derive_filter },
};

static const char *find_value(const struct description *out, const struct step *step)
{
    for (size_t i = 0; i < LENGTH(derivations); i++)
        if (text_equal(derivations[i].step, step->name))
            return derivations[i].derive(out);
    if (!step->field)
        return NULL;
    return oci_encode_at(&oci_config_schema, out->host->request->config, step->field,
                         out->host->arena, NULL);
}

/* From one column to another. */
static void append_blanks(struct description *out, size_t from, size_t to)
{
    for (; from < to; from++)
        append(out, " ");
}

/* What is too long for a line has one for each element, and is the same JSON. */
static void append_value(struct description *out, const char *value)
{
    const bool is_split = strlen(value) > VALUE_WIDTH;
    const char *from = value;
    bool is_string = false;
    int depth = 0;

    for (const char *at = value; is_split && *at; at++) {
        if (*at == '"')
            is_string = !is_string;
        else if (is_string)
            at += *at == '\\';
        else if (*at == '[' || *at == '{')
            depth++;
        else if (*at == ']' || *at == '}')
            depth--;
        else if (*at == ',' && depth == 1) {
            append(out, "%.*s\n", (int) (at + 1 - from), from);
            append_blanks(out, 0, NAME_WIDTH + 6); /* below the first element */
            from = at + 1;
        }
    }
    append(out, "%s", from);
}

static void append_row(struct description *out, const struct step *step, bool is_first)
{
    const char *value = find_value(out, step);

    if (out->is_json) {
        append(out, "%s{\"step\":\"%s\"", is_first ? "" : ",", step->name);
        append(out, step->run ? "" : ",\"isMeeting\":true");
        if (step->field)
            append(out, ",\"field\":\"%s\"", step->field);
        append(out, value ? ",\"value\":%s}" : "}", value);
        return;
    }
    append(out, "  %c %s", step->run ? ' ' : '=', step->name);
    if (value) {
        append_blanks(out, strlen(step->name), NAME_WIDTH);
        append(out, " ");
        append_value(out, value);
    }
    append(out, "\n");
}

static void append_actor(struct description *out, const char *name, const struct step *steps)
{
    bool is_first = true;

    append(out, out->is_json ? "\"%s\":[" : "%s\n", name);
    for (const struct step *step = steps; step->name; step++) {
        if (step->when && !step->when(out->plan))
            continue;
        append_row(out, step, is_first);
        is_first = false;
    }
    append(out, out->is_json ? "]" : "");
}

fallible launch_describe(const struct launch_request *request, struct arena *arena, bool is_json,
                         const char **text)
{
    struct host host = {
        .request = request, .arena = arena, .cgroup = -1, .agent = -1, .pid_file = -1, .pidfd = -1
    };
    struct description out = { .host = &host, .is_json = is_json };
    struct plan *plan;

    try_new(plan, arena, 1);
    struct error *error = launch_plan(&host, plan);
    namespaces_close(&plan->namespaces);
    try(error);
    try_new(out.text, arena, DESCRIPTION_SIZE);
    out.plan = plan;

    append(&out, is_json ? "{" : "");
    append_actor(&out, "host", host_steps);
    append(&out, is_json ? "," : "\n");
    append_actor(&out, "init", init_steps);
    if (is_json)
        append(&out, "}\n");
    if (out.length >= DESCRIPTION_SIZE)
        return error_new(ERROR_MEMORY, "describe the plan: more than %d bytes", DESCRIPTION_SIZE);
    *text = out.text;
    return OK;
}
