/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "base/error.h"

/*
 * run in the foreground with a terminal: carries bytes between the container's terminal and our
 * standard input and output, inside the caller's poll(2) loop.  If our standard input is a
 * terminal, it is made raw: what is typed, ^C as well, goes to the container.
 */
struct relay_bytes {
    char bytes[4096]; /* no more than a pipe that is writable takes at once */
    size_t begin, end;
};

struct relay {
    int terminal; /* of the container, or -1: then there is nothing to do */
    int waker;    /* readable once something happens to a terminal that nobody had open */
    int window;   /* our own terminal, whose size counts, or -1 */
    int screen;   /* our standard output, if that is a terminal, without waiting; or -1 */
    bool is_raw;
    bool has_input, has_output; /* ours are still there */
    bool is_quiet;              /* nobody has the container's terminal open */
    bool ended_by_line;         /* how the terminal read when the end of ours was typed last */
    unsigned ends_left;         /* ours has ended, which may be typed so many times more */
    size_t rest;                /* bytes read since the process has ended */
    int lost;                   /* why our standard output took no more (ENOSPC), or 0 */
    char last;                  /* byte that we have read */
    struct termios before;
    struct relay_bytes in, out;
};

/* What the relay waits for. */
enum { RELAY_INPUT, RELAY_OUTPUT, RELAY_TERMINAL, RELAY_EVENTS };

/* Takes TERMINAL (-1: none) and makes our own raw.  A relay that was opened is to be closed, also
 * when this fails. */
fallible relay_open(struct relay *relay, int terminal);

/* Gives our own terminal its settings back, and closes. */
void relay_close(struct relay *relay);

/* Fills the RELAY_EVENTS entries for the next poll(2), and takes its answer. */
void relay_watch(const struct relay *relay, struct pollfd *events);
fallible relay_carry(struct relay *relay, const struct pollfd *events);

/* After the end of the process: whether all that it has said is written.  Otherwise there is
 * something to write, which relay_watch() waits for.  What others say at its terminal without end
 * is left. */
fallible relay_is_dry(struct relay *relay, bool *is_dry);

/* What comes from now on is thrown away. */
void relay_discard(struct relay *relay);

/* SIGWINCH: our own terminal has another size.  False if we have none. */
bool relay_follow_size(struct relay *relay);

/* SIGCONT: somebody may have used our own terminal meanwhile. */
void relay_resume(struct relay *relay);
