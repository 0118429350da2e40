/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who holds a lock; serves the messages of commands that wait for one in vain.
 *
 * A line of /proc/locks is "7: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF"; that of one who waits
 * has "->" behind the number.
 */
#include "os/lock.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/text.h"
#include "os/proc.h"

enum { LIST_SIZE = 1 << 15, FILE_SIZE = 64, PID_MAX = 1 << 30 };

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " ");
}

/* The next word of a line; LENGTH is 0 at its end. */
static const char *next_word(const char *text, size_t *length)
{
    text = skip_blanks(text);
    *length = strcspn(text, " \n");
    return text;
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && !strncmp(text, word, length);
}

/* The holder, if the line is about an flock of this file. */
static pid_t read_line(const char *line, const char *file)
{
    enum { KIND = 1, PID = 4, FILE_ID = 5, WORDS };
    const char *words[WORDS];
    size_t lengths[WORDS];
    char number[16];
    uint64_t pid = 0;

    for (int i = 0; i < WORDS; i++) {
        words[i] = next_word(line, &lengths[i]);
        line = words[i] + lengths[i];
    }
    if (!is_word(words[KIND], lengths[KIND], "FLOCK") ||
        !is_word(words[FILE_ID], lengths[FILE_ID], file))
        return 0;
    text_format(number, sizeof(number), "%.*s", (int) lengths[PID], words[PID]);
    return text_to_unsigned(number, PID_MAX, &pid) ? (pid_t) pid : 0;
}

fallible lock_find_holder(int fd, pid_t *pid)
{
    char list[LIST_SIZE], file[FILE_SIZE];
    struct stat status;
    pid_t found = 0;
    int proc;

    if (fstat(fd, &status))
        return error_system("look at a locked file");
    text_format(file, sizeof(file), "%02x:%02x:%llu", major(status.st_dev), minor(status.st_dev),
                (unsigned long long) status.st_ino);
    try(proc_mounted(&proc));
    try(proc_read(proc, "locks", list, sizeof(list)));
    for (const char *line = list; *line && !found; line += *line == '\n') {
        found = read_line(line, file);
        line += strcspn(line, "\n");
    }
    *pid = found;
    return OK;
}
