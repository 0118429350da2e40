/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct oci_process;

/* process.terminal and process.consoleSize (config.md#process): a pseudoterminal of the container's
 * own devpts. */
struct terminal_plan {
    bool is_wanted;
    bool is_relayed;        /* tare itself holds the other end: `run` in the foreground */
    bool has_size;          /* else it is born as 0 times 0 */
    uint16_t rows, columns; /* character cells */
    int socket;             /* where init sends the other end; -1 before it is there */
};

/* Who could hold the other end. */
struct terminal_context {
    const char *console_socket; /* --console-socket, or NULL */
    bool is_foreground;         /* somebody waits for the end of the process */
};

/* Checks that somebody takes the other end, or that nobody expects one.  PROCESS may be NULL.
 * Without a size in the config, a relayed terminal has that of the caller's. */
fallible terminal_plan(const struct oci_process *process, const struct terminal_context *context,
                       struct terminal_plan *plan);

/* Connects to the listening socket PATH of an engine, at once or not at all; of any length. */
fallible terminal_connect(const char *path, int *connection);

/* Inside: both ends of a terminal, O_CLOEXEC. */
struct terminal {
    int master, slave;
    unsigned number; /* of /dev/pts/NUMBER */
};

/* Inside: makes a terminal of the devpts that is mounted on /dev/pts below ROOT.  The slave is
 * verified to be its own (R6), belongs to UID, has the size asked for, and becomes the controlling
 * terminal of the caller's session. */
fallible terminal_open(const struct terminal_plan *plan, uid_t uid, int root,
                       struct terminal *terminal);

/* Inside: sends the master to the socket of the plan, with the name of the slave as payload, and
 * closes master and socket; waits for nobody. */
fallible terminal_hand_over(const struct terminal_plan *plan, struct terminal *terminal);

/* Inside: makes the slave standard input, output and error, and closes it. */
fallible terminal_become_standard(int *slave);
