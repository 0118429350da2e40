/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint: the storyboard of writing a container down.  criu does it from outside; what it
 * cannot know is what the container has of its host.
 *
 * Nobody may stop criu half way, for it has put code of its own into the container's processes by
 * then.  So a signal that tells us to give up waits for its end.
 */
#include <errno.h>
#include <poll.h>

#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cgroup/freezer.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/reasons.h"
#include "launch/restore.h"
#include "launch/step.h"
#include "libocispec/config.h"
#include "os/deadline.h"
#include "os/fd.h"
#include "os/interrupts.h"
#include "os/pidfd.h"
#include "state/record.h"

enum { PATH_SIZE = 4096 };

static struct criu_work *work_of(const struct launch *launch)
{
    return launch->host->criu;
}

/* Of one that goes on nothing is lost. */
static fallible see_that_it_can_return(struct launch *launch)
{
    const struct host *host = launch->host;
    const struct criu_options *options = work_of(launch)->options;

    try(restore_plan_again(host->checkpoint->config, &host->record, host->arena, launch->plan));
    struct error *error = restore_check_plan(launch->plan);

    if (!error || !(options->leaves_running || options->is_pre_dump))
        return error;
    log_warning("it cannot be restored: %s", error_line(error));
    error_forget(error);
    return OK;
}

static void remove_images(struct launch *launch)
{
    criu_images_remove(work_of(launch));
}

static fallible open_directories(struct launch *launch)
{
    struct error *error = criu_directories_make(work_of(launch));

    if (error)
        remove_images(launch);
    return error;
}

static fallible write_options(struct launch *launch)
{
    const struct host *host = launch->host;
    const struct record *record = &host->record;
    const struct oci_config *config = host->checkpoint->config;
    struct criu_work *work = work_of(launch);
    char cgroup[PATH_SIZE];

    try(criu_config_open(work, config));
    try(criu_options_write(work, host->arena));
    if (record->cgroup_path) {
        text_format(cgroup, sizeof(cgroup), "%s%s", record->cgroup_mount, record->cgroup_path);
        criu_cgroup_add(work, record->cgroup_path);
    }
    criu_dump_add(work, record->pid.value, record->cgroup_path ? cgroup : NULL);
    return criu_externals_of(work, config, record->pid.value, host->arena);
}

static fallible note_streams(struct launch *launch)
{
    const struct host *host = launch->host;
    return criu_streams_of(host->criu, host->record.pid.value, host->arena);
}

/* All that was read of /proc by number is of the container's init if that has not ended. */
static fallible see_init(struct launch *launch)
{
    if (pidfd_has_ended(launch->host->checkpoint->init, 0))
        return error_new(ERROR_STATE, "container not running");
    return OK;
}

static fallible start_criu(struct launch *launch)
{
    struct criu_work *work = work_of(launch);
    struct criu_places places;
    struct criu_start start = {
        .tree = -1,
        .has_standard_input = work->options->has_shell_job,
        .holds_signals = true,
    };

    try(criu_places_fill(work, &places, &start));
    struct error *error = criu_start(&start, &work->criu);

    if (error)
        criu_end(&work->criu, true);
    return error;
}

static void end_criu(struct launch *launch)
{
    criu_end(&work_of(launch)->criu, true);
}

/* What criu does not know is not in the images, and a restore by whatever version comes without. */
static fallible see_that_it_keeps(struct launch *launch)
{
    const struct criu_work *work = work_of(launch);
    uint32_t version = 0;

    try(criu_explain_end(work, criu_read_version(&work->criu, &version)));
    if (version >= CRIU_VERSION_OF(3, 19))
        return OK;
    return error_hint(error_unsupported("process.noNewPrivileges",
                                        "criu %u.%u does not keep that: what it writes down could "
                                        "gain privileges once it is restored",
                                        version >> 16, version & UINT16_MAX),
                      "criu does since 3.19: install a newer one");
}

/* With a server of pages it waits for others, without end if they do not come. */
static fallible hear_patiently(const struct criu_work *work, struct criu_message *message)
{
    struct pollfd events[] = { { .fd = work->criu.socket, .events = POLLIN },
                               { .fd = work->interrupts, .events = POLLIN } };

    do {
        if (poll(events, 2, -1) < 0 && errno != EINTR)
            return error_system("wait for criu");
    } while (!events[0].revents && !events[1].revents);
    if (!events[0].revents)
        log_warning("%s; criu, process %d, is let finish, since its code is in the "
                    "container's processes: 'kill -KILL %d' if it waits in vain",
                    deadline_is_over() ? DEADLINE_IS_OVER : "a signal came", work->criu.pid,
                    work->criu.pid);
    return criu_hear(&work->criu, -1, message);
}

static fallible dump(struct launch *launch)
{
    struct criu_work *work = work_of(launch);
    enum criu_request type = work->options->is_pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP;
    struct criu_message message = { .fd = -1 };

    try(criu_ask(&work->criu, type, &work->message));
    try(criu_explain_end(work, hear_patiently(work, &message)));
    close_fd(&message.fd);
    if (!message.is_success)
        return criu_explain(work, &message);
    /* They are whole, and may be all that is left of the container. */
    work->has_made_images = false;
    return OK;
}

/* criu has killed it.  Its end takes as long as that of all in its pid namespace. */
static fallible see_end(struct launch *launch)
{
    struct criu_work *work = work_of(launch);
    struct pollfd events[] = { { .fd = launch->host->checkpoint->init, .events = POLLIN },
                               { .fd = work->interrupts, .events = POLLIN } };

    criu_end(&work->criu, false);
    if (work->options->leaves_running || work->options->is_pre_dump)
        return OK;
    do {
        if (poll(events, 2, -1) < 0 && errno != EINTR)
            return error_system("wait for it");
    } while (!events[0].revents && !events[1].revents);
    return events[0].revents ? OK : interrupts_take(work->interrupts);
}

/* One row a line. */
/* clang-format off */
const struct step checkpoint_steps[] = {
    { "see that it can be restored",      NULL,                          NULL,                          see_that_it_can_return, NULL },
    { "open the directory of the images", NULL,                          NULL,                          open_directories,      remove_images },
    { "say what to write down",           NULL,                          NULL,                          write_options,         NULL },
    { "note the standard streams",        NULL,                          NULL,                          note_streams,          NULL },
    { "see that it lives",                NULL,                          NULL,                          see_init,              NULL },
    { "start criu",                       NULL,                          NULL,                          start_criu,            end_criu },
    { "see that criu keeps it all",       "process.noNewPrivileges",     gains_nothing,                 see_that_it_keeps,     NULL },
    { "let criu write it down",           NULL,                          NULL,                          dump,                  NULL },
    { "see its end",                      NULL,                          NULL,                          see_end,               NULL },
    {},
};
/* clang-format on */

/* criu thaws what it has frozen, unless it dies. */
static void thaw(const struct checkpoint_request *request)
{
    const struct record *record = request->record;
    auto_close int cgroup = -1;
    bool is_frozen = false;

    if (request->is_paused || !record->cgroup_path)
        return;
    struct error *error = cgroup_open(record->cgroup_mount, record->cgroup_path, &cgroup);
    if (!error)
        error = cgroup_read_frozen(cgroup, &is_frozen);
    if (!error && is_frozen)
        error = freezer_thaw(cgroup, NULL);
    if (error)
        log_warning("let the container go on: %s", error_line(error));
    error_forget(error);
}

fallible checkpoint_take(const struct checkpoint_request *request,
                         const struct criu_options *options, struct arena *arena)
{
    struct interrupts interrupts;
    struct criu_work work = {
        .options = options,
        .images = -1,
        .work = -1,
        .config = -1,
        .log = "dump.log",
        .criu = { .socket = -1, .output = -1, .pidfd = -1, .restored = -1 },
    };
    struct host host = {
        .arena = arena, .record = *request->record, .checkpoint = request, .criu = &work
    };
    const struct oci_process *process = request->config->process;
    struct plan plan = {
        .listener = NO_LISTENER,
        .has_no_new_privileges = process && process->no_new_privileges.value,
    };
    struct launch launch = { .plan = &plan, .channel = -1, .host = &host };

    try(interrupts_hold(&interrupts));
    work.interrupts = interrupts.fd;
    struct error *error = steps_run(checkpoint_steps, &launch);
    if (error)
        thaw(request);
    criu_directories_close(&work);
    interrupts_release(&interrupts);
    return error;
}
