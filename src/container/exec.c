/* SPDX-License-Identifier: Apache-2.0 */
/* exec: which process comes into which container.  A document is complete and stands for itself;
 * words change the process of the config that the container was made from.  In both cases what is
 * the container's, such as linux.seccomp, comes from that config. */

#include "container/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "container/validate.h"
#include "libocispec/config.h"

static const uint64_t ID_MAX = UINT32_MAX - 1; /* the last one means "leave as it is" */

static fallible check_status(const struct container *container, bool ignores_paused)
{
    switch (container->status) {
    case CONTAINER_CREATED:
    case CONTAINER_RUNNING:
        return OK;
    case CONTAINER_PAUSED:
        if (ignores_paused)
            return OK;
        return error_hint(error_new(ERROR_STATE, "cannot exec in a paused container"),
                          "resume it, or use --ignore-paused to start when somebody resumes it");
    case CONTAINER_CREATING:
        return error_new(ERROR_STATE, "cannot exec in a container that was not created completely");
    case CONTAINER_STOPPED:
        break;
    }
    return error_new(ERROR_STATE, "cannot exec in a stopped container");
}

/* A document is complete, but for what confines the container: left out, that holds for all of its
 * processes, as with other runtimes. */
static void inherit(const struct oci_process *container, struct oci_process *process)
{
    if (!process->apparmor_profile || !*process->apparmor_profile)
        process->apparmor_profile = container->apparmor_profile;
    if (!process->selinux_label || !*process->selinux_label)
        process->selinux_label = container->selinux_label;
    if (!process->rlimits.v)
        process->rlimits = container->rlimits;
}

static fallible read_process(const struct exec_wish *wish, struct arena *arena,
                             struct exec_call *call)
{
    const void *decoded;

    call->document = (struct document){ .name = wish->document, .prefix = "process." };
    try(document_read(AT_FDCWD, wish->document, arena, &call->document));
    try(document_decode(&call->document, &oci_process_schema, arena, &decoded));
    struct oci_process *process = (struct oci_process *) decoded;
    if (call->config->process)
        inherit(call->config->process, process);
    if (wish->has_terminal)
        process->terminal = (struct oci_opt_bool){ true, true };
    call->config->process = process;
    return OK;
}

static fallible read_id(const char *option, const char *text, struct oci_opt_u32 *id)
{
    uint64_t number;

    if (!text_to_unsigned(text, ID_MAX, &number))
        return error_hint(error_new(ERROR_USAGE, "%s '%s' is no number from 0 to %llu", option,
                                    text, (unsigned long long) ID_MAX),
                          "names are not looked up: what /etc/passwd of a container says is up to "
                          "the container");
    *id = (struct oci_opt_u32){ (uint32_t) number, true };
    return OK;
}

static fallible set_ids(const char *text, struct arena *arena, struct oci_user *user)
{
    const char *colon = strchr(text, ':');
    const char *uid = text;

    if (colon) {
        try_print(uid, arena, "%.*s", (int) (colon - text), text);
        try(read_id("--user: gid", colon + 1, &user->gid));
    }
    return read_id("--user: uid", uid, &user->uid);
}

static fallible set_user(const struct exec_wish *wish, struct arena *arena,
                         struct oci_process *process)
{
    struct oci_user *user;
    struct oci_u32_array groups;

    try_new(user, arena, 1);
    if (process->user)
        *user = *process->user;
    else
        user->uid.present = user->gid.present = true;
    if (wish->user)
        try(set_ids(wish->user, arena, user));
    groups.n = user->additional_gids.n;
    try_new(groups.v, arena, groups.n + wish->groups.n);
    for (uint32_t i = 0; i < groups.n; i++)
        groups.v[i] = user->additional_gids.v[i];
    for (uint32_t i = 0; i < wish->groups.n; i++) {
        struct oci_opt_u32 id;
        try(read_id("--additional-gids", wish->groups.v[i], &id));
        groups.v[groups.n++] = id.value;
    }
    user->additional_gids = groups;
    process->user = user;
    return OK;
}

/* What comes later counts (environment.c); init sees the arena alone, not our command line. */
static fallible set_environment(const struct exec_list *wished, struct arena *arena,
                                struct oci_process *process)
{
    struct oci_string_array env = { .n = process->env.n };

    try_new(env.v, arena, env.n + wished->n);
    for (uint32_t i = 0; i < env.n; i++)
        env.v[i] = process->env.v[i];
    for (uint32_t i = 0; i < wished->n; i++) {
        const char *entry = wished->v[i];
        if (!strchr(entry, '=') || entry[0] == '=')
            return error_new(ERROR_USAGE, "--env '%s' is not NAME=VALUE", entry);
        try_print(env.v[env.n], arena, "%s", entry);
        env.n++;
    }
    process->env = env;
    return OK;
}

static fallible add_to_set(const struct exec_list *wished, struct arena *arena,
                           struct oci_string_array *set)
{
    struct oci_string_array more = { .n = set->n };

    try_new(more.v, arena, set->n + wished->n);
    for (uint32_t i = 0; i < set->n; i++)
        more.v[i] = set->v[i];
    for (uint32_t i = 0; i < wished->n; i++)
        more.v[more.n++] = wished->v[i];
    *set = more;
    return OK;
}

/* Never inheritable or ambient (CVE-2022-29162, security rule R14). */
static fallible add_capabilities(const struct exec_list *wished, struct arena *arena,
                                 struct oci_process *process)
{
    struct oci_capabilities *sets;

    if (!wished->n)
        return OK;
    try_new(sets, arena, 1);
    if (process->capabilities)
        *sets = *process->capabilities;
    try(add_to_set(wished, arena, &sets->bounding));
    try(add_to_set(wished, arena, &sets->permitted));
    try(add_to_set(wished, arena, &sets->effective));
    process->capabilities = sets;
    return OK;
}

static void set_args(const char *const *args, struct oci_process *process)
{
    process->args = (struct oci_string_array){ .v = (const char **) args };
    while (args[process->args.n])
        process->args.n++;
}

/* Into the arena, which init sees as well; where nothing is said, WORD stays. */
static fallible take_word(const char *said, struct arena *arena, const char **word)
{
    if (said)
        try_print(*word, arena, "%s", said);
    return OK;
}

/* The terminal and its size are of the config's own process. */
static fallible change_process(const struct exec_wish *wish, struct arena *arena,
                               struct oci_config *config)
{
    struct oci_process *process;

    if (!config->process)
        return error_hint(error_new(ERROR_STATE, "the config of the container has no process to "
                                                 "take user, environment and the like from"),
                          "use --process with a complete document");
    try_new(process, arena, 1);
    *process = *config->process;
    process->terminal = (struct oci_opt_bool){ wish->has_terminal, true };
    process->console_size = NULL;
    set_args(wish->args, process);
    try(take_word(wish->cwd, arena, &process->cwd));
    try(take_word(wish->apparmor_profile, arena, &process->apparmor_profile));
    try(take_word(wish->selinux_label, arena, &process->selinux_label));
    if (wish->has_no_new_privileges)
        process->no_new_privileges = (struct oci_opt_bool){ true, true };
    try(set_user(wish, arena, process));
    try(set_environment(&wish->environment, arena, process));
    try(add_capabilities(&wish->capabilities, arena, process));
    config->process = process;
    return OK;
}

static fallible check_cgroup(const struct container *container, const char *cgroup)
{
    if (!cgroup || container->record.cgroup_path)
        return OK;
    return error_new(ERROR_STATE, "--cgroup %s: the container has no cgroup of its own", cgroup);
}

static fallible open_bundle(const struct container *container, struct exec_call *call)
{
    const struct oci_linux *linux_ = call->config->linux_;

    if (!linux_ || !linux_->seccomp || !linux_->seccomp->listener_path)
        return OK;
    call->bundle = open(container->record.bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return call->bundle < 0
               ? error_errno(ERROR_BUNDLE, "open the bundle '%s'", container->record.bundle)
               : OK;
}

/* Nobody is kept from deleting the container meanwhile; of its files this goes first. */
static fallible read_config(const struct container *container, struct oci_config **config)
{
    struct error *error = container_read_config(&container->entry, container->arena, config);

    if (!error_forget_if(error, ENOENT))
        return error;
    error_forget(error);
    return error_new(ERROR_STATE, "cannot exec in a container that is being deleted");
}

fallible exec_open(const struct container *container, const struct exec_wish *wish,
                   struct exec_call *call)
{
    struct arena *arena = container->arena;
    struct exec_call made = { .document.prefix = "", .bundle = -1 };

    try(check_status(container, wish->ignores_paused));
    try(check_cgroup(container, wish->cgroup));
    try(read_config(container, &made.config));
    made.config->hooks = NULL; /* those of the container's life */
    try(wish->document ? read_process(wish, arena, &made)
                       : change_process(wish, arena, made.config));
    struct error *error = validate_process(made.config->process);
    if (error)
        return wish->document ? document_place(&made.document, error) : error;
    try(open_bundle(container, &made));
    made.target = (struct launch_target){
        .record = &container->record,
        .status = (enum oci_status) container->status,
        .init = container->pidfd,
        .cgroup = wish->cgroup,
        .ignores_paused = wish->ignores_paused,
    };
    *call = made;
    return OK;
}

void exec_close(struct exec_call *call)
{
    close_fd(&call->bundle);
}
