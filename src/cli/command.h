/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct arena;

/* A command is a record that describes itself: the parser, help and usage errors are made from it.
 */
struct option {
    char letter;       /* 'a' for -a, or 0 */
    const char *name;  /* "all" for --all */
    const char *value; /* what help calls its value, or NULL for a flag */
    void *out;         /* bool * for a flag, const char ** otherwise */
    const char *about;
};

#define OPTION_FLAG(letter, name, out, about)                                                      \
    {                                                                                              \
        letter, name, NULL, 1 ? (out) : (bool *) 0, about                                          \
    }
#define OPTION_VALUE(letter, name, value, out, about)                                              \
    {                                                                                              \
        letter, name, value, 1 ? (out) : (const char **) 0, about                                  \
    }

/* What every command is told. */
struct invocation {
    const char *const *words; /* the positional words, NULL at the end */
    int status;               /* the exit status when the command succeeds; 0 unless it sets it */
    struct arena *arena;
    int arena_fd; /* of a shared arena, or -1 */
};

struct command {
    const char *name;
    const char *words; /* "<id> [<signal>]": shown by help, and obeyed; "..." takes the rest */
    const char *about;
    const struct option *options; /* ends with an entry without a name */
    bool launches;                /* needs the shared arena */
    fallible (*prepare)(void); /* once the options are read, before anything is opened; or NULL */
    fallible (*run)(struct invocation *invocation);
};

/* All commands in the order help shows them, NULL at the end. */
extern const struct command *const commands[];

/* The options before the command. */
struct global_options {
    const char *root;
    const char *log, *log_format, *log_level;
    const char *cgroup_manager;
    const char *rootless; /* accepted from engines: true, false, auto */
    bool is_debug;
    bool is_systemd_cgroup;
    bool is_version;
};
extern struct global_options global_options;
extern const struct option global_option_table[];

/* The whole program: finds the command, reads its options, runs it, reports its error. */
int cli_run(int argc, char **argv);
