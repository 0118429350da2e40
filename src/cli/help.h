/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "cli/command.h"

/* Finds a command by its name; ERROR_USAGE, with a guess at what was meant. */
fallible help_find_command(const char *name, const struct command **command);

/* The page about everything, and the page about one command, from their records. */
fallible help_print_all(int fd);
fallible help_print_command(int fd, const struct command *command);
