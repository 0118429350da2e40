/* SPDX-License-Identifier: Apache-2.0 */
/* The annotation run.oci.delegate-cgroup (crun(1)): a cgroup below the container's, which belongs
 * to its process and has no limits.  What surprises: the process is put there when it has its
 * cgroup namespace, whose root is the cgroup above. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/delegate.h"
#include "launch/annotations.h"
#include "launch/host.h"
#include "libocispec/config.h"
#include "os/fd.h"

enum { CONTROLLERS_SIZE = 512, CHANGE_SIZE = 64 };

static const char *find_name(const struct host *host)
{
    return annotations_find(&host->request->config->annotations, ANNOTATION_DELEGATE);
}

fallible delegated_cgroup_plan(struct host *host, struct plan *plan)
{
    plan->has_delegated_cgroup = find_name(host);
    if (!plan->has_delegated_cgroup || plan->has_cgroup)
        return OK;
    return error_hint(
        error_config("annotations", "%s: the container has no cgroup", ANNOTATION_DELEGATE),
        "leave the annotation out, or give the container a cgroup");
}

void delegated_cgroup_plan_exec(struct host *host)
{
    host->is_beside_init |= find_name(host) && !host->request->target->cgroup;
}

static void warn(struct error *error)
{
    log_warning("%s: %s", ANNOTATION_DELEGATE, error_line(error));
    error_forget(error);
}

/* All that there are, once nobody is in the cgroup itself (cgroups(7), "no internal processes").
 * The rest works without one of them. */
static fallible hand_down(int cgroup)
{
    char names[CONTROLLERS_SIZE], change[CHANGE_SIZE];
    auto_close int from = openat(cgroup, "cgroup.controllers", O_RDONLY | O_CLOEXEC);
    auto_close int to = openat(cgroup, "cgroup.subtree_control", O_WRONLY | O_CLOEXEC);

    if (from < 0 || to < 0)
        return error_errno(ERROR_CGROUP, "open the controllers of the cgroup");
    try(fd_read_small(from, names, sizeof(names)));
    for (const char *name = names; *name; name += strspn(name, " \n")) {
        int length = (int) strcspn(name, " \n");
        text_format(change, sizeof(change), "+%.*s", length, name);
        if (write(to, change, strlen(change)) < 0)
            warn(error_errno(ERROR_CGROUP, "hand down %s", change + 1));
        name += length;
    }
    return OK;
}

fallible delegated_cgroup_enter(struct launch *launch)
{
    const struct host *host = launch->host;
    const char *name = find_name(host);
    uint32_t owner;

    if (mkdirat(host->cgroup, name, 0755) && errno != EEXIST)
        return error_errno(ERROR_CGROUP, "make the cgroup %s", name);
    auto_close int below =
        openat(host->cgroup, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return error_errno(ERROR_CGROUP, "open the cgroup %s", name);
    try(cgroup_add(below, host->pid));
    try(hand_down(host->cgroup));
    try(resources_find_owner(launch, &owner));
    return delegate_give(below, owner);
}
