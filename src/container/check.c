/* SPDX-License-Identifier: Apache-2.0 */
/* check: goes through the table, then through the parts of the config's own start.  What surprises:
 * without a bundle the demands are those of the config that `tare spec` writes here, so that there
 * is one way to say what is missing and what is merely not there. */

#include "container/check.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/text.h"
#include "container/check_config.h"
#include "container/check_probes.h"
#include "launch/survey.h"
#include "libocispec/config.h"
#include "os/interrupts.h"
#include "os/trial.h"
#include "state/store.h"

enum { MILLISECONDS = 3000, PLACES = 32 };

const char *check_status_name(enum check_status status)
{
    static const char *const names[] = {
        [CHECK_OK] = "ok",
        [CHECK_UNNEEDED] = "not needed",
        [CHECK_UNTRIED] = "not tried",
        [CHECK_DEGRADED] = "degraded",
        [CHECK_MISSING] = "missing",
    };
    return names[status];
}

/* What all of it has in common. */
struct round {
    const struct check_wish *wish;
    struct survey survey;
    const char *state; /* the state directory, if it can be used and is there, or NULL */
    struct arena *arena;
};

static fallible tell(const struct round *round, struct check_result *result)
{
    struct error *error = result->error;
    struct error *failure = round->wish->say(result, round->wish->context);

    error_forget(error);
    return failure;
}

/* OK if none has come. */
static fallible hear_interrupt(const struct round *round)
{
    struct error *error = interrupts_take(round->wish->interrupts);

    return error_forget_if(error, EAGAIN) ? OK : error;
}

/* Of a trial: a ^C goes to all that it has started. */
static fallible tell_trial(const struct round *round, struct check_result *result)
{
    struct error *interruption = hear_interrupt(round);

    if (!interruption)
        return tell(round, result);
    error_forget(result->error);
    return interruption;
}

static fallible ask_probe(void *context, char found[TRIAL_FOUND_SIZE])
{
    struct probe *probe = context;

    probe->found = found;
    return probe->check->probe(probe);
}

static fallible try_check(const struct round *round, const struct check *check, const char *path,
                          bool is_demanded)
{
    char found[TRIAL_FOUND_SIZE];
    struct probe probe = { .check = check,
                           .wish = round->wish,
                           .survey = &round->survey,
                           .arena = round->arena,
                           .path = path };
    const struct trial trial = { ask_probe, &probe, MILLISECONDS };
    struct error *error = trial_run(&trial, found);
    if (error && !is_demanded)
        error->field[0] = '\0'; /* nobody has asked for that member */
    struct check_result result = {
        .group = check->group,
        .name = check->name,
        .path = path,
        .status = !error        ? CHECK_OK
                  : is_demanded ? CHECK_MISSING
                                : check->otherwise,
        .found = found,
        .affects = check->affects,
        .mend = check->mend,
        .error = error,
    };
    return tell_trial(round, &result);
}

/* Idmapped mounts: each filesystem is asked once -------------------------------------------------
 */

static const struct check idmap_check = {
    .group = "mounts",
    .name = "idmapped mounts",
    .otherwise = CHECK_UNNEEDED,
    .probe = check_idmap,
    .affects = "idmap, and uidMappings of mounts",
    .mend = "keep the files on ext4, xfs, btrfs or, since Linux 6.3, tmpfs",
};

struct places {
    dev_t seen[PLACES];
    unsigned n;
};

static fallible try_place(const struct round *round, struct places *places, const char *path,
                          bool is_demanded)
{
    struct stat status;

    if (stat(path, &status) || places->n == PLACES)
        return OK;
    for (unsigned i = 0; i < places->n; i++)
        if (places->seen[i] == status.st_dev)
            return OK;
    places->seen[places->n++] = status.st_dev;
    return try_check(round, &idmap_check, path, is_demanded);
}

static fallible name_place(const struct round *round, const char *path, const char **name)
{
    const char *bundle = round->wish->request->bundle_path;

    try_print(*name, round->arena, "%s%s%s", *path == '/' ? "" : bundle, *path == '/' ? "" : "/",
              path);
    return OK;
}

/* What the config maps comes first, then what it could. */
static fallible try_places_of_bundle(const struct round *round, struct places *places)
{
    const struct mounts_plan *mounts = &round->survey.plan->mounts;
    const char *place;

    for (uint32_t i = 0; i < mounts->n; i++) {
        const struct mount_plan *mount = &mounts->v[i];
        if (mount->idmap == MOUNT_IDMAP_NONE || mount->kind != MOUNT_KIND_BIND)
            continue;
        try(name_place(round, mount->source, &place));
        try(try_place(round, places, place, true));
    }
    try(survey_name_root(&round->survey, &place));
    return try_place(round, places, place, false);
}

/* The current directory, where a bundle may be made, and that of the state. */
static fallible try_places(const struct round *round)
{
    struct places places = { .n = 0 };
    char here[PATH_MAX];

    if (round->survey.plan && !round->wish->is_host_alone)
        return try_places_of_bundle(round, &places);
    if (getcwd(here, sizeof(here)))
        try(try_place(round, &places, here, false));
    return round->state ? try_place(round, &places, round->state, false) : OK;
}

/* The parts of the start -------------------------------------------------------------------------
 */

struct part_trial {
    const struct survey *survey;
    const struct survey_part *part;
};

static fallible ask_part(void *context, char found[TRIAL_FOUND_SIZE])
{
    const struct part_trial *trial = context;

    found[0] = '\0';
    return survey_try(trial->survey, trial->part);
}

static fallible try_part(const struct round *round, const struct survey_part *part)
{
    char found[TRIAL_FOUND_SIZE];
    struct part_trial context = { &round->survey, part };
    const struct trial trial = { ask_part, &context, MILLISECONDS };
    const char *root;

    try(survey_name_root(&round->survey, &root));
    struct error *error = trial_run(&trial, found);
    if (error)
        error->root = root;
    struct check_result result = {
        .group = "config",
        .name = part->name,
        .status = !error          ? CHECK_OK
                  : part->affects ? CHECK_DEGRADED
                                  : CHECK_MISSING,
        .found = error ? "" : part->field,
        .affects = part->affects,
        .error = error,
    };
    return tell_trial(round, &result);
}

static fallible tell_doubt(const struct round *round, const struct survey_part *part,
                           const char *why)
{
    struct check_result result = {
        .group = "config", .name = part->name, .status = CHECK_UNTRIED, .found = why
    };
    return tell(round, &result);
}

/* There may be no more to find, or much: a plan ends at the first thing that cannot be. */
static fallible tell_rest(const struct round *round)
{
    struct check_result result = {
        .group = "config",
        .name = "the rest",
        .status = CHECK_UNTRIED,
        .found = "the plan comes first, then the root filesystem, mounts, hooks, the program and "
                 "others",
    };
    return tell(round, &result);
}

static fallible try_parts(const struct round *round)
{
    char why[SURVEY_DOUBT_SIZE];

    for (const struct survey_part *part = survey_parts; part->name; part++) {
        if (!part->when(&round->survey))
            continue;
        if (part->doubt && part->doubt(&round->survey, why))
            try(tell_doubt(round, part, why));
        else
            try(try_part(round, part));
    }
    return OK;
}

static unsigned count_rows(const struct step *step, const struct plan *plan)
{
    unsigned count = 0;

    for (; step->name; step++)
        count += step->run && (!step->when || step->when(plan));
    return count;
}

static fallible tell_plan(const struct round *round, struct error *error)
{
    const struct plan *plan = round->survey.plan;
    struct check_result result = { .group = "config",
                                   .name = "plan",
                                   .status = error ? CHECK_MISSING : CHECK_OK,
                                   .found = "",
                                   .error = error };
    if (plan)
        try_print(result.found, round->arena, "%u steps of the host, %u of init",
                  count_rows(host_steps, plan), count_rows(init_steps, plan));
    return tell(round, &result);
}

/* ---------------------------------------------------------------------------------------------- */

static fallible try_table(const struct round *round)
{
    const char *group = checks->group;

    for (const struct check *check = checks; check->name; check++) {
        if (text_equal(group, "mounts") && !text_equal(check->group, "mounts"))
            try(try_places(round));
        group = check->group;
        bool is_demanded = check->is_demanded && check->is_demanded(&round->survey, check);
        try(try_check(round, check, NULL, is_demanded));
    }
    return OK;
}

static fallible try_state(struct round *round)
{
    struct store store = { .directory = -1, .path = "" };
    struct error *error = store_open(round->wish->root, false, round->arena, &store);
    struct check_result result = {
        .group = "state",
        .name = "state directory",
        .status = error ? CHECK_MISSING : CHECK_OK,
        .found = store.path,
        .error = error,
    };

    store_close(&store);
    round->state = error ? NULL : store.path;
    return tell(round, &result);
}

static fallible try_all(struct round *round)
{
    const struct check_wish *wish = round->wish;
    struct error *unplanned =
        wish->request ? survey_plan(wish->request, round->arena, &round->survey) : OK;
    check_warnings_end();
    struct error *error = try_state(round);
    if (!error)
        error = try_table(round);
    if (error) {
        error_forget(unplanned);
        return error;
    }
    if (unplanned || (wish->request && !wish->is_host_alone))
        try(tell_plan(round, unplanned));
    if (wish->request && wish->warnings)
        try(check_config(wish, round->arena));
    if (!wish->request || wish->is_host_alone)
        return OK;
    return round->survey.plan ? try_parts(round) : tell_rest(round);
}

fallible check_host(const struct check_wish *wish, struct arena *arena)
{
    struct round round = { .wish = wish, .arena = arena };
    struct error *error = try_all(&round);

    check_clean_up(&round.survey, arena);
    survey_close(&round.survey);
    return error;
}
