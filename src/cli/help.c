/* SPDX-License-Identifier: Apache-2.0 */
/* tare help, --help: pages made from the records of the commands. */

#include "cli/help.h"

#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/paragraph.h"

enum { LEFT_SIZE = 64 };

static const struct option help_options[] = {
    OPTION_FLAG('h', "help", NULL, "print this help"),
    {},
};

/* "-b, --bundle DIR" */
static void print_option(char *left, const struct option *option)
{
    char letter[] = "    ";

    if (option->letter)
        text_format(letter, sizeof(letter), "-%c, ", option->letter);
    text_format(left, LEFT_SIZE, "%s--%s%s%s", letter, option->name, option->value ? " " : "",
                option->value ? option->value : "");
}

static size_t wider(size_t width, const char *text)
{
    return strlen(text) > width ? strlen(text) : width;
}

static size_t measure_options(const struct option *options)
{
    size_t width = 0;
    for (char left[LEFT_SIZE]; options->name; options++) {
        print_option(left, options);
        width = wider(width, left);
    }
    return width;
}

static fallible print_row(int fd, const char *left, size_t width, const char *about)
{
    struct paragraph row = { .indent = width + 4, .room = paragraph_find_room(fd, width + 4) };

    paragraph_append(&row, "  %s", left);
    paragraph_pad(&row, width - strlen(left) + 2);
    paragraph_say(&row, about);
    return paragraph_print(&row, fd);
}

static fallible print_options(int fd, const struct option *options)
{
    size_t own = measure_options(options), width = measure_options(help_options);
    const struct option *const tables[] = { options, help_options };

    if (own > width)
        width = own;
    try(output_print(fd, "\nOptions:\n"));
    for (int i = 0; i < 2; i++)
        for (const struct option *option = tables[i]; option->name; option++) {
            char left[LEFT_SIZE];
            print_option(left, option);
            if (option->about)
                try(print_row(fd, left, width, option->about));
        }
    return OK;
}

fallible help_print_all(int fd)
{
    size_t width = 0;

    try(output_print(fd, "usage: tare [OPTIONS] COMMAND [OPTIONS] [WORDS]\n\n"
                         "Runs containers as the Open Container Initiative specifies them.\n\n"
                         "Commands:\n"));
    for (const struct command *const *command = commands; *command; command++)
        width = wider(width, (*command)->name);
    for (const struct command *const *command = commands; *command; command++)
        try(print_row(fd, (*command)->name, width, (*command)->about));
    try(print_options(fd, global_option_table));
    return output_print(fd, "\n'tare help COMMAND' tells more about a command.\n");
}

fallible help_print_command(int fd, const struct command *command)
{
    try(output_print(fd, "usage: tare %s [OPTIONS]%s%s\n", command->name,
                     *command->words ? " " : "", command->words));
    if (command->other_words)
        try(output_print(fd, "       tare %s [OPTIONS] %s\n", command->name, command->other_words));
    try(output_print(fd, "\n"));
    struct paragraph about = { .room = paragraph_find_room(fd, 0) };
    paragraph_say(&about, command->about);
    try(paragraph_print(&about, fd));
    return print_options(fd, command->options);
}

static const char *find_nearest(const char *name)
{
    struct nearest nearest = { .word = name };

    for (const struct command *const *known = commands; *known; known++)
        nearest_consider(&nearest, (*known)->name);
    return nearest.best;
}

static fallible refuse_command(const char *name)
{
    struct error *error = error_new(ERROR_USAGE, "unknown command '%s'", name);
    const char *nearest = find_nearest(name);

    if (nearest)
        return error_hint(error, "did you mean '%s'?", nearest);
    return error_hint(error, "'tare help' lists the commands");
}

fallible help_find_command(const char *name, const struct command **command)
{
    for (const struct command *const *known = commands; *known; known++)
        if (text_equal((*known)->name, name)) {
            *command = *known;
            return OK;
        }
    return refuse_command(name);
}

static fallible run(struct invocation *invocation)
{
    const struct command *command;

    if (!invocation->words[0])
        return help_print_all(STDOUT_FILENO);
    try(help_find_command(invocation->words[0], &command));
    return help_print_command(STDOUT_FILENO, command);
}

static const struct option options[] = { {} };

const struct command help_command = {
    .name = "help",
    .words = "[<command>]",
    .about = "tell about a command, or list them all",
    .options = options,
    .run = run,
};
