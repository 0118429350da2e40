/* SPDX-License-Identifier: Apache-2.0 */
/* process.args, looked for in the root filesystem as it lies on the host, by the code of init. What
 * surprises: a mount may bring the program, or hide it; then nothing is said of it. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "launch/survey.h"
#include "libocispec/config.h"
#include "process/executable.h"
#include "process/program_file.h"

fallible survey_name_root(const struct survey *survey, const char **path)
{
    const struct launch_request *request = survey->host.request;
    const char *root = request->config->root->path;

    if (*root == '/')
        *path = root;
    else
        try_print(*path, survey->host.arena, "%s/%s", request->bundle_path, root);
    return OK;
}

/* The length of "/usr" in "/usr/bin". */
static size_t measure_top(const char *path)
{
    return *path ? 1 + strcspn(path + 1, "/:") : 0;
}

/* Whether both lie below the same directory of the root. */
static bool are_near(const char *path, const char *other)
{
    size_t length = measure_top(other);
    return measure_top(path) == length && !strncmp(path, other, length);
}

/* Whether a mount may bring or hide what lies at PATH: by a link of the image, as of /bin, also one
 * elsewhere among those that images have programs in. */
static bool touches(const struct mount_plan *mount, const char *path)
{
    static const char *const tops[] = { "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64" };
    const char *place = mount->destination;

    for (size_t i = 0; i < LENGTH(tops); i++)
        if (are_near(place, tops[i]))
            return true;
    return are_near(place, path) || !place[1];
}

static bool is_touched(const struct plan *plan, const char *path)
{
    for (uint32_t i = 0; i < plan->mounts.n; i++)
        if (touches(&plan->mounts.v[i], path))
            return true;
    return false;
}

bool survey_knows_program(const struct survey *survey)
{
    const struct plan *plan = survey->plan;
    const char *search = plan->environment.path ? plan->environment.path : "/usr/bin";

    if (!plan->has_process)
        return false;
    if (strchr(plan->args[0], '/'))
        return *plan->args[0] == '/' && !is_touched(plan, plan->args[0]);
    for (const char *path = search; *path; path += *path == ':') {
        if (is_touched(plan, path))
            return false;
        path += strcspn(path, ":");
    }
    return true;
}

/* What execve(2) would say, in the words of a start; the causes look at the file again. */
static fallible look(const struct plan *plan, const char *root, const char *path)
{
    struct program_file file;

    if (!program_file_look(root, path, &file))
        return OK;
    bool is_known = file.kind == PROGRAM_SCRIPT ||
                    (file.kind == PROGRAM_ELF && program_file_is_native(file.machine));
    bool is_lost = file.interpreter[0] && !is_touched(plan, file.interpreter) &&
                   !program_file_is_there(root, file.interpreter);
    if (is_known && !is_lost)
        return OK;
    errno = is_lost ? ENOENT : ENOEXEC;
    return executable_explain(path);
}

fallible survey_find_program(struct launch *launch)
{
    const struct survey survey = { .host = *launch->host, .plan = launch->plan };
    const char *name = launch->plan->args[0], *root;
    char path[EXECUTABLE_PATH_SIZE];

    try(survey_name_root(&survey, &root));
    auto_close int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return OK; /* its own part says so */
    try(executable_find(name, launch->plan->environment.path, directory, path));
    return look(launch->plan, root, path);
}
