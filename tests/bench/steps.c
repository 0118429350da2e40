/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts the instructions that a program executes, one by one: steps FILE COMMAND [ARGUMENT...]
 * writes their number to FILE.  Slow, some 100,000 in a second, but it knows every system call,
 * which valgrind does not.  The command is one process with one thread.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* Steps through the process until it ends; a signal that comes on its way is passed on. */
static long count(pid_t process, int *status)
{
    long steps = 0;

    while (waitpid(process, status, 0) == process && WIFSTOPPED(*status)) {
        const int number = WSTOPSIG(*status);

        if (ptrace(PTRACE_SINGLESTEP, process, NULL, number == SIGTRAP ? 0 : number) != 0)
            return -1;
        steps++;
    }
    return steps;
}

int main(int argument_count, char **arguments)
{
    int status = -1;
    FILE *file;
    long steps;

    if (argument_count < 3) {
        fprintf(stderr, "usage: steps FILE COMMAND [ARGUMENT...]\n");
        return 64;
    }
    const pid_t process = fork();
    if (process == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execv(arguments[2], arguments + 2);
        _exit(127);
    }
    steps = count(process, &status);
    if (steps < 0 || status != 0) {
        fprintf(stderr, "steps: %s has failed\n", arguments[2]);
        return 1;
    }
    file = fopen(arguments[1], "w");
    return file == NULL || fprintf(file, "%ld\n", steps) < 0 || fclose(file) != 0;
}
