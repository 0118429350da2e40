/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command in which one system call fails, or before which it is killed:
 *
 *     fault list TALLY -- COMMAND [ARGUMENT...]
 *         only writes to TALLY what could fail: a line "ACTOR CALL" for each system call.  Actor 0
 *         is the command, 1 the first process or thread that is born in its course, and so on; CALL
 *         is the number of the call.
 *     fault at ACTOR CALL NTH ERRNO TALLY -- COMMAND [ARGUMENT...]
 *         lets the NTH of these calls of the actor fail.  It is not carried out, but for close(2),
 *         which closes even where it fails.
 *     fault at ACTOR CALL NTH KILL TALLY -- COMMAND [ARGUMENT...]
 *         sends SIGKILL to the actor when it is about to make that call.
 *     In both cases TALLY says whether it came to that: "struck command", if the actor was one,
 *     "struck", or nothing.
 *
 * Behind another "--" may stand another command, which begins when the one before has ended well;
 * whom that has left behind is still an actor.  Who executes another program than the command's,
 * or one that has no name, is let go; and so are all when the last command ends, whose status is
 * ours.  Commands that take longer than 10 s, or $TARE_FAULT_SECONDS, are killed, and the status is
 * 124.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { DEADLINE_SECONDS = 10, STATUS_LATE = 124, ACTORS_MOST = 256 };

/* Where the registers have the result of a call. */
#if defined(__x86_64__)
#define RESULT(registers) ((registers).rax)
#elif defined(__aarch64__)
#define RESULT(registers) ((registers).regs[0])
#else
#error "how are calls made to fail here?"
#endif

struct actor {
    pid_t pid;
    unsigned calls; /* of those that are asked for */
    bool is_failing;
};

static struct actor actors[ACTORS_MOST];
static int actor_count;

static struct {
    bool is_list;
    int actor;
    uint64_t call;
    unsigned nth;
    int number; /* errno; 0: it is killed */
} asked;

static FILE *tally;
static struct stat program;
static pid_t command; /* the one that is there */

static int fail(const char *what)
{
    fprintf(stderr, "fault: %s: %s\n", what, strerror(errno));
    return 2;
}

static void end_late(int signal)
{
    (void) signal;
    kill(command, SIGKILL);
    _exit(STATUS_LATE);
}

/* In the order of their birth; NULL if there are too many. */
static struct actor *find_actor(pid_t pid)
{
    for (int i = 0; i < actor_count; i++)
        if (actors[i].pid == pid)
            return &actors[i];
    if (actor_count == ACTORS_MOST)
        return NULL;
    actors[actor_count].pid = pid;
    return &actors[actor_count++];
}

/* Failing ------------------------------------------------------------------------------------- */

static void skip_call(pid_t pid)
{
#if defined(__x86_64__)
    ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), -1L);
#else
    int none = -1;
    struct iovec part = { &none, sizeof(none) };
    ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &part);
#endif
}

static void set_result(pid_t pid, int64_t result)
{
    struct user_regs_struct registers;
    struct iovec part = { &registers, sizeof(registers) };

    if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &part))
        return;
    RESULT(registers) = (uint64_t) result;
    ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &part);
}

static void strike(struct actor *actor, uint64_t call)
{
    fputs(actor->pid == command ? "struck command\n" : "struck\n", tally);
    if (!asked.number) {
        kill(actor->pid, SIGKILL);
        return;
    }
    actor->is_failing = true;
    if (call != SYS_close)
        skip_call(actor->pid);
}

static void see_call(struct actor *actor)
{
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, actor->pid, sizeof(info), &info) <= 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_EXIT && actor->is_failing) {
        set_result(actor->pid, -asked.number);
        actor->is_failing = false;
    }
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return;
    if (asked.is_list)
        fprintf(tally, "%td %ju\n", actor - actors, (uintmax_t) info.entry.nr);
    else if (actor - actors == asked.actor && info.entry.nr == asked.call &&
             ++actor->calls == asked.nth)
        strike(actor, info.entry.nr);
}

/* Following ----------------------------------------------------------------------------------- */

/* Its own program, or what it has in a memory file. */
static bool is_ours(pid_t pid)
{
    char link[64], name[32] = "";
    struct stat status;

    snprintf(link, sizeof(link), "/proc/%d/exe", pid);
    if (readlink(link, name, sizeof(name) - 1) < 0 || !strncmp(name, "/memfd:", 7))
        return true;
    return !stat(link, &status) && status.st_dev == program.st_dev &&
           status.st_ino == program.st_ino;
}

/* Others may run as fast as they can. */
static bool is_watched(const struct actor *actor)
{
    return asked.is_list || (actor && actor - actors == asked.actor &&
                             (actor->calls < asked.nth || actor->is_failing));
}

static void see_stop(pid_t pid, int status)
{
    struct actor *actor = find_actor(pid);
    int event = status >> 16, signal = 0;
    unsigned long born;

    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
        if (actor)
            see_call(actor);
    } else if (event == PTRACE_EVENT_EXEC && !is_ours(pid)) {
        ptrace(PTRACE_DETACH, pid, 0, 0);
        return;
    } else if (event && event != PTRACE_EVENT_STOP && event != PTRACE_EVENT_EXEC) {
        if (!ptrace(PTRACE_GETEVENTMSG, pid, 0, &born))
            find_actor((pid_t) born);
    } else if (!event) {
        signal = WSTOPSIG(status);
    }
    ptrace(is_watched(actor) ? PTRACE_SYSCALL : PTRACE_CONT, pid, 0, signal);
}

/* Ends the arguments at a "--", and returns what stands behind it, or NULL. */
static char **split(char **arguments)
{
    for (; *arguments; arguments++)
        if (!strcmp(*arguments, "--")) {
            *arguments = NULL;
            return arguments + 1;
        }
    return NULL;
}

/* Its calls are seen from the exec on. */
static int begin(char **arguments)
{
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    int gate[2];

    if (pipe2(gate, O_CLOEXEC))
        return fail("pipe");
    command = fork();
    if (command == 0) {
        char go;
        close(gate[1]);
        if (read(gate[0], &go, 1) == 1)
            execv(arguments[0], arguments);
        _exit(127);
    }
    if (command < 0 || ptrace(PTRACE_SEIZE, command, 0, options) || write(gate[1], "", 1) != 1)
        return fail("trace the command");
    find_actor(command);
    close(gate[0]);
    close(gate[1]);
    return 0;
}

/* Until the command has ended. */
static int follow(void)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0)
            return fail("wait");
        if (WIFSTOPPED(status))
            see_stop(pid, status);
        else if (pid == command)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

static int run(char **arguments)
{
    const char *seconds = getenv("TARE_FAULT_SECONDS");
    int status = 0;

    if (stat(arguments[0], &program))
        return fail(arguments[0]);
    signal(SIGALRM, end_late);
    alarm(seconds && atoi(seconds) > 0 ? (unsigned) atoi(seconds) : DEADLINE_SECONDS);
    while (arguments && !status) {
        char **next = split(arguments);
        status = begin(arguments);
        if (!status)
            status = follow();
        arguments = next;
    }
    return status;
}

static int number_of(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } names[] = {
        { "EAGAIN", EAGAIN }, { "EINTR", EINTR },   { "EMFILE", EMFILE }, { "ENOMEM", ENOMEM },
        { "ENOSPC", ENOSPC }, { "ENOSYS", ENOSYS }, { "EPERM", EPERM },   { "KILL", 0 },
    };

    for (size_t i = 0; i < LENGTH(names); i++)
        if (!strcmp(names[i].name, name))
            return names[i].number;
    fprintf(stderr, "fault: no fault is called %s\n", name);
    exit(64);
}

int main(int count, char **arguments)
{
    int given; /* the words before "--" */

    for (given = 1; given < count && strcmp(arguments[given], "--"); given++)
        continue;
    if (given == 3 && !strcmp(arguments[1], "list")) {
        asked.is_list = true;
    } else if (given == 7 && !strcmp(arguments[1], "at")) {
        asked.actor = atoi(arguments[2]);
        asked.call = strtoull(arguments[3], NULL, 10);
        asked.nth = (unsigned) atoi(arguments[4]);
        asked.number = number_of(arguments[5]);
    }
    if ((!asked.is_list && !asked.nth) || given + 1 >= count) {
        fputs("usage: fault list|at ... TALLY -- COMMAND [ARGUMENT...]\n", stderr);
        return 64;
    }
    tally = fopen(arguments[given - 1], "we");
    if (!tally)
        return fail(arguments[given - 1]);
    int status = run(arguments + given + 1);
    return fclose(tally) ? fail("write the tally") : status;
}
