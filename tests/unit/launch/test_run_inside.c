/* SPDX-License-Identifier: Apache-2.0 */
/* launch/run_inside: the init program itself, started as birth starts it, with a plan made by hand.
 * How often it executes itself is seen by tracing it: each exec stops it. */

#include <elf.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/plan.h"
#include "launch/step.h"
#include "os/channel.h"
#include "os/embedded_init.h"
#include "os/fd.h"
#include "os/sealed_self.h"
#include "os/syscalls.h"
#include "tests/unit/os/in_child.h"

enum {
    PAGE = 4096,
    TRIALS = 3,
    PATIENCE = 60, /* seconds, for all of a test */
    NO_PLAN = 97,
    FAILED = 98,
    BIG_WORDS = 12,
    BIG_WORD = 120 << 10, /* a little less than MAX_ARG_STRLEN */
};

/* A plan that fails at its first row, or waits at its first meeting. */
struct content {
    struct plan plan;
    char hostname[128];
};

struct init {
    int self, arena, mine, theirs;
    uint64_t address; /* where it is told to map the arena */
    bool is_traced;   /* stops after each exec */
    bool is_fixed;    /* the kernel puts everything where it always does */
    char **environment;
    pid_t pid;
};

static struct init prepare(void)
{
    struct init init = { .pid = -1 };
    static char *nothing[] = { NULL };

    alarm(PATIENCE);
    init.environment = nothing;
    demand(!sealed_self_open(false, &init.self));
    demand(!channel_open(&init.mine, &init.theirs));
    init.arena = memfd_create("arena", MFD_CLOEXEC);
    demand(init.arena >= 0 && !ftruncate(init.arena, PAGE));
    return init;
}

static void write_plan(const struct init *init, struct content content)
{
    _Static_assert(sizeof(content) <= PAGE, "the plan fits the arena");
    content.plan.rootfs.has_no_pivot = true;
    content.plan.listener = NO_LISTENER;
    demand(pwrite(init->arena, &content, sizeof(content), 0) == sizeof(content));
}

/* Longer than any host name, so that nobody may set it. */
static void plan_to_fail(const struct init *init)
{
    struct content content = {};

    memset(content.hostname, 'x', sizeof(content.hostname) - 1);
    content.plan.hostname.hostname = (char *) init->address + offsetof(struct content, hostname);
    write_plan(init, content);
}

static void execute(const struct init *init, char **arguments)
{
    if (init->is_traced && ptrace(PTRACE_TRACEME, 0, NULL, NULL))
        _exit(CHILD_SKIPS);
    if (init->is_fixed && personality(ADDR_NO_RANDOMIZE) < 0)
        _exit(CHILD_SKIPS);
    close(init->mine);
    demand(!fd_inherit(init->self) && !fd_inherit(init->arena) && !fd_inherit(init->theirs));
    syscall(SYS_execveat, init->self, "", arguments, init->environment, AT_EMPTY_PATH);
    demand(!"executed");
}

static void start_with(struct init *init, char **arguments)
{
    init->pid = fork();
    demand(init->pid >= 0);
    if (init->pid == 0)
        execute(init, arguments);
    close(init->theirs);
    init->theirs = -1;
}

static void start(struct init *init, uint64_t trials)
{
    const uint64_t numbers[INIT_ARGUMENTS] = {
        [INIT_ADDRESS] = init->address,
        [INIT_SIZE] = PAGE,
        [INIT_ARENA] = (uint64_t) init->arena,
        [INIT_PLAN] = init->address,
        [INIT_CHANNEL] = (uint64_t) init->theirs,
        [INIT_SELF] = (uint64_t) init->self,
        [INIT_TRIALS] = trials,
    };
    char words[INIT_ARGUMENTS][24] = { "tare-init" };
    char *arguments[INIT_ARGUMENTS + 1] = { words[0] };

    for (int i = 1; i < INIT_ARGUMENTS; i++) {
        text_format(words[i], sizeof(words[i]), "%llu", (unsigned long long) numbers[i]);
        arguments[i] = words[i];
    }
    start_with(init, arguments);
}

/* Its exit status, and how often it was executed, if it is traced. */
static int await_end(const struct init *init, int *execs)
{
    int status;

    for (*execs = 0;; (*execs)++) {
        demand(waitpid(init->pid, &status, 0) == init->pid);
        if (!WIFSTOPPED(status))
            break;
        demand(WSTOPSIG(status) == SIGTRAP && !ptrace(PTRACE_CONT, init->pid, NULL, NULL));
    }
    demand(WIFEXITED(status));
    if (WEXITSTATUS(status) == CHILD_SKIPS)
        _exit(CHILD_SKIPS);
    return WEXITSTATUS(status);
}

/* What a host would hear last. */
static struct error *hear(const struct init *init)
{
    return channel_hear_end(init->mine, NULL, NULL);
}

/* The init program is linked to fixed addresses: its own is never free. */
static uint64_t own_address(void)
{
    Elf64_Ehdr header;

    memcpy(&header, embedded_init_begin, sizeof(header));
    if (header.e_type != ET_EXEC)
        _exit(CHILD_SKIPS);
    return header.e_entry / PAGE * PAGE;
}

static void try_a_taken_address(void)
{
    for (int trials = 0; trials <= TRIALS; trials++) {
        struct init init = prepare();
        int execs;

        init.address = own_address();
        init.is_traced = true;
        start(&init, (uint64_t) trials);
        demand(await_end(&init, &execs) == FAILED);
        demand(execs == 1 + trials);
        struct error *error = hear(&init);
        demand(error && error->is_received && error->number == EEXIST);
        demand(text_starts(error->text, "map the plan at 0x"));
        error_forget(error);
    }
}

/* The lowest page of the stack that a new process begins with, from /proc/PID/maps. */
static uint64_t find_stack(pid_t pid)
{
    char path[32], line[512];
    unsigned long long begin = 0;

    text_format(path, sizeof(path), "/proc/%d/maps", (int) pid);
    FILE *maps = fopen(path, "re");
    demand(maps);
    while (fgets(line, sizeof(line), maps))
        if (strstr(line, "[stack]"))
            begin = strtoull(line, NULL, 16);
    fclose(maps);
    demand(begin);
    return begin;
}

/* An environment of more than a megabyte is all on the stack. */
static char **make_big_environment(void)
{
    static char word[BIG_WORD] = "X=";
    static char *environment[BIG_WORDS + 1];

    memset(word + 2, 'x', sizeof(word) - 3);
    for (int i = 0; i < BIG_WORDS; i++)
        environment[i] = word;
    return environment;
}

/* Where the stack reaches at the first exec alone: init gives itself no environment. */
static uint64_t find_place(void)
{
    struct init init = prepare();
    int status;

    init.is_traced = init.is_fixed = true;
    init.environment = make_big_environment();
    start(&init, 0);
    demand(waitpid(init.pid, &status, 0) == init.pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIPS)
        _exit(CHILD_SKIPS);
    demand(WIFSTOPPED(status));
    uint64_t place = find_stack(init.pid) + 16 * (uint64_t) PAGE;
    kill(init.pid, SIGKILL);
    demand(waitpid(init.pid, &status, 0) == init.pid);
    return place;
}

static void find_the_address_free_later(void)
{
    uint64_t place = find_place();
    struct init init = prepare();
    int execs;

    init.address = place;
    init.is_traced = init.is_fixed = true;
    init.environment = make_big_environment();
    plan_to_fail(&init);
    start(&init, TRIALS);
    demand(await_end(&init, &execs) == FAILED);
    demand(execs == 2);
    struct error *error = hear(&init);
    demand(error && text_starts(error->text, "set the host name: hostname \"xxx"));
    demand(text_equal(error->field, "hostname"));
    error_forget(error);
}

/* A place that is free in init for sure: it is free here, far from all that a program has. */
static uint64_t free_address(void)
{
    return UINT64_C(0x20000000000);
}

static void report_a_failing_row(void)
{
    struct init init = prepare();
    int execs;

    init.address = free_address();
    init.is_traced = true;
    plan_to_fail(&init);
    start(&init, TRIALS);
    demand(await_end(&init, &execs) == FAILED && execs == 1);
    struct error *error = hear(&init);
    demand(error && text_starts(error->text, "set the host name: "));
    error_forget(error);
}

/* Neither a descriptor nor an address that is none makes it try again, or die of a signal. */
static void report_what_cannot_be_mapped(void)
{
    static const struct {
        uint64_t address;
        bool has_arena;
    } wrong[] = { { 0x20000000000, false }, { 0x20000000001, true }, { UINT64_MAX, true } };

    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct init init = prepare();
        int execs;

        init.address = wrong[i].address;
        init.is_traced = true;
        if (!wrong[i].has_arena)
            init.arena = dup(STDERR_FILENO);
        start(&init, TRIALS);
        demand(await_end(&init, &execs) == FAILED && execs == 1);
        struct error *error = hear(&init);
        demand(error && error->number && error->number != EEXIST);
        demand(text_starts(error->text, "map the plan at "));
        error_forget(error);
    }
}

/* Runs it with these words, and demands that it says nothing: not to the host, not to a terminal.
 */
static void demand_silence(char **arguments)
{
    struct init init = prepare();
    int execs, said[2];
    char byte;

    demand(!pipe2(said, O_CLOEXEC));
    init.pid = fork();
    demand(init.pid >= 0);
    if (init.pid == 0) {
        dup2(said[1], STDOUT_FILENO);
        dup2(said[1], STDERR_FILENO);
        execute(&init, arguments);
    }
    close(init.theirs);
    close(said[1]);
    demand(await_end(&init, &execs) == NO_PLAN);
    demand(read(said[0], &byte, 1) == 0);
    demand(recv(init.mine, &byte, 1, 0) == 0);
    close(said[0]);
    close(init.mine);
}

static void give_garbage(void)
{
    static const char *const garbage[] = {
        "", "x", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551616",
    };
    char *arguments[INIT_ARGUMENTS + 2] = { (char *) "tare-init" };

    for (int count = 1; count <= INIT_ARGUMENTS + 1; count++) {
        arguments[count] = NULL;
        if (count != INIT_ARGUMENTS)
            demand_silence(arguments);
        arguments[count] = (char *) "1";
    }
    arguments[INIT_ARGUMENTS] = NULL;
    for (int i = 1; i < INIT_ARGUMENTS; i++)
        for (size_t j = 0; j < LENGTH(garbage); j++) {
            arguments[i] = (char *) garbage[j];
            demand_silence(arguments);
            arguments[i] = (char *) "1";
        }
}

/* The host has died before init says its first word, and there is nobody to tell. */
static void lose_the_host_before_a_word(void)
{
    const uint64_t addresses[] = { free_address(), own_address() };

    for (size_t i = 0; i < LENGTH(addresses); i++) {
        struct init init = prepare();
        int execs;

        init.address = addresses[i];
        plan_to_fail(&init);
        close(init.mine);
        init.mine = open("/dev/null", O_RDONLY | O_CLOEXEC);
        start(&init, TRIALS);
        demand(await_end(&init, &execs) == FAILED);
    }
}

/* Its root is the one that it has: as good as any to wait in. */
static struct init start_meeting(void)
{
    struct init init = prepare();
    struct content content = { .plan.oom_score.has_score = true };

    if (unshare(CLONE_NEWNS))
        _exit(CHILD_SKIPS);
    content.plan.rootfs.tree = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    demand(!fd_inherit(content.plan.rootfs.tree));
    init.address = free_address();
    write_plan(&init, content);
    start(&init, TRIALS);
    close(content.plan.rootfs.tree);
    return init;
}

/* Meetings are counted, also those that are skipped. */
static uint32_t number_of(const char *meeting)
{
    uint32_t number = 1;

    for (const struct step *step = init_steps; !text_equal(step->name, meeting); step++)
        number += !step->run;
    return number;
}

static void lose_the_host_at_a_meeting(void)
{
    struct init init = start_meeting();
    int execs;

    demand(!channel_meet(init.mine, number_of("the container is built")));
    close(init.mine);
    demand(await_end(&init, &execs) == FAILED);

    init = start_meeting();
    close(init.mine);
    demand(await_end(&init, &execs) == FAILED);
}

static void starts_itself_again_so_often_and_no_more(void **state)
{
    (void) state;
    in_child(try_a_taken_address);
}

static void goes_on_when_the_address_is_free_at_last(void **state)
{
    (void) state;
    in_child(find_the_address_free_later);
}

static void reports_the_row_that_failed(void **state)
{
    (void) state;
    in_child(report_a_failing_row);
}

static void reports_what_cannot_be_mapped(void **state)
{
    (void) state;
    in_child(report_what_cannot_be_mapped);
}

static void says_nothing_of_garbage(void **state)
{
    (void) state;
    in_child(give_garbage);
}

static void ends_when_the_host_is_gone(void **state)
{
    (void) state;
    in_child(lose_the_host_before_a_word);
}

static void ends_when_the_host_goes_while_it_waits(void **state)
{
    (void) state;
    in_child(lose_the_host_at_a_meeting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_itself_again_so_often_and_no_more),
        cmocka_unit_test(goes_on_when_the_address_is_free_at_last),
        cmocka_unit_test(reports_the_row_that_failed),
        cmocka_unit_test(reports_what_cannot_be_mapped),
        cmocka_unit_test(says_nothing_of_garbage),
        cmocka_unit_test(ends_when_the_host_is_gone),
        cmocka_unit_test(ends_when_the_host_goes_while_it_waits),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
