/* SPDX-License-Identifier: Apache-2.0 */
/* process.oomScoreAdj: how likely the kernel is to kill the process when memory runs out.
 * Lowering it below what the process once had needs CAP_SYS_RESOURCE outside any user namespace. */

#include "process/oom_score.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "libocispec/process.h"
#include "os/proc.h"

enum { SCORE_LEAST = -1000, SCORE_MOST = 1000 };

fallible oom_score_plan(const struct oci_process *process, struct oom_score_plan *plan)
{
    struct oci_opt_i32 score = process->oom_score_adj;
    if (score.present && (score.value < SCORE_LEAST || score.value > SCORE_MOST))
        return error_config("process.oomScoreAdj", "%d is not between %d and %d", score.value,
                            SCORE_LEAST, SCORE_MOST);
    *plan = (struct oom_score_plan){ .has_score = score.present, .score = score.value };
    return OK;
}

static fallible write_score(int proc, const char *path, int score)
{
    char text[16];
    text_format(text, sizeof(text), "%d", score);
    struct error *error = proc_write(proc, path, text);
    if (error && error->number == EACCES)
        return error_hint(error, "lowering the score of a process needs CAP_SYS_RESOURCE");
    return error;
}

static fallible verify_score(int proc, const char *path, int score)
{
    char text[32];
    try(proc_read(proc, path, text, sizeof(text)));
    for (char *c = text; *c; c++)
        if (*c == '\n')
            *c = '\0';
    int64_t got = 0;
    if (!text_to_signed(text, SCORE_LEAST, SCORE_MOST, &got) || got != score)
        return error_new(ERROR_READ_BACK, "the kernel says \"%s\"", text);
    return OK;
}

fallible oom_score_apply(const struct oom_score_plan *plan, pid_t pid)
{
    if (!plan->has_score)
        return OK;
    auto_close int proc = -1;
    char path[48];
    text_format(path, sizeof(path), "%d/oom_score_adj", (int) pid);
    try(proc_open(true, &proc));
    try_within(write_score(proc, path, plan->score), "score %d", plan->score);
    try_within(verify_score(proc, path, plan->score), "score %d", plan->score);
    return OK;
}
