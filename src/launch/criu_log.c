/* SPDX-License-Identifier: Apache-2.0 */
/* Why criu has failed: the last lines of its log that say so.  Before them may stand what it could
 * live with, and at the end, that it has failed. */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/foreign.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/criu_log.h"

enum { CHUNK = 1 << 16, WORDS_SIZE = 1024, LINES_MOST = 3 };

/* "(00.012345)   1: Error (criu/mount.c:12): mnt: ...", where the pid may be missing; NULL if it is
 * no such line. */
static const char *find_words(const char *line, size_t length)
{
    static const char digits[] = "0123456789", mark[] = "Error (";
    const char *end = line + length, *at = line;

    if (*at++ != '(')
        return NULL;
    at += strspn(at, "0123456789.");
    if (*at++ != ')')
        return NULL;
    at += strspn(at, " ");
    size_t pid = strspn(at, digits);
    if (pid && at[pid] == ':')
        at += pid + 1;
    at += strspn(at, " ");
    if (!text_starts(at, mark))
        return NULL;
    const char *words = memmem(at, (size_t) (end - at), "): ", 3);
    return words ? words + 3 : NULL;
}

/* The next line that says an error behind *AT, which is moved on; *LENGTH is of its words. */
static const char *next_error(const char **at, size_t *length)
{
    static const char summary[] = " FAILED."; /* "Dumping FAILED.": that is known */

    while (**at) {
        size_t line = strcspn(*at, "\n");
        const char *words = find_words(*at, line), *end = *at + line;
        *at = end + (*end == '\n');
        if (!words)
            continue;
        *length = (size_t) (end - words);
        if (*length < strlen(summary) ||
            strncmp(end - strlen(summary), summary, strlen(summary)) != 0)
            return words;
    }
    return NULL;
}

void criu_log_find(const char *log, char *words, size_t size)
{
    const char *at = log, *found;
    size_t used = 0, length;
    int count = 0;

    while (next_error(&at, &length))
        count++;
    *words = '\0';
    at = log;
    for (int i = 0; (found = next_error(&at, &length)) && used < size; i++)
        if (i >= count - LINES_MOST)
            used += text_format(words + used, size - used, "%s%.*s", used ? "; " : "", (int) length,
                                found);
}

static void read_log(const struct criu_work *work, char *words, size_t size)
{
    static char text[CHUNK];
    auto_close int file = openat(work->work, work->log, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    *words = '\0';
    if (file < 0 || fstat(file, &status))
        return;
    off_t at = status.st_size > CHUNK - 1 ? status.st_size - (CHUNK - 1) : 0;
    ssize_t got = pread(file, text, sizeof(text) - 1, at);
    text[got > 0 ? got : 0] = '\0';
    criu_log_find(text, words, size);
}

fallible criu_explain(const struct criu_work *work, const struct criu_message *message)
{
    char words[WORDS_SIZE], text[WORDS_SIZE];
    const char *place = work->options->work ? work->options->work : work->options->images;

    read_log(work, words, sizeof(words));
    if (!*words && message && *message->reason)
        text_format(words, sizeof(words), "%s", message->reason);
    if (!*words)
        criu_read_output(&work->criu, words, sizeof(words));
    foreign_reword(words, text, sizeof(text));
    return error_hint(error_new(ERROR_PROGRAM, "criu: %s", *text ? text : "it does not say why"),
                      "more stands in %s/%s", place, work->log);
}
