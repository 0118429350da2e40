/* SPDX-License-Identifier: Apache-2.0 */
/* process.args, looked for in the root filesystem as it lies on the host, by the code of init. What
 * surprises: a mount may bring the program, or hide it; then nothing is said of it. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
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

/* The filesystems of the kernel have no programs. */
static bool brings_programs(const struct mount_plan *mount)
{
    static const char *const places[] = { "/proc", "/dev", "/sys", "/run", "/tmp" };

    for (size_t i = 0; i < LENGTH(places); i++) {
        size_t length = strlen(places[i]);
        if (text_starts(mount->destination, places[i]) &&
            (!mount->destination[length] || mount->destination[length] == '/'))
            return false;
    }
    return true;
}

bool survey_knows_program(const struct survey *survey)
{
    const struct plan *plan = survey->plan;

    if (!plan->has_process || (*plan->args[0] != '/' && strchr(plan->args[0], '/')))
        return false;
    for (uint32_t i = 0; i < plan->mounts.n; i++)
        if (brings_programs(&plan->mounts.v[i]))
            return false;
    return true;
}

/* What execve(2) would say, in the words of a start; the causes look at the file again. */
static fallible look(const char *root, const char *path)
{
    struct program_file file;

    if (!program_file_look(root, path, &file))
        return OK;
    bool is_known = file.kind == PROGRAM_SCRIPT ||
                    (file.kind == PROGRAM_ELF && program_file_is_native(file.machine));
    bool is_lost = file.interpreter[0] && !program_file_is_there(root, file.interpreter);
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
    return look(root, path);
}
