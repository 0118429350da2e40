/* SPDX-License-Identifier: Apache-2.0 */
/* Trials in a child that is thrown away; serves check.  It answers in memory that both share: for
 * a pipe it might have no descriptor left, or a filter in its way. */

#include "os/trial.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/clone.h"
#include "os/pidfd.h"

enum { END_MILLISECONDS = 1000 };

struct answer {
    bool is_given, is_refusal;
    struct error error;
    char found[TRIAL_FOUND_SIZE];
};

/* Should we be killed, it ends as well. */
static _Noreturn void answer_and_end(const struct trial *trial, volatile struct answer *answer)
{
    char found[TRIAL_FOUND_SIZE] = "";

    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    struct error *error = trial->ask(trial->context, found);
    if (error)
        memcpy((void *) &answer->error, error, sizeof(*error));
    memcpy((void *) answer->found, found, sizeof(found));
    answer->is_refusal = error;
    answer->is_given = true;
    _exit(0);
}

/* One that does not end by SIGKILL either sleeps in the kernel: it is left to init. */
static fallible await(int pidfd, int milliseconds, int *status)
{
    struct error *late = pidfd_wait_end(pidfd, milliseconds);

    if (late) {
        error_forget(pidfd_send(pidfd, SIGKILL));
        struct error *stuck = pidfd_wait_end(pidfd, END_MILLISECONDS);
        if (stuck) {
            error_forget(stuck);
            return late;
        }
    }
    error_forget(pidfd_reap(pidfd, status));
    return late;
}

static fallible explain_end(struct error *late, int status)
{
    if (late)
        return error_within(late, "the kernel does not answer");
    if (WIFSIGNALED(status))
        return error_new(ERROR_SYSTEM, "who tried it was killed by signal %d", WTERMSIG(status));
    return error_new(ERROR_SYSTEM, "who tried it ended with status %d", WEXITSTATUS(status));
}

static fallible judge(const struct answer *answer, struct error *late, int status,
                      char found[TRIAL_FOUND_SIZE])
{
    if (!answer->is_given)
        return explain_end(late, status);
    error_forget(late);
    text_format(found, TRIAL_FOUND_SIZE, "%s", answer->found);
    return answer->is_refusal ? error_receive(&answer->error) : OK;
}

fallible trial_run(const struct trial *trial, char found[TRIAL_FOUND_SIZE])
{
    auto_close int pidfd = -1;
    int status = 0;
    struct answer *answer =
        mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    found[0] = '\0';
    if (answer == MAP_FAILED)
        return error_system("get memory to share with a child");
    pid_t pid = clone_fork(0, &pidfd);
    if (pid == 0)
        answer_and_end(trial, answer);
    struct error *error = pid < 0 ? error_call(error_system("clone"), CALL_CLONE, NULL)
                                  : await(pidfd, trial->milliseconds, &status);
    if (pid > 0)
        error = judge(answer, error, status, found);
    munmap(answer, sizeof(*answer));
    return error;
}
