/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "cli/command.h"

/*
 * The grammar of the command line, with all forms in which engines write options:
 *
 *     --name  --name=true  --name VALUE  --name=VALUE    also with one dash: -name
 *     -n  -nVALUE  -n VALUE  -n=VALUE                    letters of flags can be joined: -abn VALUE
 *     --                                                 no options behind it
 *
 * ARGUMENTS ends with NULL.  Options are stored where the table says; on return ARGUMENTS holds the
 * words alone, NULL at the end.  Options may stand anywhere before "--"; but what follows the first
 * word of a COMMAND that takes the rest, or another's command, is left as it is, and so is what
 * follows the first word of all (COMMAND is NULL).
 *
 * --help or -h ends the reading: WANTS_HELP.  All errors are ERROR_USAGE.
 */
fallible options_read(const struct option *options, const struct command *command, char **arguments,
                      bool *wants_help);

/* Refuses a value that is given, but empty. */
fallible options_check_value(const char *name, const char *value);

/* Whether the words of a command end in "...": "<id> [<argument>...]".  Then all that stands behind
 * the first word is somebody else's, and is read as words (IS_MIXED is false).  "[<id>...]" is not
 * that, but as many containers as one likes. */
bool options_take_rest(const struct command *command);

/* Whether the words are what "<id> [<signal>]" asks for, if they are not another command's; COMMAND
 * is for the message. */
fallible options_check_words(const struct command *command, const char *const *words);
