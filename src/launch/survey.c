/* SPDX-License-Identifier: Apache-2.0 */
/* What a start would need of the host: parts of it that are tried and thrown away.  What surprises:
 * rows of the storyboard are played by name, so that what is tried is what a start does. */

#include "launch/survey.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/text.h"
#include "launch/reasons.h"
#include "os/namespace_kinds.h"
#include "security/no_new_privileges.h"

fallible survey_plan(const struct launch_request *request, struct arena *arena,
                     struct survey *survey)
{
    struct plan *plan;

    *survey = (struct survey){ .host = { .request = request,
                                         .arena = arena,
                                         .cgroup = -1,
                                         .agent = -1,
                                         .pid_file = -1,
                                         .pidfd = -1 } };
    try_new(plan, arena, 1);
    struct error *error = launch_plan(&survey->host, plan);
    if (error)
        namespaces_close(&plan->namespaces);
    else
        survey->plan = plan;
    return error;
}

void survey_close(struct survey *survey)
{
    if (survey->plan)
        namespaces_close(&survey->plan->namespaces);
}

fallible survey_play(const struct step *steps, struct launch *launch, const char *name)
{
    while (!text_equal(steps->name, name))
        steps++;
    if (steps->when && !steps->when(launch->plan))
        return OK;
    return error_field(steps->run(launch), "%s", steps->field);
}

static fallible open_root(struct launch *launch)
{
    return survey_play(host_steps, launch, "open the root filesystem");
}

/* A mount of the container's cgroup is tried with that of all of them. */
static fallible open_sources(struct launch *launch)
{
    struct host *host = launch->host;

    if (host->cgroup_plan.mount) {
        host->cgroup = open(host->cgroup_plan.mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (host->cgroup < 0)
            return error_errno(ERROR_CGROUP, "open %s", host->cgroup_plan.mount);
    }
    try(survey_play(host_steps, launch, "open mount sources"));
    return survey_play(host_steps, launch, "map the ids of mounts");
}

static fallible open_devices(struct launch *launch)
{
    return survey_play(host_steps, launch, "open devices");
}

static fallible find_network_devices(struct launch *launch)
{
    return survey_play(host_steps, launch, "find network devices");
}

/* Those that are raised as the host does it, then all as init does. */
static fallible set_limits(struct launch *launch)
{
    launch->host->pid = getpid();
    try(survey_play(host_steps, launch, "raise rlimits"));
    return rlimits_set(&launch->plan->rlimits);
}

/* As init does it: in a user namespace with all rights there. */
static fallible load_filter(struct launch *launch)
{
    const struct plan *plan = launch->plan;

    if (plan->has_no_new_privileges)
        try(no_new_privileges_set());
    else if (plan->user_ns.is_new && unshare(CLONE_NEWUSER))
        return namespace_kinds_refused("unshare", CALL_UNSHARE, CLONE_NEWUSER);
    return seccomp_apply(&plan->seccomp, -1);
}

static bool always(const struct survey *survey)
{
    return survey->plan;
}

static bool mounts_something(const struct survey *survey)
{
    return has_mounts(survey->plan);
}

static bool has_devices(const struct survey *survey)
{
    return binds_devices(survey->plan);
}

static bool moves_devices(const struct survey *survey)
{
    return has_net_devices(survey->plan);
}

static bool has_start_hooks(const struct survey *survey)
{
    return has_start_container_hooks(survey->plan);
}

static bool executes(const struct survey *survey)
{
    return has_process(survey->plan);
}

static bool limits_itself(const struct survey *survey)
{
    return has_rlimits(survey->plan);
}

static bool is_filtered(const struct survey *survey)
{
    return has_filter(survey->plan);
}

static bool asks_an_agent(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    text_format(why, SURVEY_DOUBT_SIZE, "it asks an agent, who is not there for a trial");
    return has_agent(survey->plan);
}

// clang-format off
const struct survey_part survey_parts[] = {
    { "root filesystem", "root.path", always, .run = open_root },
    { "mount sources", "mounts", mounts_something, .run = open_sources },
    { "devices", "linux.devices", has_devices, .run = open_devices },
    { "network devices", "linux.netDevices", moves_devices, .run = find_network_devices },
    { "hooks", "hooks", survey_has_hooks,
      .doubt = survey_doubt_hooks, .run = survey_find_hooks },
    { "poststop hooks", "hooks.poststop", survey_has_poststop_hooks,
      .doubt = survey_doubt_poststop_hooks, .run = survey_find_poststop_hooks,
      .affects = "what they do behind the end of the container" },
    { "startContainer hooks", "hooks.startContainer", has_start_hooks,
      .doubt = survey_doubt_start_hooks, .run = survey_find_start_hooks },
    { "program", "process.args", executes,
      .doubt = survey_doubt_program, .run = survey_find_program },
    { "birth", "linux.namespaces", survey_makes_namespaces,
      .doubt = survey_doubt_birth, .run = survey_be_borne },
    { "filesystems", "mounts", survey_makes_filesystems,
      .doubt = survey_doubt_filesystems, .run = survey_try_filesystems },
    { "early filesystems", "mounts", survey_makes_early_filesystems,
      .doubt = survey_doubt_early_filesystems },
    { "working directory", "process.cwd", executes,
      .doubt = survey_doubt_cwd, .run = survey_try_cwd },
    { "sysctls", "linux.sysctl", survey_sets_sysctls,
      .doubt = survey_doubt_sysctls, .run = survey_write_sysctls },
    { "rlimits", "process.rlimits", limits_itself, .run = set_limits },
    { "seccomp filter", "linux.seccomp", is_filtered,
      .doubt = asks_an_agent, .run = load_filter },
    {},
};
// clang-format on

fallible survey_try(const struct survey *survey, const struct survey_part *part)
{
    struct host host = survey->host;
    struct launch launch = { .plan = survey->plan, .channel = -1, .host = &host };

    return error_field(part->run(&launch), "%s", part->field);
}
