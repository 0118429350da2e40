/* SPDX-License-Identifier: Apache-2.0 */
/* hooks: checks and plans all six kinds, and runs those of the host.  What surprises: a hook
 * without env gets an empty environment, since ours is somebody else's, and the container's may be
 * hostile.
 */

#include "launch/hooks.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "launch/host.h"
#include "libocispec/hooks.h"
#include "os/deadline.h"
#include "os/interrupts.h"
#include "state/record.h"

/* Plans --------------------------------------------------------------------------------------- */

static fallible copy_strings(const struct oci_string_array *from, struct arena *arena,
                             const char *const **to)
{
    const char **copy;

    try_new(copy, arena, (size_t) from->n + 1);
    for (uint32_t i = 0; i < from->n; i++)
        try_print(copy[i], arena, "%s", from->v[i]);
    *to = copy;
    return OK;
}

static fallible refuse(const struct hook *hook, struct arena *arena, const char *member,
                       const char *reason)
{
    const char *field;

    try_print(field, arena, "%s.%s", hook->field, member);
    return error_config(field, "%s", reason);
}

static fallible plan_hook(const struct oci_hook *from, struct arena *arena, struct hook *hook)
{
    const struct oci_string_array itself = { (const char *[]){ from->path }, 1 };

    if (from->path[0] != '/')
        return refuse(hook, arena, "path", "it must be absolute");
    if (from->timeout.present && from->timeout.value <= 0)
        return refuse(hook, arena, "timeout", "it must be greater than zero");
    hook->file = -1;
    hook->seconds = (uint32_t) from->timeout.value;
    try_print(hook->path, arena, "%s", from->path);
    try(copy_strings(from->args.n ? &from->args : &itself, arena, &hook->args));
    return copy_strings(&from->env, arena, &hook->env);
}

static fallible plan_list(const struct oci_hook_array *from, const char *kind, struct arena *arena,
                          struct hook_list *list)
{
    if (!from->n)
        return OK;
    try_new(list->v, arena, from->n);
    for (; list->n < from->n; list->n++) {
        struct hook *hook = &list->v[list->n];
        try_print(hook->field, arena, "hooks.%s[%u]", kind, list->n);
        try(plan_hook(from->v[list->n], arena, hook));
    }
    return OK;
}

fallible hooks_plan(const struct oci_hooks *hooks, struct arena *arena, struct hooks_plan *plan)
{
    if (!hooks)
        return OK;
    try(plan_list(&hooks->prestart, "prestart", arena, &plan->prestart));
    try(plan_list(&hooks->create_runtime, "createRuntime", arena, &plan->create_runtime));
    try(plan_list(&hooks->create_container, "createContainer", arena, &plan->create_container));
    try(plan_list(&hooks->start_container, "startContainer", arena, &plan->start_container));
    try(plan_list(&hooks->poststart, "poststart", arena, &plan->poststart));
    return plan_list(&hooks->poststop, "poststop", arena, &plan->poststop);
}

/* The pid stands before everything that could hold the same text. */
fallible hooks_describe(const struct record *record, enum oci_status status, struct arena *arena,
                        struct hook_state *state)
{
    static const char pid[] = "\"pid\":";
    const struct oci_state document = record_describe(record, status, 0);
    char *text = oci_encode(&oci_state_schema, &document, false, arena, NULL);
    char *found = text ? strstr(text, pid) : NULL;

    if (!text)
        return allocate_failed();
    if (!found)
        return error_new(ERROR_PROGRAM, "the state has no pid");
    found += strlen(pid);
    *found = '\0'; /* in place of the 0 */
    *state = (struct hook_state){ text, found + 1 };
    return OK;
}

/* Rows of the host ---------------------------------------------------------------------------- */

fallible hooks_open(struct launch *launch)
{
    const struct hook_list *list = &launch->plan->hooks.create_container;

    for (uint32_t i = 0; i < list->n; i++) {
        struct hook *hook = &list->v[i];
        hook->file = open(hook->path, O_PATH | O_CLOEXEC);
        if (hook->file >= 0)
            continue;
        struct error *error = error_errno(ERROR_PROGRAM, "open %s", hook->path);
        hooks_close(launch);
        return hook_blame(hook, error_call(error, CALL_OPEN, hook->path));
    }
    return OK;
}

void hooks_close(struct launch *launch)
{
    const struct hook_list *list = &launch->plan->hooks.create_container;

    for (uint32_t i = 0; i < list->n; i++)
        close_fd(&list->v[i].file);
}

fallible hooks_begin(struct launch *launch)
{
    struct host *host = launch->host;

    host->owes_poststop = true;
    return hooks_describe(&host->record, OCI_STATUS_CREATED, host->arena, &host->hook_state);
}

static fallible run_on_host(struct launch *launch, const struct hook_list *list)
{
    const struct host *host = launch->host;
    const struct hook_place place = {
        .state = &host->hook_state,
        .pid = host->pid,
        .directory = host->request->bundle,
        .output = launch->plan->hooks.output,
        .heeds_signals = true,
    };

    return hook_run_all(list, &place);
}

fallible hooks_run_prestart(struct launch *launch)
{
    return run_on_host(launch, &launch->plan->hooks.prestart);
}

fallible hooks_run_create_runtime(struct launch *launch)
{
    return run_on_host(launch, &launch->plan->hooks.create_runtime);
}

/* After start and delete ---------------------------------------------------------------------- */

static fallible open_bundle(const struct record *record, int *directory)
{
    *directory = open(record->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return *directory < 0 ? error_errno(ERROR_BUNDLE, "open the bundle %s", record->bundle) : OK;
}

fallible hooks_run_poststart(const struct record *record, struct arena *arena)
{
    struct hooks_plan plan = { 0 };
    struct hook_state state;
    auto_close int bundle = -1;

    try(hooks_plan(record->hooks, arena, &plan));
    if (!plan.poststart.n)
        return OK;
    try(hooks_describe(record, OCI_STATUS_RUNNING, arena, &state));
    try(open_bundle(record, &bundle));
    try(hook_output_open(&record->annotations, &plan.output));
    const struct hook_place place = {
        .state = &state,
        .pid = record->pid.value,
        .directory = bundle,
        .output = plan.output,
        .heeds_signals = true,
    };
    struct error *error = hook_run_all(&plan.poststart, &place);
    hook_output_close(&plan.output);
    return error;
}

static bool warns(const struct record *record, struct error *error)
{
    if (error)
        log_warning("'%s': run the poststop hooks: %s", record->id, error_line(error));
    error_forget(error);
    return error;
}

/* They clean up: so they run even when there is no bundle any more to run them in, or no file to
 * write to, and are not ended by the signal that may have ended the container, only by another. */
void hooks_run_poststop(const struct record *record, struct arena *arena)
{
    struct hooks_plan plan = { 0 };
    struct hook_state state;
    auto_close int directory = -1;

    if (warns(record, hooks_plan(record->hooks, arena, &plan)) || !plan.poststop.n ||
        warns(record, hooks_describe(record, OCI_STATUS_STOPPED, arena, &state)))
        return;
    if (warns(record, open_bundle(record, &directory)))
        directory = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    warns(record, hook_output_open(&record->annotations, &plan.output));
    const struct hook_place place = {
        .state = &state,
        .directory = directory,
        .output = plan.output,
        .heeds_signals = true,
    };
    for (uint32_t i = 0; i < plan.poststop.n; i++)
        plan.poststop.v[i].seconds = deadline_grace(plan.poststop.v[i].seconds);
    deadline_end();
    interrupts_forget();
    for (uint32_t i = 0; i < plan.poststop.n; i++)
        warns(record, hook_run(&plan.poststop.v[i], &place));
    hook_output_close(&plan.output);
}
