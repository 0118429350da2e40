/* SPDX-License-Identifier: Apache-2.0 */
/* process.oomScoreAdj: how likely the kernel is to kill the process when memory runs out.
 * Lowering it below what the process once had needs CAP_SYS_RESOURCE outside any user namespace.
 * The file of a process that has become somebody else, or is not dumpable, can only be written by
 * root: so who is not root has its own score for a moment be that with which the process is born.
 */

#include "process/oom_score.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "libocispec/process.h"
#include "os/proc.h"
#include "os/self.h"

enum { SCORE_LEAST = -1000, SCORE_MOST = 1000 };

fallible oom_score_plan(const struct oci_process *process, struct oom_score_plan *plan)
{
    struct oci_opt_i32 score = process->oom_score_adj;
    if (score.present && (score.value < SCORE_LEAST || score.value > SCORE_MOST))
        return error_config("process.oomScoreAdj", "%d is not between %d and %d", score.value,
                            SCORE_LEAST, SCORE_MOST);
    *plan = (struct oom_score_plan){
        .has_score = score.present,
        .is_inherited = score.present && self_user() != 0,
        .score = score.value,
    };
    return OK;
}

static fallible write_score(int proc, const char *path, int score)
{
    char text[16];
    text_format(text, sizeof(text), "%d", score);
    struct error *error = proc_write(proc, path, text);
    if (error && error->number == EACCES)
        return error_hint(error, "a score below that with which somebody started needs "
                                 "CAP_SYS_RESOURCE");
    return error;
}

static fallible read_score(int proc, const char *path, int *score)
{
    char text[32];
    int64_t got = 0;
    try(proc_read(proc, path, text, sizeof(text)));
    text[strcspn(text, "\n")] = '\0';
    if (!text_to_signed(text, SCORE_LEAST, SCORE_MOST, &got))
        return error_new(ERROR_READ_BACK, "the kernel says \"%s\"", text);
    *score = (int) got;
    return OK;
}

/* What it has been born with is not written again: the file may not be ours to write. */
static fallible set_score(int proc, pid_t pid, int score)
{
    char path[48];
    int got;
    text_format(path, sizeof(path), "%d/oom_score_adj", (int) pid);
    try(read_score(proc, path, &got));
    if (got == score)
        return OK;
    try(write_score(proc, path, score));
    try(read_score(proc, path, &got));
    return got == score ? OK : error_new(ERROR_READ_BACK, "the kernel says \"%d\"", got);
}

fallible oom_score_apply(const struct oom_score_plan *plan, pid_t pid)
{
    if (!plan->has_score)
        return OK;
    auto_close int proc = -1;
    try(proc_open(true, &proc));
    try_within(set_score(proc, pid, plan->score), "score %d", plan->score);
    return OK;
}

fallible oom_score_lend(const struct oom_score_plan *plan, int *before)
{
    auto_close int proc = -1;
    char path[48];
    int score;
    text_format(path, sizeof(path), "%d/oom_score_adj", (int) getpid());
    try(proc_open(true, &proc));
    try(read_score(proc, path, &score));
    try_within(set_score(proc, getpid(), plan->score), "score %d", plan->score);
    *before = score;
    return OK;
}

fallible oom_score_take_back(int before)
{
    auto_close int proc = -1;
    try(proc_open(true, &proc));
    return set_score(proc, getpid(), before);
}
