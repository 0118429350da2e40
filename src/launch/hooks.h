/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "launch/hook.h"
#include "libocispec/state.h"

struct arena;
struct launch;
struct oci_hooks;
struct oci_string_map;
struct record;

/*
 * hooks (config.md#posix-platform-hooks), and when they run (runtime.md#lifecycle): prestart and
 * createRuntime by the host, createContainer by init before it enters the root, all three in
 * create; startContainer by init before it executes the user's program; poststart and poststop by
 * the host, after start and delete.
 */
struct hooks_plan {
    struct hook_list prestart, create_runtime, create_container, start_container;
    struct hook_list poststart, poststop;
    bool has_output;           /* the annotations name files for what hooks write, */
    struct hook_output output; /* which are open while a launch goes on */
    struct hook_state state; /* for those that init runs; rootfs, a path of the host, is left out */
    const char *bundle;      /* absolute; "/" in a mount namespace that is joined: it need not have
                              * the bundle */
};

/* run.oci.hooks.stdout and run.oci.hooks.stderr of the annotations (crun(1)): whether there is one;
 * opens what they name, to append; closes it. */
bool hook_output_is_wanted(const struct oci_string_map *annotations);
fallible hook_output_open(const struct oci_string_map *annotations, struct hook_output *output);
void hook_output_close(struct hook_output *output);

/* Checks all hooks and copies them into the arena; HOOKS may be NULL.  ERROR_CONFIG names
 * "hooks.poststop[0].path". */
fallible hooks_plan(const struct oci_hooks *hooks, struct arena *arena, struct hooks_plan *plan);

/* What a container with this record and this status is for a hook. */
fallible hooks_describe(const struct record *record, enum oci_status status, struct arena *arena,
                        struct hook_state *state);

/* Those behind start and delete, of a container that is only known by its record any more.  One of
 * poststop that fails is a warning, and the others still run. */
fallible hooks_run_poststart(const struct record *record, struct arena *arena);
void hooks_run_poststop(const struct record *record, struct arena *arena);

/* Rows of the host: opens and closes the programs of createContainer hooks; from `begin` on, who
 * undoes the create owes the poststop hooks to the others. */
fallible hooks_open(struct launch *launch);
void hooks_close(struct launch *launch);
fallible hooks_open_output(struct launch *launch);
void hooks_close_output(struct launch *launch);
fallible hooks_begin(struct launch *launch);
fallible hooks_run_prestart(struct launch *launch);
fallible hooks_run_create_runtime(struct launch *launch);

/* Rows of init. */
fallible hooks_run_create_container(struct launch *launch);
fallible hooks_run_start_container(struct launch *launch);
