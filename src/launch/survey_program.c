/* SPDX-License-Identifier: Apache-2.0 */
/* process.args, looked for in the root filesystem as it lies on the host, by the code of init. What
 * surprises: a mount may bring a program, or hide it, also one to which a link of the image leads.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/survey.h"
#include "libocispec/config.h"
#include "os/path_links.h"
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
    return *path ? 1 + strcspn(path + 1, "/") : 0;
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

static const struct mount_plan *find_touching(const struct plan *plan, const char *path)
{
    for (uint32_t i = 0; i < plan->mounts.n; i++)
        if (touches(&plan->mounts.v[i], path))
            return &plan->mounts.v[i];
    return NULL;
}

/* The same of what lies on the way there, where links of the image lead elsewhere; ROOT is that of
 * the image. */
static const struct mount_plan *find_on_way(const struct plan *plan, int root, const char *path)
{
    const struct mount_plan *mount = find_touching(plan, path);
    struct path_links way;

    path_links_begin(&way, root, path);
    while (!mount && path_links_next(&way))
        mount = find_touching(plan, way.here);
    return mount;
}

/* -1, below which nothing is a link: a root that cannot be opened is told of by its own part. */
static int open_root(const struct survey *survey)
{
    const char *path = "";
    struct error *error = survey_name_root(survey, &path);

    error_forget(error);
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool survey_doubt_path(const struct survey *survey, const char *path, char why[SURVEY_DOUBT_SIZE])
{
    auto_close int root = open_root(survey);
    const struct mount_plan *mount = find_on_way(survey->plan, root, path);

    if (mount)
        text_format(why, SURVEY_DOUBT_SIZE, "%s on %s may bring it, or hide it", mount->field,
                    mount->destination);
    return mount;
}

static bool doubt_search(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    const struct plan *plan = survey->plan;
    const char *search = plan->environment.path ? plan->environment.path : EXECUTABLE_SEARCH;
    char candidate[EXECUTABLE_PATH_SIZE];

    for (size_t length; search; search = search[length] ? search + length + 1 : NULL) {
        length = strcspn(search, ":");
        if (*search != '/') {
            text_format(why, SURVEY_DOUBT_SIZE, "PATH has what begins at process.cwd");
            return true;
        }
        text_format(candidate, sizeof(candidate), "%.*s/%s", (int) length, search, plan->args[0]);
        if (survey_doubt_path(survey, candidate, why))
            return true;
    }
    return false;
}

bool survey_doubt_program(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    const char *name = survey->plan->args[0];

    if (!strchr(name, '/'))
        return doubt_search(survey, why);
    if (*name == '/')
        return survey_doubt_path(survey, name, why);
    text_format(why, SURVEY_DOUBT_SIZE, "%s begins at process.cwd", name);
    return true;
}

static bool is_brought(const struct survey *survey, const char *path)
{
    char why[SURVEY_DOUBT_SIZE];
    return survey && survey_doubt_path(survey, path, why);
}

int survey_judge(const struct survey *survey, const char *root, const char *path)
{
    struct program_file file;

    if (!program_file_look(root, path, &file))
        return 0;
    if (file.kind != PROGRAM_SCRIPT &&
        (file.kind != PROGRAM_ELF || !program_file_is_native(file.machine)))
        return ENOEXEC;
    bool is_there = !file.interpreter[0] || program_file_is_there(root, file.interpreter) ||
                    is_brought(survey, file.interpreter);
    return is_there ? 0 : ENOENT;
}

/* In the words of a start; the causes look at the file again. */
fallible survey_find_program(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    const struct survey survey = { .host = *launch->host, .plan = launch->plan };
    char path[EXECUTABLE_PATH_SIZE];
    const char *root;

    try(survey_name_root(&survey, &root));
    auto_close int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return OK; /* its own part says so */
    try(executable_find(plan->args[0], plan->environment.path, directory, path));
    errno = survey_judge(&survey, root, path);
    return errno ? executable_explain(path) : OK;
}
