/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs commands in turn, A B C A B C ..., and tells what each took:
 *
 *     interleave ROUNDS :: NAME WORD... [:: NAME WORD...]...
 *
 * What a shared machine does to one of them it so does to all, and the ratios stay.  A percent sign
 * in a word becomes the number of the round: a name of its own for each container.  A few rounds
 * more come first and do not count.  A command that fails ends it all, but one with the name "-":
 * that is run without being measured.  Each has a pause before it, for what the kernel still has to
 * tidy up after the one before.
 *
 * Columns: 10th percentile and median of the time, in microseconds; the ratio of the first to that
 * of the first command; the median of the processor time (microseconds) and of the page faults
 * without input or output, both of the process and of those it has waited for; the most memory one
 * of them had (KiB; at least this program's own).
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "percentile.h"

enum { WARM_UP = 3, WORDS = 64, WORD_SIZE = 512, PAUSE_MICROSECONDS = 5000 };

enum quantity { WALL, CPU, FAULTS, MEMORY, QUANTITIES };

struct command {
    const char *name;
    char **words; /* up to NULL */
    double *values[QUANTITIES];
};

extern char **environ;

static _Noreturn void fail(const char *name, const char *reason)
{
    fprintf(stderr, "interleave: %s: %s\n", name, reason);
    exit(1);
}

static double microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static double of_timeval(struct timeval time)
{
    return (double) time.tv_sec * 1e6 + (double) time.tv_usec;
}

/* Splits the arguments into COMMANDS, each one's words ended by the NULL that replaces "::". */
static int split(char **arguments, struct command *commands, int rounds)
{
    int count = 0;

    for (char **word = arguments; *word != NULL; word++) {
        if (strcmp(*word, "::") != 0)
            continue;
        *word = NULL;
        if (word[1] == NULL || word[2] == NULL)
            fail("::", "needs a name and a command");
        commands[count].name = word[1];
        commands[count].words = word + 2;
        for (int i = 0; i < QUANTITIES; i++)
            commands[count].values[i] = calloc((size_t) rounds, sizeof(double));
        count++;
    }
    return count;
}

/* The words with the round in place of each percent sign, in a store that the next call uses. */
static char **fill_in(const struct command *command, int round)
{
    static char store[WORDS][WORD_SIZE];
    static char *words[WORDS + 1];
    int count = 0;

    for (; command->words[count] != NULL; count++) {
        const char *from = command->words[count];
        size_t length = 0;

        if (count == WORDS)
            fail(command->name, "has too many words");
        for (; *from != '\0'; from++) {
            char *to = store[count] + length;
            size_t room = WORD_SIZE - length;

            length += (size_t) (*from == '%' ? snprintf(to, room, "%d", round)
                                             : snprintf(to, room, "%c", *from));
            if (length >= WORD_SIZE)
                fail(command->name, "has too long a word");
        }
        store[count][length] = '\0';
        words[count] = store[count];
    }
    words[count] = NULL;
    return words;
}

static void run(const struct command *command, const posix_spawn_file_actions_t *files, int round,
                bool is_counted)
{
    const bool is_measured = strcmp(command->name, "-") != 0;
    char **words = fill_in(command, round);
    struct rusage usage;
    int status;
    pid_t pid;

    usleep(PAUSE_MICROSECONDS);
    const double start = microseconds();
    errno = posix_spawnp(&pid, words[0], files, NULL, words, environ);
    if (errno != 0)
        fail(words[0], strerror(errno));
    while (wait4(pid, &status, 0, &usage) < 0)
        ;
    const double end = microseconds();

    if (is_measured && status != 0)
        fail(command->name, "has failed");
    if (!is_measured || !is_counted)
        return;
    command->values[WALL][round] = end - start;
    command->values[CPU][round] = of_timeval(usage.ru_utime) + of_timeval(usage.ru_stime);
    command->values[FAULTS][round] = (double) usage.ru_minflt;
    command->values[MEMORY][round] = (double) usage.ru_maxrss;
}

static void tell(const struct command *command, size_t rounds, double first)
{
    const double p10 = percentile(command->values[WALL], rounds, 10);

    printf("%-20s %9.0f %7.2f %9.0f %9.0f %8.0f %8.0f\n", command->name, p10, p10 / first,
           percentile(command->values[WALL], rounds, 50),
           percentile(command->values[CPU], rounds, 50),
           percentile(command->values[FAULTS], rounds, 50),
           percentile(command->values[MEMORY], rounds, 100));
}

int main(int argument_count, char **arguments)
{
    const int rounds = argument_count > 2 ? atoi(arguments[1]) : 0;
    struct command *commands = calloc((size_t) argument_count, sizeof(*commands));
    posix_spawn_file_actions_t files;
    int count, first = 0;

    if (rounds < 1 || commands == NULL || strcmp(arguments[2], "::") != 0) {
        fprintf(stderr, "usage: interleave ROUNDS :: NAME WORD... [:: NAME WORD...]...\n");
        return 64;
    }
    count = split(arguments + 2, commands, rounds);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);

    /* The rounds that do not count have the numbers behind the others. */
    for (int i = 0; i < WARM_UP + rounds; i++) {
        for (int j = 0; j < count; j++)
            run(&commands[j], &files, i < WARM_UP ? rounds + i : i - WARM_UP, i >= WARM_UP);
    }

    printf("%-20s %9s %7s %9s %9s %8s %8s\n", "", "p10_us", "x_first", "median_us", "cpu_us",
           "faults", "rss_KiB");
    while (first < count - 1 && strcmp(commands[first].name, "-") == 0)
        first++;
    const double base = percentile(commands[first].values[WALL], (size_t) rounds, 10);
    for (int j = 0; j < count; j++) {
        if (strcmp(commands[j].name, "-") != 0)
            tell(&commands[j], (size_t) rounds, base);
    }
    return 0;
}
