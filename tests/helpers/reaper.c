/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first process of a test run's mount and pid namespaces: reaper COMMAND [ARGUMENT...]
 *
 * Cuts the mounts off from the machine's, starts the command, collects every orphan, and ends with
 * the command's status (128+N for a signal); what is then still alive is killed, so that nothing
 * outlives a run.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t command;

static void forward(int number)
{
    kill(command, number);
}

/*
 * In a chroot "/" is no mount, so that it cannot be made private; the mount that holds it can be
 * reached, since joining the mount namespace (even one's own) leads to that namespace's root.
 */
static bool cut_off_chroot(void)
{
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int space = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

    return root >= 0 && space >= 0 && setns(space, CLONE_NEWNS) == 0 &&
           mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && fchdir(root) == 0 &&
           chroot(".") == 0 && close(root) == 0 && close(space) == 0;
}

static bool cut_off_mounts(void)
{
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 || cut_off_chroot();
}

static void start(char **arguments)
{
    command = fork();
    if (command == 0) {
        signal(SIGINT, SIG_DFL); /* a shell ignores them for what it starts in the background */
        signal(SIGQUIT, SIG_DFL);
        execvp(arguments[0], arguments);
        fprintf(stderr, "reaper: %s: %s\n", arguments[0], strerror(errno));
        _exit(127);
    }
}

static int collect(void)
{
    for (;;) {
        int status;
        pid_t pid = wait(&status);

        if (pid < 0 && errno != EINTR)
            return 1;
        if (pid == command)
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

int main(int count, char **arguments)
{
    const int forwarded[] = { SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };
    int status;

    if (count < 2) {
        fprintf(stderr, "usage: reaper COMMAND [ARGUMENT...]\n");
        return 64;
    }
    if (getpid() != 1 || !cut_off_mounts()) {
        fprintf(stderr, "reaper: not alone in new mount and pid namespaces\n");
        return 1;
    }
    start(arguments + 1);
    if (command < 0) {
        perror("reaper: fork");
        return 1;
    }
    /* For a dead init to be reaped `tare wait` waits a second, on a busy machine too. */
    setpriority(PRIO_PROCESS, 0, -20);
    for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
        signal(forwarded[i], forward);
    signal(SIGINT, SIG_IGN); /* the terminal sends it to the command as well */

    status = collect();
    kill(-1, SIGKILL);
    while (wait(NULL) > 0 || errno == EINTR)
        ;
    return status;
}
