/* SPDX-License-Identifier: Apache-2.0 */
/* process.args, looked for in the root filesystem as it lies on the host, by the code of init. What
 * surprises: a mount may bring a program, or hide it, also one to which a link of the image leads.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "launch/survey.h"
#include "libocispec/config.h"
#include "os/directory.h"
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

fallible survey_open_root(struct launch *launch, const char **path, int *directory)
{
    const struct survey survey = { .host = *launch->host, .plan = launch->plan };

    try(survey_name_root(&survey, path));
    *directory = open(*path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return OK;
}

/* Whether a mount may bring or hide what lies at PATH below ROOT, or anywhere on the way there;
 * links of the image may stand in either's path. */
static bool touches(const struct mount_plan *mount, int root, const char *path)
{
    struct path_links place, way;

    path_links_begin(&place, root, mount->destination);
    while (path_links_next(&place))
        ;
    bool is_touched = !*place.here;
    path_links_begin(&way, root, path);
    while (!is_touched && path_links_next(&way))
        is_touched = text_equal(way.here, place.here);
    return is_touched;
}

static const struct mount_plan *find_touching(const struct plan *plan, int root, const char *path)
{
    for (uint32_t i = 0; i < plan->mounts.n; i++)
        if (touches(&plan->mounts.v[i], root, path))
            return &plan->mounts.v[i];
    return NULL;
}

/* A root that cannot be opened is told of by its own part: nothing in it is a link. */
bool survey_doubt_path(const struct survey *survey, const char *path, char why[SURVEY_DOUBT_SIZE])
{
    const char *root = "";
    struct error *error = survey_name_root(survey, &root);
    auto_close int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const struct mount_plan *mount = find_touching(survey->plan, directory, path);

    error_forget(error);
    if (mount)
        text_format(why, SURVEY_DOUBT_SIZE, "%s on %s may bring it, or hide it", mount->field,
                    mount->destination);
    return mount;
}

/* The kernel may give what it does not execute itself to another program: by any file but two. */
static bool has_binary_formats(void)
{
    auto_close int fd = open("/proc/sys/fs/binfmt_misc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct directory formats;
    struct directory_entry entry = { .name = NULL };

    if (fd < 0)
        return false;
    struct error *error = directory_begin(fd, &formats);
    do {
        if (!error)
            error = directory_next(&formats, &entry);
    } while (!error && entry.name &&
             (text_equal(entry.name, "register") || text_equal(entry.name, "status")));
    bool is_there = !error && entry.name;
    error_forget(error);
    return is_there;
}

static bool is_executed(const struct program_file *file)
{
    return file->kind == PROGRAM_SCRIPT ||
           (file->kind == PROGRAM_ELF && program_file_is_native(file->machine));
}

int survey_judge(const char *root, const char *path)
{
    struct program_file file;

    if (!program_file_look(root, path, &file))
        return 0;
    if (!is_executed(&file))
        return has_binary_formats() ? 0 : ENOEXEC;
    return file.interpreter[0] && !program_file_is_there(root, file.interpreter) ? ENOENT : 0;
}

static bool doubt_format(const struct program_file *file, const char *path,
                         char why[SURVEY_DOUBT_SIZE])
{
    if (is_executed(file) || !has_binary_formats())
        return false;
    text_format(why, SURVEY_DOUBT_SIZE, "binfmt_misc may run %s", path);
    return true;
}

bool survey_doubt_format(const char *root, const char *path, char why[SURVEY_DOUBT_SIZE])
{
    struct program_file file;

    return program_file_look(root, path, &file) && doubt_format(&file, path, why);
}

bool survey_doubt_file(const struct survey *survey, const char *path, char why[SURVEY_DOUBT_SIZE])
{
    struct program_file file;
    const char *root = "";

    if (survey_doubt_path(survey, path, why))
        return true;
    struct error *error = survey_name_root(survey, &root);
    bool is_seen = program_file_look(root, path, &file);
    error_forget(error);
    if (is_seen && doubt_format(&file, path, why))
        return true;
    return is_seen && file.interpreter[0] && survey_doubt_path(survey, file.interpreter, why);
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
        if (survey_doubt_file(survey, candidate, why))
            return true;
    }
    return false;
}

static bool doubt_place(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    const char *name = survey->plan->args[0];

    if (!strchr(name, '/'))
        return doubt_search(survey, why);
    if (*name == '/')
        return survey_doubt_file(survey, name, why);
    text_format(why, SURVEY_DOUBT_SIZE, "%s begins at process.cwd", name);
    return true;
}

bool survey_doubt_program(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    return doubt_place(survey, why) || survey_doubt_user(survey, why);
}

/* What we find, and what is wrong with that file, which its user may not be able to read. */
static int judge_first(const struct plan *plan, const char *root, int directory,
                       char path[EXECUTABLE_PATH_SIZE])
{
    struct error *error = executable_find(plan->args[0], plan->environment.path, directory, path);

    if (!error)
        return survey_judge(root, path);
    error_forget(error);
    path[0] = '\0';
    return 0;
}

/* In the words of a start; the causes look at the file again. */
fallible survey_find_program(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    char path[EXECUTABLE_PATH_SIZE], first[EXECUTABLE_PATH_SIZE];
    auto_close int directory = -1;
    const char *root;

    try(survey_open_root(launch, &root, &directory));
    if (directory < 0)
        return OK;
    int number = judge_first(plan, root, directory, first);
    try(survey_become_user(launch, directory));
    try(executable_find(plan->args[0], plan->environment.path, directory, path));
    errno = text_equal(path, first) ? number : survey_judge(root, path);
    return errno ? executable_explain(path) : OK;
}
