/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct arena;

/*
 * A command is a record that describes itself: the parser, help and usage errors are made from it,
 * and from help the completion of shells and the manual page (contrib/records).  So words of the
 * records have a meaning there: a value that is called DIR, FILE or SOCKET is a name on the host,
 * PATH is not; "a|b", or "a, b or c" at the end of what an option is about, behind ": " or alone,
 * are all the values there are; <id> is a container that is there, if there is no --bundle, and
 * "[<id>...]", which nothing stands before, any number of them; <bundle> is a directory.
 */
struct option {
    char letter;       /* 'a' for -a, or 0 */
    bool is_list;      /* it may be repeated */
    const char *name;  /* "all" for --all */
    const char *value; /* what help calls its value, or NULL for a flag */
    void *out;         /* bool * for a flag, const char ** or struct option_list * otherwise */
    const char *about; /* NULL: help does not tell of it */
};

/* The values of an option that may be repeated; room for all of a long command line. */
enum { OPTION_LIST_SIZE = 4096 };
struct option_list {
    const char *v[OPTION_LIST_SIZE];
    uint32_t n;
};

#define OPTION_FLAG(letter, name, out, about)                                                      \
    {                                                                                              \
        letter, false, name, NULL, 1 ? (out) : (bool *) 0, about                                   \
    }
#define OPTION_VALUE(letter, name, value, out, about)                                              \
    {                                                                                              \
        letter, false, name, value, 1 ? (out) : (const char **) 0, about                           \
    }
#define OPTION_LIST(letter, name, value, out, about)                                               \
    {                                                                                              \
        letter, true, name, value, 1 ? (out) : (struct option_list *) 0, about                     \
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
    int failure_status;           /* of a failure without a status of its own; 0 means 1 */
    bool (*takes_command)(void);  /* by its options the words are another's instead; or NULL */
    const char *other_words;      /* how it is called then: "--rootfs DIR [<command>...]" */
    fallible (*find)(void);       /* --help fails where this does: engines ask so; or NULL */
    fallible (*prepare)(void); /* once the options are read, before anything is opened; or NULL */
    fallible (*run)(struct invocation *invocation);
};

/* All commands in the order help shows them, NULL at the end. */
extern const struct command *const commands[];

/* The options before the command. */
struct global_options {
    const char *root;
    const char *log, *log_format, *log_level;
    const char *timeout;
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
