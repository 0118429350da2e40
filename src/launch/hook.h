/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* One hook, and a list of them, run by either program (config.md#posix-platform-hooks). */
struct hook {
    const char *field;       /* "hooks.createRuntime[0]" */
    const char *path;        /* absolute */
    const char *const *args; /* ends with NULL, like ENV */
    const char *const *env;
    uint32_t seconds; /* it may take; 0: any number */
    int file;         /* createContainer: what the path leads to for the host, while a launch has it
                       * open; otherwise -1 */
};

struct hook_list {
    struct hook *v;
    uint32_t n;
};

/* The state document that they read (runtime.md#state), around the pid: that is another one inside
 * of the container. */
struct hook_state {
    const char *before, *after;
};

/* Files that get what hooks write; 0: that is read, and the last of it told when one fails. */
struct hook_output {
    int out, errors;
};

struct hook_place {
    const struct hook_state *state;
    pid_t pid;     /* of the container's process, as seen from where the hook runs */
    int directory; /* to run in; -1: ours */
    struct hook_output output;
    bool heeds_signals; /* that the user sends to us end it */
};

/* Says of an error whose it is; passes OK through. */
fallible hook_blame(const struct hook *hook, struct error *error);

/* Runs one to its end.  ERROR_PROGRAM with the hook's field. */
fallible hook_run(const struct hook *hook, const struct hook_place *place);

/* All of a list, one after the other, up to the first that fails. */
fallible hook_run_all(const struct hook_list *list, const struct hook_place *place);
