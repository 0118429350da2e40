/* SPDX-License-Identifier: Apache-2.0 */
/* tare check: what this host, or this config on this host, has and lacks (container/check.h), in
 * words that tell what to do.  Rows are told as they are known, in JSON, too. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/error_names.h"
#include "base/escape.h"
#include "base/text.h"
#include "cli/causes.h"
#include "cli/commands.h"
#include "cli/launch_options.h"
#include "cli/output.h"
#include "cli/paragraph.h"
#include "container/check_config.h"
#include "libocispec/schema.h"
#include "os/interrupts.h"

enum { STATUS_WIDTH = 12, NAME_WIDTH = 21, CODE_SIZE = 48, COUNT_SIZE = 32 };
enum { INDENT = 2 + STATUS_WIDTH + NAME_WIDTH };

static bool is_json;

/* What has been told so far. */
struct report {
    struct arena *arena;
    const struct document *document; /* config.json, or NULL */
    bool is_host_alone;              /* nobody has written that */
    const char *group;
    size_t room; /* for what is said of a row (cli/paragraph.h) */
    unsigned counts[CHECK_MISSING + 1];
    unsigned told;
};

/* For programs ----------------------------------------------------------------------------------
 */

struct row {
    const char *group, *name, *path, *status, *found, *reason, *code, *cause, *field, *affects,
        *mend;
};

static const struct oci_field row_fields[] = {
    OCI_FIELD(row, group, "group", STR, REQ), OCI_FIELD(row, name, "name", STR, REQ),
    OCI_FIELD(row, path, "path", STR, OPT),   OCI_FIELD(row, status, "status", STR, REQ),
    OCI_FIELD(row, found, "found", STR, OPT), OCI_FIELD(row, reason, "reason", STR, OPT),
    OCI_FIELD(row, code, "code", STR, OPT),   OCI_FIELD(row, cause, "cause", STR, OPT),
    OCI_FIELD(row, field, "field", STR, OPT), OCI_FIELD(row, affects, "affects", STR, OPT),
    OCI_FIELD(row, mend, "mend", STR, OPT),
};
static const struct oci_schema row_schema = OCI_SCHEMA(row, row_fields);

/* Names and words of others, as they can be shown; NULL for nothing. */
static fallible clean(struct report *report, const char *text, const char **shown)
{
    *shown = NULL;
    if (!text || !*text)
        return OK;
    *shown = escape_copy(report->arena, text, ESCAPE_PLAIN);
    return *shown ? OK : allocate_failed();
}

/* What is not needed is nothing to mend. */
static bool is_fault(const struct check_result *result)
{
    return result->status >= CHECK_DEGRADED;
}

static fallible fill_row(struct report *report, const struct check_result *result, struct row *row)
{
    const struct error *error = result->error;
    char reason[ERROR_TEXT_SIZE] = "";

    *row = (struct row){ .group = result->group,
                         .name = result->name,
                         .status = check_status_name(result->status) };
    try(clean(report, result->path, &row->path));
    try(clean(report, result->found, &row->found));
    if (!error)
        return OK;
    error_print(error, reason, sizeof(reason));
    row->affects = result->affects;
    try(clean(report, reason, &row->reason));
    try(clean(report, error->field, &row->field));
    if (!is_fault(result))
        return OK;
    row->code = error_code_name(error->code);
    row->cause = error->cause;
    return clean(report, error->cause || !result->mend ? error->hint : result->mend, &row->mend);
}

static fallible print_object(struct report *report, const struct row *row)
{
    const char *text = oci_encode(&row_schema, row, false, report->arena, NULL);

    return text ? output_print(STDOUT_FILENO, "%s\n    %s", report->told ? "," : "", text)
                : allocate_failed();
}

/* For people ------------------------------------------------------------------------------------
 */

/* Whether it is not the member that the reason is about. */
static bool affects_more(const struct row *row)
{
    const char *affects = row->affects, *field = row->field;

    return affects && !text_starts(row->reason, affects) &&
           !(field && (text_starts(field, affects) || text_starts(affects, field)));
}

static void append_lacking(struct paragraph *text, const struct row *row)
{
    char code[CODE_SIZE];

    if (affects_more(row)) {
        paragraph_break(text);
        paragraph_say(text, "affects:");
        paragraph_say(text, row->affects);
    }
    if (row->mend) {
        paragraph_break(text);
        paragraph_say(text, "mend:");
        paragraph_say(text, row->mend);
        text_format(code, sizeof(code), "[%s]", row->cause ? row->cause : "");
        paragraph_say(text, row->cause ? code : "");
    }
}

static fallible print_status(struct report *report, const struct check_result *result,
                             const struct row *row)
{
    static const enum output_colour colours[] = {
        [CHECK_OK] = COLOUR_GREEN,    [CHECK_UNNEEDED] = COLOUR_DIM,
        [CHECK_UNTRIED] = COLOUR_DIM, [CHECK_DEGRADED] = COLOUR_YELLOW,
        [CHECK_MISSING] = COLOUR_RED,
    };

    if (!report->group || !text_equal(report->group, row->group))
        try(output_print(STDOUT_FILENO, "%s%s\n", report->group ? "\n" : "", row->group));
    try(output_text("  "));
    return output_coloured(colours[result->status], row->status);
}

static fallible print_row(struct report *report, const struct check_result *result,
                          const struct row *row)
{
    struct paragraph text = { .indent = INDENT, .room = report->room };

    paragraph_pad(&text, STATUS_WIDTH - strlen(row->status));
    paragraph_append(&text, "%s", row->name);
    paragraph_pad(&text, strlen(row->name) < NAME_WIDTH ? NAME_WIDTH - strlen(row->name) : 1);
    if (row->path) {
        paragraph_say(&text, row->path);
        paragraph_join(&text, ":");
    }
    paragraph_say(&text, row->reason ? row->reason : row->found ? row->found : "");
    if (is_fault(result))
        append_lacking(&text, row);
    try(print_status(report, result, row));
    return paragraph_print(&text, STDOUT_FILENO);
}

/* ---------------------------------------------------------------------------------------------- */

/* Of a config that nobody has written no line is told, and its name only where it is tried. */
static struct error *place(const struct report *report, const struct check_result *result)
{
    struct error *error = result->error;

    if (!report->document || !error->field[0])
        return error;
    if (!report->is_host_alone)
        return document_place(report->document, error);
    if (!strstr(error->text, error->field))
        error = error_within(error, "%s", error->field);
    return text_equal(result->group, "config") ? error_within(error, "%s", report->document->name)
                                               : error;
}

static fallible say(const struct check_result *told, void *context)
{
    struct report *report = context;
    struct check_result result = *told;
    struct row row;

    if (result.error && is_fault(&result))
        result.error = causes_explain(place(report, &result));
    try(fill_row(report, &result, &row));
    try(is_json ? print_object(report, &row) : print_row(report, &result, &row));
    report->group = result.group;
    report->counts[result.status]++;
    report->told++;
    return OK;
}

static const char *name_status(const struct report *report, bool is_whole)
{
    unsigned missing = report->counts[CHECK_MISSING], degraded = report->counts[CHECK_DEGRADED];

    if (!is_whole)
        return "interrupted";
    return check_status_name(missing ? CHECK_MISSING : degraded ? CHECK_DEGRADED : CHECK_OK);
}

static fallible print_end(const struct report *report, bool is_whole)
{
    return output_print(STDOUT_FILENO,
                        "\n  ],\n  \"missing\": %u,\n  \"degraded\": %u,\n"
                        "  \"notTried\": %u,\n  \"status\": \"%s\"\n}\n",
                        report->counts[CHECK_MISSING], report->counts[CHECK_DEGRADED],
                        report->counts[CHECK_UNTRIED], name_status(report, is_whole));
}

/* No start is promised: it does more than can be tried. */
static fallible conclude(const struct report *report, const char *bundle)
{
    unsigned missing = report->counts[CHECK_MISSING], untried = report->counts[CHECK_UNTRIED];
    const char *what = bundle ? "nothing is missing of what was tried"
                              : "nothing is missing of what containers need";
    char rest[COUNT_SIZE];

    if (missing)
        what = bundle ? "this bundle cannot be started here" : "what containers need is missing";
    text_format(rest, sizeof(rest), ", %u not tried", untried);
    return output_print(STDOUT_FILENO, "\n%s: %u missing, %u degraded%s\n", what, missing,
                        report->counts[CHECK_DEGRADED], untried ? rest : "");
}

/* What is checked is the plan of `run`, which has a terminal to give; without a bundle, that of a
 * config as `tare spec` writes it. */
static fallible open_call(struct invocation *invocation, const char *bundle,
                          struct launch_call *call)
{
    static const char *const words[] = { "check", NULL };
    struct invocation asked = *invocation;

    asked.words = bundle ? words : words + 1;
    launch_options.bundle = bundle;
    launch_options.rootfs = bundle ? NULL : "/";
    launch_options.id = words[0];
    launch_options.is_dry_run = launch_options.is_detached = true;
    try(launch_call_open(&asked, call));
    if (!bundle)
        call->bundle.document.name = "a config of 'tare spec'";
    call->request.starts_at_once = call->request.terminal.is_foreground = true;
    return OK;
}

/* One that is no config is told behind what the host has; OK for one that is. */
static fallible tell_config(struct report *report, struct error *error)
{
    const struct check_result result = { .group = "config",
                                         .name = "config.json",
                                         .status = CHECK_MISSING,
                                         .found = "",
                                         .error = error };

    return error ? say(&result, report) : OK;
}

static bool is_about_config(const struct error *error)
{
    return error->code == ERROR_CONFIG || error->code == ERROR_UNSUPPORTED ||
           error->code == ERROR_SYNTAX || error->code == ERROR_BUNDLE;
}

/* The object is whole for who reads it, also when a signal ends it half-way. */
static fallible tell_all(const struct check_wish *wish, struct error *about_config,
                         struct invocation *invocation)
{
    const char *bundle = invocation->words[0];
    struct report *report = wish->context;

    if (is_json)
        try(output_text("{\n  \"checks\": ["));
    struct error *interruption = check_host(wish, invocation->arena);
    if (interruption && interruption->code != ERROR_INTERRUPTED)
        return interruption;
    struct error *failure = interruption ? OK : tell_config(report, about_config);
    if (!failure && is_json)
        failure = print_end(report, !interruption);
    else if (!failure && !interruption)
        failure = conclude(report, bundle);
    if (failure)
        error_forget(interruption);
    invocation->status = report->counts[CHECK_MISSING] ? EXIT_FAILURE : EXIT_SUCCESS;
    return failure ? failure : interruption;
}

static fallible check(struct invocation *invocation, struct check_warnings *warnings)
{
    const char *bundle = invocation->words[0];
    struct report report = { .arena = invocation->arena,
                             .is_host_alone = !bundle,
                             .room = paragraph_find_room(STDOUT_FILENO, INDENT) };
    struct launch_call call;
    struct interrupts interrupts;
    struct check_wish wish = { .is_host_alone = !bundle,
                               .warnings = warnings,
                               .root = global_options.root,
                               .say = say,
                               .context = &report };
    struct error *about_config = open_call(invocation, bundle, &call);
    if (about_config && !is_about_config(about_config))
        return about_config;
    if (!about_config) {
        report.document = &call.bundle.document;
        wish.request = &call.request;
    }
    try(interrupts_hold(&interrupts));
    wish.interrupts = interrupts.fd;
    struct error *error = tell_all(&wish, about_config, invocation);
    interrupts_release(&interrupts);
    error_forget(about_config);
    return error;
}

static fallible run(struct invocation *invocation)
{
    struct check_warnings warnings;

    if (!invocation->words[0])
        return check(invocation, NULL);
    check_warnings_begin(&warnings);
    struct error *error = check(invocation, &warnings);
    check_warnings_end();
    return error;
}

static const struct option options[] = {
    OPTION_VALUE('f', "config", "FILE", &launch_options.config,
                 "use FILE of the bundle instead of config.json"),
    OPTION_FLAG('j', "json", &is_json, "for programs: an object, with a row for each check"),
    {},
};

const struct command check_command = {
    .name = "check",
    .words = "[<bundle>]",
    .about = "try what this host, or a bundle on it, has and lacks; 1 if something is missing",
    .options = options,
    .run = run,
};
