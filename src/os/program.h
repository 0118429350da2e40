/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct arena;

/*
 * Runs a program to its end, in `tare` and in init: a hook (config.md#posix-platform-hooks).
 *
 * It gets exactly ARGS and ENV, the descriptors 0 to 2 and no others, no signal blocked or ignored,
 * and a session of its own.  Its standard input is INPUT, and then the end; whether it reads that
 * is its own affair.  What it writes to standard output and error is read all the while, and the
 * last of it kept for the error.  What it leaves behind in the background is not waited for.  If we
 * are killed, so is it (PR_SET_PDEATHSIG, which Linux takes from set-user-ID programs).
 */
struct program_text {
    const char *bytes;
    size_t length;
};
enum { PROGRAM_TEXTS = 3 };

struct program {
    const char *path;        /* absolute */
    const char *const *args; /* ends with NULL, like ENV */
    const char *const *env;
    int file;      /* O_PATH: executed in place of what PATH leads to, should that be
                    * another file; -1: whatever PATH leads to */
    int directory; /* to run in; -1: ours */
    struct program_text input[PROGRAM_TEXTS]; /* one behind the other */
    int file_out;       /* that gets its standard output; 0: it is read like standard error */
    int file_errors;    /* that gets its standard error; 0: it is read */
    bool heeds_signals; /* SIGINT, SIGTERM, SIGHUP and SIGQUIT, while we hold them back, end it,
                         * but for those that we ignore, and so does a deadline (deadline.h) */
    uint32_t seconds;   /* how long it may take, before it is killed with its whole process
                         * group; 0: for ever */
};

/* OK if it exited with 0, else ERROR_PROGRAM: "/bin/x exited with status 3: the last line that it
 * wrote", and how it ended; if it could not be executed at all, with errno.  Our other children
 * stay unreaped. */
fallible program_run(const struct program *program);

/* The error for an execve(2) of PATH that failed with errno. */
fallible program_explain(const char *path);

/* The same, and gives what it wrote to standard output, at most MOST bytes, in the arena.  Host
 * only.
 */
fallible program_read(const struct program *program, size_t most, struct arena *arena,
                      const char **text);

/* Finds a program of the host by NAME ("newuidmap") in a fixed list of directories, since engines
 * call us without a PATH.  PATH, of PROGRAM_PATH_SIZE bytes, is absolute.  Host only; ERROR_PROGRAM
 * when there is none that we may execute. */
enum { PROGRAM_PATH_SIZE = 256 };
fallible program_find(const char *name, char *path);

/* Where make install puts those that users do not call themselves. */
extern const char program_directory[];

/* The same for a program of our own: beside a `tare` that is not installed, in its build, or else
 * in program_directory. */
fallible program_find_own(const char *name, char *path);
