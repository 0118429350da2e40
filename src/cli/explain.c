/* SPDX-License-Identifier: Apache-2.0 */
/* tare explain: what the codes of errors mean, and those of their causes (causes.c).  The former
 * say what failed, and end each message's record; the latter say why, where that could be found. */

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/error_names.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cli/causes.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/paragraph.h"

enum { CODE_WIDTH = 24, INDENT = 2, ROW_INDENT = 2 * INDENT };

// clang-format off
static const char *const meanings[ERROR_CODES] = {
    [ERROR_NONE]               = NULL,
    [ERROR_SYSTEM]             = "the kernel refused a call: the errno says how, the text what for",
    [ERROR_MEMORY]             = "the config, or the state, is larger than tare has room for",
    [ERROR_USAGE]              = "the command line is wrong: 'tare help COMMAND' tells what it may be",
    [ERROR_SYNTAX]             = "a document is no JSON, or not of the form that it must have: the "
                                 "text names line and column",
    [ERROR_CONFIG]             = "a document asks for something wrong: the text names line, column, "
                                 "field and reason",
    [ERROR_UNSUPPORTED]        = "the field is right, but this host, kernel or build cannot do it",
    [ERROR_BUNDLE]             = "the bundle, its config.json or its root filesystem cannot be used",
    [ERROR_ID]                 = "a container cannot be called so",
    [ERROR_EXISTS]             = "a container has that id: delete it, or take another",
    [ERROR_UNKNOWN]            = "no container has that id in this state directory: see 'tare list', "
                                 "and --root",
    [ERROR_STATE]              = "the container is in another state than the command needs: see "
                                 "'tare state'",
    [ERROR_RECORD]             = "the state directory holds what tare did not write: 'tare delete "
                                 "--force' removes it",
    [ERROR_EXECUTABLE_MISSING] = "the program of the container, or its interpreter, is not there",
    [ERROR_EXECUTABLE_REFUSED] = "the program of the container is there, but cannot be executed",
    [ERROR_CWD]                = "process.cwd cannot be entered: it has to be a directory of the "
                                 "container that its user may enter",
    [ERROR_PATH]               = "a path of the container is not what it must be, or leads out of it",
    [ERROR_MOUNT]              = "a mount of the config failed",
    [ERROR_CGROUP]             = "the cgroup cannot be made, entered, changed or removed",
    [ERROR_CONTROLLER]         = "a limit needs a cgroup controller that is not there",
    [ERROR_READ_BACK]          = "what was set is not what the kernel then says",
    [ERROR_PROTOCOL]           = "the parts of tare, or an engine and tare, do not understand each "
                                 "other: are they of one version?",
    [ERROR_INIT_DIED]          = "the container's first process ended before it was built: it was "
                                 "killed, memory ran out, or a filter forbids what it does",
    [ERROR_TIMEOUT]            = "something was waited for, and its time has run out",
    [ERROR_FROZEN]             = "somebody is waited for who is frozen: 'tare resume' lets it go on",
    [ERROR_PROGRAM]            = "a program that is run for the container failed: a hook, criu, "
                                 "newuidmap",
    [ERROR_INTERRUPTED]        = "a signal, or --timeout, told tare to give up; what had been made is undone",
};
// clang-format on

static fallible print_line(const char *code, const char *meaning)
{
    const size_t indent = CODE_WIDTH + 1, length = strlen(code);
    struct paragraph line = { .indent = indent,
                              .room = paragraph_find_room(STDOUT_FILENO, indent) };

    paragraph_append(&line, "%s", code);
    paragraph_pad(&line, length < CODE_WIDTH ? indent - length : 1);
    paragraph_say(&line, meaning);
    return paragraph_print(&line, STDOUT_FILENO);
}

/* "E-BUNDLE: the bundle ... cannot be used" */
static fallible print_meaning(const char *code, const char *meaning)
{
    struct paragraph text = { .indent = INDENT,
                              .room = paragraph_find_room(STDOUT_FILENO, INDENT) };

    paragraph_say(&text, code);
    paragraph_join(&text, ":");
    paragraph_say(&text, meaning);
    return paragraph_print(&text, STDOUT_FILENO);
}

/* A cause has one row or more; ERROR_NONE is concerned by all. */
static bool concerns(const struct cause *cause, enum error_code code)
{
    do
        if (code == ERROR_NONE || cause->error == code)
            return true;
    while ((++cause)->hint && !cause->code);
    return false;
}

static fallible list_causes(enum error_code of)
{
    for (const struct cause *cause = causes; cause->hint; cause++)
        if (cause->code && concerns(cause, of))
            try(print_line(cause->code, cause->meaning));
    return OK;
}

static fallible list_all(void)
{
    try(output_print(STDOUT_FILENO, "What failed:\n"));
    for (unsigned i = ERROR_NONE + 1; i < ERROR_CODES; i++)
        try(print_line(error_code_name((enum error_code) i), meanings[i]));
    try(output_print(STDOUT_FILENO, "\nWhy, where that could be found:\n"));
    return list_causes(ERROR_NONE);
}

/* "open_tree, ENOENT: ... is missing on the host" */
static fallible print_row(const struct cause *cause)
{
    const char *call = error_call_name(cause->call), *symbol = error_number_symbol(cause->number);
    struct paragraph row = { .indent = ROW_INDENT,
                             .room = paragraph_find_room(STDOUT_FILENO, ROW_INDENT) };
    char hint[ERROR_HINT_SIZE];

    causes_print_hint(cause, "...", hint);
    paragraph_pad(&row, INDENT);
    paragraph_say(&row, call);
    paragraph_join(&row, *call && *symbol ? "," : "");
    paragraph_say(&row, symbol);
    paragraph_join(&row, *call || *symbol ? ":" : "");
    paragraph_say(&row, hint);
    return paragraph_print(&row, STDOUT_FILENO);
}

static fallible explain_cause(const struct cause *cause)
{
    try(print_meaning(cause->code, cause->meaning));
    do
        try(print_row(cause++));
    while (cause->hint && !cause->code);
    return OK;
}

static fallible explain_error(enum error_code code)
{
    try(print_meaning(error_code_name(code), meanings[code]));
    return list_causes(code);
}

/* Codes of errors begin as the symbols of errno do, and are asked for in their stead. */
static fallible refuse_errno(const char *symbol, int number)
{
    struct error *error = error_new(ERROR_USAGE, "'%s' is no code of tare, but an errno: %s",
                                    symbol, error_number_words(number));
    return error_hint(error, "the [E-...] behind an error's hint says more; 'tare explain' lists "
                             "the codes");
}

static fallible explain(const char *code)
{
    struct nearest nearest = { .word = code };
    const int number = error_symbol_number(code);

    if (number)
        return refuse_errno(code, number);
    for (unsigned i = ERROR_NONE + 1; i < ERROR_CODES; i++) {
        const char *name = error_code_name((enum error_code) i);
        if (strcasecmp(name, code) == 0)
            return explain_error((enum error_code) i);
        nearest_consider(&nearest, name);
    }
    for (const struct cause *cause = causes; cause->hint; cause++) {
        if (!cause->code)
            continue;
        if (strcasecmp(cause->code, code) == 0)
            return explain_cause(cause);
        nearest_consider(&nearest, cause->code);
    }
    struct error *error = error_new(ERROR_USAGE, "unknown code '%s'", code);
    if (nearest.best)
        return error_hint(error, "did you mean '%s'?", nearest.best);
    return error_hint(error, "'tare explain' lists the codes");
}

static fallible run(struct invocation *invocation)
{
    return invocation->words[0] ? explain(invocation->words[0]) : list_all();
}

static const struct option options[] = { {} };

const struct command explain_command = {
    .name = "explain",
    .words = "[<code>]",
    .about = "tell what a code of an error means, or list them all",
    .options = options,
    .run = run,
};
