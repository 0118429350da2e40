/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one command, or two at once, and waits for both:
 *
 *     both WORD... [++ WORD...]
 *
 * One that fails makes it fail, when both have ended.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static int begin(char **words)
{
    pid_t pid;

    errno = posix_spawnp(&pid, words[0], NULL, NULL, words, environ);
    if (errno != 0)
        fprintf(stderr, "both: %s: %s\n", words[0], strerror(errno));
    return errno != 0;
}

int main(int count, char **words)
{
    int failed = 0, status;

    if (count < 2) {
        fprintf(stderr, "usage: both WORD... [++ WORD...]\n");
        return 64;
    }
    for (char **word = words + 1; *word != NULL; word++) {
        if (strcmp(*word, "++") != 0 || word[1] == NULL)
            continue;
        *word = NULL;
        failed |= begin(word + 1);
        break;
    }
    failed |= begin(words + 1);
    for (;;) {
        if (wait(&status) >= 0)
            failed |= status != 0;
        else if (errno == ECHILD)
            return failed;
    }
}
