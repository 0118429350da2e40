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
    char listen_pid[24];
};

/* Makes the plan writable, whose pages become the caller's own by that. */
fallible plan_unlock(const struct plan *plan);

/* In the new user and mount namespaces, and still as the host's user, who reaches what root of the
 * container may not (storage of engines has mode 0700): exchanges the trees that the host has made
 * for copies whose flags are locked (os/host_object.h).  Part of both programs. */
void plan_take_early(struct plan *plan);

/* The whole of init: maps the plan its arguments name, plays init_steps, and executes the user's
 * program.  On failure it exits with INIT_FAILED, having told the host or `start` why; returns an
 * exit status only when it is called with arguments that are none. */
int inside_run(int argc, char **argv);
