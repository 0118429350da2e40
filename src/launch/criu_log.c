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

/* In its log, or else what it has written to its streams. */
static void find_reason(const struct criu_work *work, const char *told, char *words, size_t size)
{
    read_log(work, words, size);
    if (!*words)
        text_format(words, size, "%s", told);
    if (!*words)
        criu_read_output(&work->criu, words, size);
}

static fallible say(const char *words)
{
    char text[WORDS_SIZE];

    foreign_reword(words, text, sizeof(text));
    return error_new(ERROR_PROGRAM, "criu: %s", *text ? text : "it does not say why");
}

static fallible name_log(const struct criu_work *work, struct error *error)
{
    const char *place = work->options->work ? work->options->work : work->options->images;

    return error_hint(error, "more stands in %s/%s", place, work->log);
}

fallible criu_explain(const struct criu_work *work, const struct criu_message *message)
{
    char words[WORDS_SIZE];

    find_reason(work, message->reason, words, sizeof(words));
    return name_log(work, say(words));
}

fallible criu_explain_end(const struct criu_work *work, struct error *error)
{
    char words[WORDS_SIZE];

    if (!error || error->code != ERROR_PROGRAM)
        return error;
    find_reason(work, "", words, sizeof(words));
    if (!*words)
        return name_log(work, error);
    error_forget(error);
    return name_log(work, say(words));
}
