/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "launch/plan.h"
#include "process/executable.h"

enum { INSIDE_HOME_SIZE = 512 };

/* What init holds of its own; one static object, since it has no allocator. */
struct inside {
    int root;          /* "/" of the container, O_PATH: until it is entered, its tree */
    int terminal;      /* its slave, until it is standard input, output and error */
    int connection;    /* to `start`, once it has come */
    bool keeps_groups; /* of the caller (process/user.h) */
    struct plan kept;  /* of the plan, what outlives a wait: its numbers, and what is executed */
    char path[EXECUTABLE_PATH_SIZE];
    char home[INSIDE_HOME_SIZE];
};

/* The whole of init: maps the plan its arguments name, plays init_steps, and executes the user's
 * program.  On failure it exits with INIT_FAILED, having told the host or `start` why; returns an
 * exit status only when it is called with arguments that are none. */
int inside_run(int argc, char **argv);
