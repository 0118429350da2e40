/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the host when there could be no more processes. */

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cgroup/file.h"
#include "cgroup/path.h"
#include "cli/probes.h"
#include "os/self.h"
#include "os/trial.h"
#include "os/user_namespace.h"

enum { TRIAL_MILLISECONDS = 1000 };

static fallible read_pids(const char *mount, const char *path, uint64_t *current, uint64_t *most)
{
    auto_close int directory = -1;

    try(cgroup_open(mount, path, &directory));
    try(cgroup_file_read_number(directory, "pids.current", 0, current));
    return cgroup_file_read_number(directory, "pids.max", UINT64_MAX, most);
}

/* A container is most often below our cgroup, or one above it. */
bool probe_pids_limit(const struct error *error, char found[PROBE_SIZE])
{
    char path[CGROUP_PATH_SIZE];
    const char *mount;
    uint64_t current = 0, most = UINT64_MAX;

    (void) error;
    struct error *failure = cgroup_find_own(&mount, path);
    while (!failure && current < most && !text_equal(path, "/") && *path) {
        failure = read_pids(mount, path, &current, &most);
        text_format(found, PROBE_SIZE, "pids.max of the cgroup %.160s is %llu", path,
                    (unsigned long long) most);
        *strrchr(path, '/') = '\0';
    }
    bool is_known = !failure;
    error_forget(failure);
    return is_known && current >= most;
}

static fallible do_nothing(void *context, char found[TRIAL_FOUND_SIZE])
{
    (void) context;
    found[0] = '\0';
    return OK;
}

/* Not only the container's cgroup refuses one. */
static bool has_no_child(void)
{
    const struct trial trial = { do_nothing, NULL, TRIAL_MILLISECONDS };
    char found[TRIAL_FOUND_SIZE];
    struct error *failure = trial_run(&trial, found);
    bool is_refused = failure && failure->number == EAGAIN;

    error_forget(failure);
    return is_refused;
}

bool probe_process_limit(const struct error *error, char found[PROBE_SIZE])
{
    struct rlimit limit;
    bool is_bound = self_user() != 0 || !user_namespace_is_initial();

    (void) error;
    if (!is_bound || getrlimit(RLIMIT_NPROC, &limit) || limit.rlim_cur == RLIM_INFINITY ||
        !has_no_child())
        return false;
    text_format(found, PROBE_SIZE, "RLIMIT_NPROC is %llu", (unsigned long long) limit.rlim_cur);
    return true;
}
