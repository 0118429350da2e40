/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attacker of races: exchanges two names under the eyes of somebody who walks a path.
 *
 *     swap loop A B [TALLY]
 *         exchanges them until it is ended (SIGTERM), as fast as it can.  The number of exchanges
 *         is at all times the first 8 bytes of TALLY.  At the end the names are as they were.
 *     swap at NUMBER LENGTH A B TALLY -- COMMAND [ARGUMENT...]
 *         runs a command and exchanges them once, just before the command and its children make
 *         their call NUMBER that takes a path; and back, just before the one LENGTH calls later (0:
 *         only at the end).  Nothing is left to luck: whoever checks in one call and uses in
 *         another is found by one of the numbers.  To TALLY goes "CALLS EXCHANGES".
 *     swap naive DIRECTORY
 *         is a victim, and shows that the attack works: it makes DIRECTORY if what it is in is a
 *         directory and not a link, and has two calls for that.
 *
 * Linked statically: it attacks from within containers as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *name_a, *name_b;
static uint64_t exchanges;
static volatile sig_atomic_t is_over;

static int fail(const char *what)
{
    fprintf(stderr, "swap: %s: %s\n", what, strerror(errno));
    return 2;
}

static bool exchange(void)
{
    if (syscall(SYS_renameat2, AT_FDCWD, name_a, AT_FDCWD, name_b, RENAME_EXCHANGE))
        return false;
    exchanges++;
    return true;
}

/* As fast as it can -------------------------------------------------------------------------- */

static void end(int signal)
{
    (void) signal;
    is_over = 1;
}

static volatile uint64_t *open_tally(const char *path)
{
    static volatile uint64_t unheard;
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

    if (!path)
        return &unheard;
    if (fd < 0 || ftruncate(fd, sizeof(uint64_t)))
        return NULL;
    void *memory = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static int run_loop(char **arguments)
{
    volatile uint64_t *tally;

    name_a = arguments[0];
    name_b = arguments[1];
    tally = open_tally(arguments[2]);
    if (!tally)
        return fail(arguments[2]);
    signal(SIGTERM, end);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    while (!is_over) {
        if (!exchange())
            return fail(name_a);
        *tally = exchanges;
    }
    return exchanges % 2 && !exchange() ? fail(name_a) : 0;
}

/* Call by call ------------------------------------------------------------------------------- */

static bool takes_path(uint64_t number)
{
    static const uint64_t calls[] = {
        SYS_openat,     SYS_openat2,   SYS_open_tree,  SYS_move_mount,    SYS_mount,
        SYS_umount2,    SYS_mkdirat,   SYS_mknodat,    SYS_symlinkat,     SYS_linkat,
        SYS_unlinkat,   SYS_renameat,  SYS_renameat2,  SYS_newfstatat,    SYS_statx,
        SYS_readlinkat, SYS_faccessat, SYS_faccessat2, SYS_fchmodat,      SYS_fchownat,
        SYS_chdir,      SYS_fchdir,    SYS_chroot,     SYS_mount_setattr, SYS_pivot_root,
        SYS_execve,     SYS_execveat,  SYS_truncate,   SYS_statfs,        SYS_fsmount,
#ifdef SYS_open
        SYS_open,       SYS_stat,      SYS_lstat,      SYS_access,        SYS_mkdir,
        SYS_mknod,      SYS_readlink,  SYS_symlink,    SYS_unlink,        SYS_chmod,
        SYS_chown,      SYS_lchown,    SYS_rename,     SYS_rmdir,         SYS_link,
#endif
    };

    for (size_t i = 0; i < LENGTH(calls); i++)
        if (calls[i] == number)
            return true;
    return false;
}

struct moment {
    uint64_t first, last; /* the numbers of the calls; last 0: none */
    uint64_t calls;
};

static void see_call(pid_t child, struct moment *moment)
{
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY || !takes_path(info.entry.nr))
        return;
    moment->calls++;
    if (moment->calls == moment->first || moment->calls == moment->last)
        exchange();
}

/* Until COMMAND ends: what it leaves behind goes on without us. */
static int follow(pid_t command, struct moment *moment)
{
    for (;;) {
        int status, inject = 0;
        pid_t child = waitpid(-1, &status, __WALL);
        if (child < 0)
            return fail("wait");
        if (!WIFSTOPPED(status)) {
            if (child == command)
                return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            continue;
        }
        if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            see_call(child, moment);
        else if (status >> 16 == 0)
            inject = WSTOPSIG(status);
        ptrace(PTRACE_SYSCALL, child, 0, inject);
    }
}

static int run_at(char **arguments)
{
    struct moment moment = { .first = strtoull(arguments[0], NULL, 10) };
    uint64_t length = strtoull(arguments[1], NULL, 10);
    int gate[2];

    moment.last = length ? moment.first + length : 0;
    name_a = arguments[2];
    name_b = arguments[3];
    if (strcmp(arguments[5], "--") || pipe(gate))
        return fail("usage");
    pid_t command = fork();
    if (command == 0) {
        char go;
        close(gate[1]);
        if (read(gate[0], &go, 1) == 1 && close(gate[0]) == 0)
            execvp(arguments[6], arguments + 6);
        _exit(127);
    }
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    if (command < 0 || ptrace(PTRACE_SEIZE, command, 0, options) ||
        ptrace(PTRACE_INTERRUPT, command, 0, 0) || write(gate[1], "", 1) != 1)
        return fail("trace the command");
    close(gate[0]);
    close(gate[1]);
    int status = follow(command, &moment);
    uint64_t during = exchanges;
    if (exchanges % 2)
        exchange();
    FILE *tally = fopen(arguments[4], "we");
    if (!tally || fprintf(tally, "%ju %ju\n", (uintmax_t) moment.calls, (uintmax_t) during) < 0 ||
        fclose(tally))
        return fail(arguments[4]);
    return status;
}

/* The victim --------------------------------------------------------------------------------- */

static int be_naive(char **arguments)
{
    char parent[4096];
    struct stat status;

    snprintf(parent, sizeof(parent), "%s", arguments[0]);
    *strrchr(parent, '/') = '\0';
    if (lstat(parent, &status) || !S_ISDIR(status.st_mode))
        return 1;
    return mkdir(arguments[0], 0755) ? 1 : 0;
}

int main(int count, char **arguments)
{
    if (count >= 4 && !strcmp(arguments[1], "loop"))
        return run_loop(arguments + 2);
    if (count >= 9 && !strcmp(arguments[1], "at"))
        return run_at(arguments + 2);
    if (count == 3 && !strcmp(arguments[1], "naive"))
        return be_naive(arguments + 2);
    fputs("usage: swap loop|at|naive ...\n", stderr);
    return 64;
}
