/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp from outside: the listener of init's filter goes to the agent, and the host looks
 * whether init is filtered at all. */

#include <stdlib.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "launch/annotations.h"
#include "launch/host.h"
#include "libocispec/config.h"
#include "libocispec/state.h"
#include "os/proc.h"

/* The environment is for whoever said nothing else, and has something to ask. */
fallible filter_find_agent(const struct oci_config *config, const char **path)
{
    const char *said = config->linux_->seccomp->listener_path;
    const char *receiver = annotations_find(&config->annotations, ANNOTATION_SECCOMP_RECEIVER);
    bool has_question = oci_seccomp_has_action(config->linux_->seccomp, OCI_SCMP_ACT_NOTIFY);
    const char *wished = has_question ? getenv("RUN_OCI_SECCOMP_RECEIVER") : NULL;
    bool is_said = said && *said;

    if (receiver && is_said && !text_equal(receiver, said))
        return error_hint(error_config("linux.seccomp.listenerPath",
                                       "\"%s\" is not what the annotation %s says, \"%s\"", said,
                                       ANNOTATION_SECCOMP_RECEIVER, receiver),
                          "leave the annotation out");
    if (is_said || receiver || !wished || !*wished) {
        *path = is_said ? said : receiver;
        return OK;
    }
    if (*wished != '/')
        return error_hint(
            error_new(ERROR_USAGE, "RUN_OCI_SECCOMP_RECEIVER '%s' is not absolute", wished),
            "unset it, or give the whole path of a socket");
    *path = wished;
    return OK;
}

fallible filter_connect(struct launch *launch)
{
    const struct launch_request *request = launch->host->request;
    const char *path;

    try(filter_find_agent(request->config, &path));
    return seccomp_connect(request->bundle, path, &launch->host->agent);
}

void filter_disconnect(struct launch *launch)
{
    close_fd(&launch->host->agent);
}

/* The container process state (config-linux.md#the-container-process-state). */
static fallible describe(const struct host *host, const char **text, size_t *length)
{
    const struct record *record = &host->record;
    const struct launch_target *target = host->request->target;
    const char *names[] = { "seccompFd" };
    struct oci_state state =
        record_describe(record, target ? target->status : OCI_STATUS_CREATING, record->pid.value);
    const struct oci_process_state process = {
        .oci_version = record->oci_version,
        .fds = { names, 1 },
        .pid = host->pid,
        .metadata = host->request->config->linux_->seccomp->listener_metadata,
        .state = &state,
    };

    *text = oci_encode(&oci_process_state_schema, &process, false, host->arena, length);
    return *text ? OK : allocate_failed();
}

/* Init is released only then: nothing of the user's runs before its agent can answer. */
fallible filter_hand_over(struct launch *launch)
{
    struct host *host = launch->host;
    auto_close int listener = -1;
    const char *state;
    size_t length;

    try(channel_hear_descriptor(launch->channel, &listener));
    try(describe(host, &state, &length));
    try(seccomp_send_listener(host->agent, listener, state, length));
    close_fd(&host->agent);
    return channel_release(launch->channel);
}

fallible filter_verify(struct launch *launch)
{
    const struct host *host = launch->host;
    int proc;
    uint32_t groups = launch->plan->user.group_count;
    int own = getgroups(0, NULL); /* which init may have had to keep */

    if (own > 0 && (uint32_t) own > groups)
        groups = (uint32_t) own;
    try(proc_mounted(&proc));
    return seccomp_verify(proc, host->pid, groups, host->arena);
}
