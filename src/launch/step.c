/* SPDX-License-Identifier: Apache-2.0 */
/* The loop that plays a storyboard.  The same code serves both programs. */

#include "launch/step.h"

#include <errno.h>
#include <time.h>

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t) time.tv_sec * 1000000000 + (uint64_t) time.tv_nsec;
}

static bool is_skipped(const struct step *step, const struct launch *launch)
{
    return step->when && !step->when(launch->plan);
}

static void undo_before(const struct step *first, const struct step *end, struct launch *launch)
{
    for (const struct step *step = end; step-- > first;)
        if (step->undo && !is_skipped(step, launch))
            step->undo(launch);
}

/* On the host, of an init that has failed before: what we met may be what it has left, as a cgroup
 * that systemd has taken away behind it.  Where it died without a word (or hung up to run the
 * program), that explains what is not there, and nothing else.  ERROR is forgotten then. */
static fallible hear_first(const struct launch *launch, struct error *error)
{
    if (launch->inside || error->code == ERROR_INTERRUPTED || error->code == ERROR_INIT_DIED)
        return OK;
    struct error *first = channel_hear_failure(launch->channel);
    bool is_absence = error->code != ERROR_READ_BACK && (!error->number || error->number == ENOENT);
    if (first && !first->is_received && !is_absence) {
        error_forget(first);
        return OK;
    }
    if (first)
        error_forget(error);
    return first;
}

static fallible play(const struct step *step, uint32_t meeting, struct launch *launch)
{
    if (!step->run)
        return channel_meet(launch->channel, meeting);
    struct error *error = step->run(launch);
    if (error && error->is_received)
        return error;
    struct error *first = error ? hear_first(launch, error) : OK;
    if (first)
        return first;
    if (error && step->field)
        error = error_field(error, "%s", step->field);
    return error_within(error, "%s", step->name);
}

static void note_span(struct launch *launch, uint32_t row, uint64_t began)
{
    if (launch->span_count < CHANNEL_SPANS)
        launch->spans[launch->span_count++] = (struct channel_span){ row, began, now() };
}

fallible steps_run(const struct step *steps, struct launch *launch)
{
    uint32_t meeting = 0;

    for (const struct step *step = steps; step->name; step++) {
        meeting += !step->run;
        if (is_skipped(step, launch))
            continue;

        uint64_t began = launch->spans ? now() : 0;
        struct error *error = play(step, meeting, launch);
        if (error) {
            undo_before(steps, step, launch);
            return error;
        }
        if (launch->spans)
            note_span(launch, (uint32_t) (step - steps), began);
    }
    return OK;
}

void steps_undo(const struct step *steps, struct launch *launch)
{
    const struct step *end = steps;
    while (end->name)
        end++;
    undo_before(steps, end, launch);
}
