/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, a word a line, up to where a command would run; and its words that have a
 * language of their own, for each of which every word is taken in turn. */

#include "tests/fuzz/fuzz.h"

#include "cli/command.h"
#include "cli/duration.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/pattern.h"

enum { WORDS = 64, LONGEST = 2048 };

static fallible read_command(char **words, const struct command **command)
{
    bool wants_help = false;

    try(options_read(global_option_table, NULL, words, &wants_help));
    if (wants_help || !*words)
        return OK;
    try(help_find_command(*words++, command));
    try(options_read((*command)->options, *command, words, &wants_help));
    return wants_help ? OK : options_check_words(*command, (const char *const *) words);
}

/* The next input begins with an empty command line. */
static void forget(const struct option *options)
{
    for (; options->name; options++)
        if (options->is_list)
            ((struct option_list *) options->out)->n = 0;
        else if (options->value)
            *(const char **) options->out = NULL;
        else
            *(bool *) options->out = false;
}

/* An expression against itself is as long as an input can be, and takes its length's square. */
static void read_word(const char *word)
{
    static struct pattern pattern;
    uint64_t nanoseconds;

    if (duration_parse(word, &nanoseconds) && nanoseconds > INT64_MAX)
        abort();
    if (strlen(word) > LONGEST)
        return;
    struct error *error = pattern_read(word, &pattern);
    if (!error) {
        if (pattern.count > PATTERN_SIZE)
            abort();
        (void) pattern_matches(&pattern, "web-1.example");
        (void) pattern_matches(&pattern, word);
    }
    fuzz_judge(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[WORDS + 1], *text = fuzz_begin_text(data, size);
    const struct command *command = NULL;
    uint32_t n = fuzz_lines(text, words, WORDS);

    words[n] = NULL;
    for (uint32_t i = 0; i < n && i < 4; i++)
        read_word(words[i]);
    fuzz_judge(read_command(words, &command));
    forget(global_option_table);
    if (command)
        forget(command->options);
    fuzz_end(text);
    return 0;
}
