/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "os/channel.h"

struct plan;
struct host;
struct inside;

/*
 * A launch is a play of two actors, host and init.  Each follows its own table of steps from top to
 * bottom; they wait for each other at the meeting points, which stand in both tables in the same
 * order and are skipped by both for the same reason, since both ask the same plan.
 *
 * When a step of the host fails, the steps before it are undone, last one first.  What init made
 * dies with its namespaces.
 */
struct launch {
    struct plan *plan;          /* init sees it read-only */
    int channel;                /* to the peer */
    struct host *host;          /* the host's own matters (host.h), or NULL */
    struct inside *inside;      /* init's own matters (inside.h), or NULL */
    struct channel_span *spans; /* the timeline, room for CHANNEL_SPANS; NULL when not traced */
    uint32_t span_count;
};

struct step {
    const char *name;                  /* what is done: "set rlimits" */
    const char *field;                 /* the part of config.json it obeys, if any */
    bool (*when)(const struct plan *); /* skipped where this says no */
    fallible (*run)(struct launch *);  /* NULL for a meeting point */
    void (*undo)(struct launch *);
};

/* A row without an undo, and a meeting point. */
#define STEP(name, field, when, run)                                                               \
    {                                                                                              \
        name, field, when, run, NULL                                                               \
    }
#define MEET(point, reason)                                                                        \
    {                                                                                              \
        point, NULL, reason, NULL, NULL                                                            \
    }

/* Plays a table, which ends with a nameless row.  An error gets the step's name in front, and the
 * step's field; one that came from the peer has those of the peer's step already. */
fallible steps_run(const struct step *steps, struct launch *launch);

/* Undoes a table that has been played to its end. */
void steps_undo(const struct step *steps, struct launch *launch);

/* The storyboards. */
extern const struct step host_steps[];
extern const struct step init_steps[];

/* Those of exec: a process that comes into a container which is there. */
extern const struct step exec_host_steps[];
extern const struct step exec_inside_steps[];

/* Those of mounts: what is mounted in a container that is there changes. */
extern const struct step live_host_steps[];
extern const struct step live_inside_steps[];

/* Those of checkpoint and restore: criu plays the part of the inside. */
extern const struct step checkpoint_steps[];
extern const struct step restore_steps[];
