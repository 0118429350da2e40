/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of hooks: those of the host, and those of startContainer hooks, which lie in the
 * container's files.  What surprises: none is run, so the errno that a start would meet is found by
 * looks at the file, and then worded by the code of a start. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "launch/survey.h"
#include "os/program.h"
#include "process/executable.h"

static fallible word(const struct hook *hook, int number)
{
    errno = number;
    return number ? hook_blame(hook, program_explain(hook->path)) : OK;
}

/* On the host --------------------------------------------------------------------------------- */

static int look_outside(const char *path)
{
    struct stat status;

    if (access(path, X_OK) || stat(path, &status))
        return errno;
    return S_ISREG(status.st_mode) ? survey_judge("/", path) : EACCES;
}

static fallible find_outside(const struct hook_list *hooks)
{
    for (uint32_t i = 0; i < hooks->n; i++)
        try(word(&hooks->v[i], look_outside(hooks->v[i].path)));
    return OK;
}

/* That is certain, and comes before what is in doubt. */
static bool misses_one(const struct hook_list *hooks)
{
    for (uint32_t i = 0; i < hooks->n; i++)
        if (look_outside(hooks->v[i].path))
            return true;
    return false;
}

static bool doubt_outside(const struct hook_list *hooks, char why[SURVEY_DOUBT_SIZE])
{
    char own[SURVEY_DOUBT_SIZE];

    for (uint32_t i = 0; i < hooks->n; i++)
        if (survey_doubt_format("/", hooks->v[i].path, own)) {
            text_format(why, SURVEY_DOUBT_SIZE, "%s: %s", hooks->v[i].field, own);
            return true;
        }
    return false;
}

bool survey_has_hooks(const struct survey *survey)
{
    const struct hooks_plan *hooks = &survey->plan->hooks;

    return hooks->prestart.n + hooks->create_runtime.n + hooks->create_container.n +
           hooks->poststart.n;
}

bool survey_doubt_hooks(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    const struct hooks_plan *hooks = &survey->plan->hooks;

    if (misses_one(&hooks->prestart) || misses_one(&hooks->create_runtime) ||
        misses_one(&hooks->create_container) || misses_one(&hooks->poststart))
        return false;
    return doubt_outside(&hooks->prestart, why) || doubt_outside(&hooks->create_runtime, why) ||
           doubt_outside(&hooks->create_container, why) || doubt_outside(&hooks->poststart, why);
}

fallible survey_find_hooks(struct launch *launch)
{
    const struct hooks_plan *hooks = &launch->plan->hooks;

    try(survey_play(host_steps, launch, "open the hooks' programs"));
    try(find_outside(&hooks->prestart));
    try(find_outside(&hooks->create_runtime));
    try(find_outside(&hooks->create_container));
    return find_outside(&hooks->poststart);
}

bool survey_has_poststop_hooks(const struct survey *survey)
{
    return survey->plan->hooks.poststop.n;
}

bool survey_doubt_poststop_hooks(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    const struct hook_list *hooks = &survey->plan->hooks.poststop;

    return !misses_one(hooks) && doubt_outside(hooks, why);
}

fallible survey_find_poststop_hooks(struct launch *launch)
{
    return find_outside(&launch->plan->hooks.poststop);
}

/* In the container ---------------------------------------------------------------------------- */

bool survey_doubt_start_hooks(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    const struct hook_list *hooks = &survey->plan->hooks.start_container;
    char own[SURVEY_DOUBT_SIZE];

    for (uint32_t i = 0; i < hooks->n; i++)
        if (survey_doubt_file(survey, hooks->v[i].path, own)) {
            text_format(why, SURVEY_DOUBT_SIZE, "%s: %s", hooks->v[i].field, own);
            return true;
        }
    return survey_doubt_user(survey, why);
}

/* The errno of what init would find there, or 0; what says nothing of the file is an error. */
static fallible look_inside(const char *path, int root, int *number)
{
    char found[EXECUTABLE_PATH_SIZE];
    struct error *error = executable_find(path, NULL, root, found);

    *number = 0;
    if (error && error->code == ERROR_EXECUTABLE_MISSING)
        *number = ENOENT;
    if (error && error->code == ERROR_EXECUTABLE_REFUSED)
        *number = EACCES;
    if (!*number)
        return error;
    error_forget(error);
    return OK;
}

/* The first whose file execve(2) would not take, and why; its user may not be able to read it. */
static uint32_t judge_first(const struct hook_list *hooks, const char *root, int *number)
{
    uint32_t i = 0;

    for (*number = 0; i < hooks->n; i++) {
        *number = survey_judge(root, hooks->v[i].path);
        if (*number)
            break;
    }
    return i;
}

/* They run as the user of the process. */
fallible survey_find_start_hooks(struct launch *launch)
{
    const struct hook_list *hooks = &launch->plan->hooks.start_container;
    auto_close int directory = -1;
    const char *root;
    int number, judgement;

    try(survey_open_root(launch, &root, &directory));
    if (directory < 0)
        return OK;
    uint32_t judged = judge_first(hooks, root, &judgement);
    try(survey_become_user(launch, directory));
    for (uint32_t i = 0; i < hooks->n; i++) {
        try(look_inside(hooks->v[i].path, directory, &number));
        if (!number && i == judged)
            number = judgement;
        try(word(&hooks->v[i], number));
    }
    return OK;
}
