/* SPDX-License-Identifier: Apache-2.0 */
/* What init does around its storyboard: it finds the plan, and ends by becoming the user's program.
 * The plan is mapped where the host has it; if something of ours happens to lie there, init
 * executes itself again, which makes the kernel choose other places. */

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "launch/bridge.h"
#include "launch/inside.h"
#include "launch/plan.h"
#include "launch/reasons.h"
#include "launch/step.h"
#include "os/channel.h"
#include "os/dumpable.h"
#include "os/fd_left.h"
#include "os/memory.h"
#include "os/syscalls.h"
#include "process/signals.h"

enum { EXIT_NO_PLAN = 97 };

static fallible start_again(char **argv, uint64_t self, uint64_t trials)
{
    static char left[24];

    text_format(left, sizeof(left), "%llu", (unsigned long long) trials - 1);
    argv[INIT_TRIALS] = left;
    syscall(SYS_execveat, (int) self, "", argv, (char *[]){ NULL }, AT_EMPTY_PATH);
    return error_system("start init again");
}

static fallible map_plan(char **argv, const uint64_t *numbers)
{
    int arena = (int) numbers[INIT_ARENA], self = (int) numbers[INIT_SELF];
    struct error *error =
        memory_map_plan((const void *) numbers[INIT_ADDRESS], numbers[INIT_SIZE], arena);

    if (error && error->number == EEXIST && numbers[INIT_TRIALS] > 0) {
        error_forget(error);
        return start_again(argv, numbers[INIT_SELF], numbers[INIT_TRIALS]);
    }
    fd_leave(&arena);
    fd_leave(&self);
    return error;
}

static fallible play(struct launch *launch)
{
    bool changes_mounts = adds_mounts(launch->plan) || removes_mounts(launch->plan);
    bool enters = enters_container(launch->plan);

    if (launch->plan->user_ns.is_new)
        try(dumpable_hide()); /* the exec may have set it */
    if (has_bridge(launch->plan) || enters)
        fd_close_left(); /* nothing of the host's comes along */
    if (has_bridge(launch->plan) && !enters)
        try(bridge_cross(launch));
    try(signals_reset(launch->plan->ignored_signals));
    prctl(PR_SET_NAME, "tare-init");
    umask(0); /* what is made for the container has exactly the mode it should; the user's comes
                 later */

    struct inside *inside = launch->inside;
    inside->root = launch->plan->rootfs.tree;
    if (changes_mounts) {
        try(steps_run(live_inside_steps, launch));
        syscall(SYS_exit_group, 0);
    }
    try(steps_run(enters ? exec_inside_steps : init_steps, launch));
    const struct plan *plan = launch->plan;
    execve(inside->path, (char *const *) plan->args, (char *const *) plan->environment.v);
    return executable_explain(inside->path);
}

/* A seccomp filter may answer exit_group(2) with an errno, for ever. */
static _Noreturn void give_up(void)
{
    syscall(SYS_exit_group, INIT_FAILED);
    __builtin_trap();
}

int inside_run(int argc, char **argv)
{
    static struct inside inside;
    static struct channel_span spans[CHANNEL_SPANS];
    uint64_t numbers[INIT_ARGUMENTS] = {};

    for (int i = 1; i < INIT_ARGUMENTS; i++)
        if (argc != INIT_ARGUMENTS || !text_to_unsigned(argv[i], UINT64_MAX, &numbers[i]))
            return EXIT_NO_PLAN;

    struct launch launch = { .channel = (int) numbers[INIT_CHANNEL], .inside = &inside };
    struct error *error = map_plan(argv, numbers);
    if (!error) {
        launch.plan = (struct plan *) numbers[INIT_PLAN];
        launch.spans = launch.plan->has_trace ? spans : NULL;
        error = play(&launch);
    }
    error_forget(channel_send_error(launch.channel, error));
    error_forget(error);
    give_up();
}
