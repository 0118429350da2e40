/* SPDX-License-Identifier: Apache-2.0 */
/* Options.  getopt_long(3) would take any unique beginning of a name, and so give a meaning to
 * words that a later version may use otherwise; here a name is written out. */

#include "cli/options.h"

#include <string.h>

#include "base/nearest.h"
#include "base/text.h"

static const char help_name[] = "help";

/* Reading from left to right. */
struct reader {
    const struct option *options;
    char **next; /* the argument after the current one */
    bool wants_help;
};

static const struct option *find_name(const struct option *options, const char *name, size_t length)
{
    for (; options->name; options++)
        if (strlen(options->name) == length && strncmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

static const struct option *find_letter(const struct option *options, char letter)
{
    for (; options->name; options++)
        if (options->letter && options->letter == letter)
            return options;
    return NULL;
}

/* Where an option stands that is right, but not here; NULL if it is none. */
static const char *find_place(const struct option *options, const char *name, size_t length)
{
    if (options != global_option_table)
        return find_name(global_option_table, name, length) ? "before" : NULL;
    for (const struct command *const *command = commands; *command; command++)
        if (find_name((*command)->options, name, length))
            return "behind";
    return NULL;
}

static fallible refuse_name(const struct option *options, const char *argument, const char *name,
                            size_t length)
{
    char typed[64];
    text_format(typed, sizeof(typed), "%.*s", (int) length, name);

    struct error *error = error_new(ERROR_USAGE, "unknown option '%s'", argument);
    const char *place = find_place(options, name, length);
    if (place)
        return error_hint(error, "--%s stands %s the command", typed, place);

    struct nearest nearest = { .word = typed };
    for (; options->name; options++)
        nearest_consider(&nearest, options->name);
    nearest_consider(&nearest, help_name);
    return nearest.best ? error_hint(error, "did you mean '--%s'?", nearest.best) : error;
}

/* A flag can be said to be false, as programs written in Go let it. */
static fallible store_flag(const struct option *option, const char *value)
{
    bool *out = option->out;

    if (value && !text_equal(value, "true") && !text_equal(value, "false"))
        return error_new(ERROR_USAGE, "--%s takes no value but true and false, not '%s'",
                         option->name, value);
    *out = !value || text_equal(value, "true");
    return OK;
}

static fallible append_value(const struct option *option, const char *value)
{
    struct option_list *list = option->out;

    if (list->n == OPTION_LIST_SIZE)
        return error_new(ERROR_USAGE, "--%s is given more than %d times", option->name,
                         OPTION_LIST_SIZE);
    list->v[list->n++] = value;
    return OK;
}

/* VALUE is what follows the "=", or NULL: then the next argument is it. */
static fallible store_value(struct reader *reader, const struct option *option, const char *value,
                            const char *spelling)
{
    if (!value && !*reader->next)
        return error_hint(error_new(ERROR_USAGE, "flag needs an argument: %s", spelling),
                          "--%s %s: %s", option->name, option->value, option->about);
    if (!value)
        value = *reader->next++;
    if (option->is_list)
        return append_value(option, value);
    *(const char **) option->out = value;
    return OK;
}

/* NAME is ARGUMENT without its dashes. */
static fallible take_name(struct reader *reader, const char *argument, const char *name)
{
    size_t length = strcspn(name, "=");
    const char *value = name[length] ? name + length + 1 : NULL;
    const struct option *option = find_name(reader->options, name, length);

    if (!option && !value && text_equal(name, help_name)) {
        reader->wants_help = true;
        return OK;
    }
    if (!option)
        return refuse_name(reader->options, argument, name, length);
    if (!option->value)
        return store_flag(option, value);
    char spelling[64];
    text_format(spelling, sizeof(spelling), "--%s", option->name);
    return store_value(reader, option, value, spelling);
}

/* "-abn VALUE" and its like. */
static fallible take_letters(struct reader *reader, const char *argument)
{
    for (const char *letter = argument + 1; *letter && !reader->wants_help; letter++) {
        const char spelling[] = { '-', *letter, '\0' };
        const struct option *option = find_letter(reader->options, *letter);
        const char *rest = letter[1] == '=' ? letter + 2 : letter + 1;

        if (!option && (*letter == 'h' || *letter == '?')) {
            reader->wants_help = true;
            return OK;
        }
        if (!option && letter == argument + 1 && letter[1])
            return refuse_name(reader->options, argument, letter, strcspn(letter, "="));
        if (!option)
            return error_new(ERROR_USAGE, "unknown option '%s'", spelling);
        if (option->value)
            return store_value(reader, option, letter[1] ? rest : NULL, spelling);
        if (letter[1] == '=')
            return store_flag(option, rest);
        try(store_flag(option, NULL));
    }
    return OK;
}

/* With one dash, a long name goes before letters. */
static fallible take_option(struct reader *reader, const char *argument)
{
    if (argument[1] == '-')
        return take_name(reader, argument, argument + 2);

    size_t length = strcspn(argument + 1, "=");
    bool is_help = length == sizeof(help_name) - 1 && text_starts(argument + 1, help_name);
    if (length > 1 && (is_help || find_name(reader->options, argument + 1, length)))
        return take_name(reader, argument, argument + 1);
    return take_letters(reader, argument);
}

static bool is_option(const char *argument)
{
    return argument[0] == '-' && argument[1];
}

/* Whether what is behind a word of the command, which is met now, is somebody else's. */
static bool ends_options(const struct command *command)
{
    return !command || options_take_rest(command) ||
           (command->takes_command && command->takes_command());
}

/* Where nothing better is known. */
static fallible add_usage(struct error *error, const struct command *command)
{
    if (!command)
        return error;
    return error_hint(error, "usage: tare %s [OPTIONS]%s%s%s%s", command->name,
                      *command->words ? " " : "", command->words,
                      command->other_words ? ", or with " : "",
                      command->other_words ? command->other_words : "");
}

fallible options_read(const struct option *options, const struct command *command, char **arguments,
                      bool *wants_help)
{
    struct reader reader = { .options = options, .next = arguments };
    char **words = arguments;
    bool takes_options = true;

    while (*reader.next && !reader.wants_help) {
        char *argument = *reader.next++;
        if (takes_options && text_equal(argument, "--")) {
            takes_options = false;
        } else if (takes_options && is_option(argument)) {
            try(add_usage(take_option(&reader, argument), command));
        } else {
            *words++ = argument;
            takes_options &= !ends_options(command);
        }
    }
    *words = NULL;
    *wants_help = reader.wants_help;
    return OK;
}

fallible options_check_value(const char *name, const char *value)
{
    return value && !*value ? error_new(ERROR_USAGE, "--%s must not be empty", name) : OK;
}

/* The end of "<id>" or "[<signal>]". */
static const char *skip_word(const char *word)
{
    while (*word && *word != ' ')
        word++;
    return word;
}

/* "[<id>...]" */
static bool takes_ids(const struct command *command)
{
    return text_ends(command->words, "<id>...]");
}

bool options_take_rest(const struct command *command)
{
    if (takes_ids(command))
        return false;
    return text_ends(command->words, "...") || text_ends(command->words, "...]");
}

fallible options_check_words(const struct command *command, const char *const *words)
{
    const char *asked = command->words;
    struct error *error = OK;

    if (command->takes_command && command->takes_command())
        return OK;
    while (*asked && *words) {
        asked = skip_word(asked);
        asked += *asked == ' ';
        words++;
    }
    if (!*asked && (options_take_rest(command) || takes_ids(command)))
        return OK;
    if (*asked == '<')
        error = error_new(ERROR_USAGE, "%.*s is missing", (int) (skip_word(asked) - asked), asked);
    else if (*words)
        error = error_new(ERROR_USAGE, "'%s' is one word too many", *words);
    return add_usage(error, command);
}
