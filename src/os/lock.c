/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who holds a lock; serves the messages of commands that wait for one in vain.
 *
 * A line of /proc/locks is "7: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF"; that of one who waits
 * has "->" behind the number.
 */
#include "os/lock.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/proc.h"

enum { PART_SIZE = 1 << 12, FILE_SIZE = 64, PID_MAX = 1 << 30 };

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

/* Looks through the whole lines of a part of the list; the rest, at most one line, goes to its
 * beginning. */
static pid_t read_part(char *part, const char *file)
{
    pid_t found = 0;
    char *line = part, *end;

    while (!found && (end = strchr(line, '\n'))) {
        found = read_line(line, file);
        line = end + 1;
    }
    memmove(part, line, strlen(line) + 1);
    return found;
}

/* The list may be long: each lock of the machine is in it. */
static fallible read_list(int list, const char *file, pid_t *pid)
{
    char part[PART_SIZE];
    size_t used = 0;
    ssize_t got;

    *pid = 0;
    do {
        do
            got = read(list, part + used, sizeof(part) - 1 - used);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            return error_system("read /proc/locks");
        part[used + (size_t) got] = '\0';
        *pid = read_part(part, file);
        used = strlen(part);
    } while (got > 0 && !*pid);
    return OK;
}

fallible lock_find_holder(int fd, pid_t *pid)
{
    char file[FILE_SIZE];
    struct stat status;
    auto_close int list = -1;
    int proc;

    if (fstat(fd, &status))
        return error_system("look at a locked file");
    text_format(file, sizeof(file), "%02x:%02x:%llu", major(status.st_dev), minor(status.st_dev),
                (unsigned long long) status.st_ino);
    try(proc_mounted(&proc));
    try(proc_open_file(proc, "locks", &list));
    return read_list(list, file, pid);
}
