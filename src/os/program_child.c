/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a child does to be the program (os/program.h); it makes system calls alone.
 *
 * A script that is executed by descriptor does not know its own name; so the path is used wherever
 * it leads to the same file.
 */
#include "os/program_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/program.h"
#include "os/syscalls.h"

enum { SIGNALS = 64, EXIT_NOT_EXECUTED = 127 };

/* Raw calls: a libc keeps some signals for itself, and refuses to reset them. */
static void reset_signals(void)
{
    static const struct {
        unsigned long handler, flags, restorer;
        uint64_t mask;
    } standard;
    const uint64_t none = 0;

    for (int signal = 1; signal <= SIGNALS; signal++)
        syscall(SYS_rt_sigaction, signal, &standard, NULL, sizeof(standard.mask));
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}

static bool has_streams(const struct program_child *child)
{
    const struct program *program = child->program;
    int out = program->file_out ? program->file_out : child->output;
    int errors = program->file_errors ? program->file_errors : child->output;

    if (dup2(child->input, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(errors, STDERR_FILENO) < 0)
        return false;
    struct error *error = fd_inherit_none_from(STDERR_FILENO + 1);
    if (error)
        errno = error->number;
    return !error;
}

static bool leads_to(const char *path, int file)
{
    struct stat found, wanted;
    return !stat(path, &found) && !fstat(file, &wanted) && found.st_dev == wanted.st_dev &&
           found.st_ino == wanted.st_ino;
}

/* By its path if that is the same, since scripts want to be called so; a script that is executed by
 * descriptor is read through /dev/fd, and so the descriptor must stay. */
static void execute(const struct program *program)
{
    char *const *args = (char *const *) program->args, *const *env = (char *const *) program->env;

    if (program->file < 0 || leads_to(program->path, program->file)) {
        execve(program->path, args, env);
        return;
    }
    struct error *error = fd_inherit(program->file);
    if (error)
        errno = error->number;
    else
        syscall(SYS_execveat, program->file, "", args, env, AT_EMPTY_PATH);
}

/* Whoever kills us can have the rest removed by `delete --force` or `gc`, which do not know of the
 * program.  0: our parent's namespace is another. */
static bool dies_with(pid_t parent)
{
    return !prctl(PR_SET_PDEATHSIG, SIGKILL) && (getppid() == parent || getppid() == 0);
}

static enum program_attempt become(const struct program_child *child)
{
    const struct program *program = child->program;

    reset_signals();
    if (!dies_with(child->parent) || setsid() < 0)
        return PROGRAM_SESSION;
    if (!has_streams(child))
        return PROGRAM_STREAMS;
    if (program->directory >= 0 && fchdir(program->directory))
        return PROGRAM_DIRECTORY;
    execute(program);
    return PROGRAM_EXECUTE;
}

_Noreturn void program_become(const struct program_child *child)
{
    struct program_failure failure = { .attempt = become(child) };

    failure.number = errno;
    while (write(child->report, &failure, sizeof(failure)) < 0 && errno == EINTR)
        ;
    _exit(EXIT_NOT_EXECUTED);
}
