/* SPDX-License-Identifier: Apache-2.0 */
/* Why criu has failed: the lines of its log that say so.  The first is the cause, and those behind
 * it are what came of that. */

#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/criu_log.h"

enum { CHUNKS_MOST = 1024, CHUNK = 1 << 16, WORDS_SIZE = 1024, LINES_MOST = 3 };

/* Engines sort by these, and would take criu's failure for another: for that of a program which is
 * missing (base/error_names.h). */
static const struct phrase {
    const char *theirs, *ours;
} phrases[] = {
    { "no such file or directory", "not found (ENOENT)" },
    { "permission denied", "access refused (EACCES)" },
    { "operation not permitted", "not permitted (EPERM)" },
    { "no such process", "process is gone (ESRCH)" },
    { "is a directory", "names a directory (EISDIR)" },
    { "not a directory", "no directory (ENOTDIR)" },
    { "does not exist", "is missing" },
    { "executable file not found", "executable missing" },
    { "open executable", "open the executable" },
    { "container not running", "container is not running" },
    { "invalid process", "wrong process" },
    { "process already finished", "process has finished" },
    { "flag needs an argument", "flag lacks an argument" },
    { "requires an argument", "lacks an argument" },
    { "`", "'" },
};

static const struct phrase *find_phrase(const char *at)
{
    for (size_t i = 0; i < LENGTH(phrases); i++)
        if (strncasecmp(at, phrases[i].theirs, strlen(phrases[i].theirs)) == 0)
            return &phrases[i];
    return NULL;
}

void criu_log_reword(const char *words, char *text, size_t size)
{
    size_t used = 0;

    *text = '\0';
    while (*words && used < size) {
        const struct phrase *phrase = find_phrase(words);
        char c = (unsigned char) *words < ' ' ? ' ' : *words;
        used += phrase ? text_format(text + used, size - used, "%s", phrase->ours)
                       : text_format(text + used, size - used, "%c", c);
        words += phrase ? strlen(phrase->theirs) : 1;
    }
}

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

void criu_log_find(const char *log, char *words, size_t size)
{
    size_t used = 0;
    int count = 0;

    *words = '\0';
    for (const char *line = log; *line && count < LINES_MOST;) {
        size_t length = strcspn(line, "\n");
        const char *found = find_words(line, length);
        if (found) {
            used += text_format(words + used, size - used, "%s%.*s", count ? "; " : "",
                                (int) (length - (size_t) (found - line)), found);
            count++;
            if (used >= size)
                return;
        }
        line += length + (line[length] == '\n');
    }
}

static void read_log(const struct criu_work *work, char *words, size_t size)
{
    static char text[CHUNK];
    auto_close int file = openat(work->work, work->log, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    off_t at = 0;
    int chunks = 0;

    *words = '\0';
    /* The first errors, wherever they are. */
    while (file >= 0 && !*words && chunks++ < CHUNKS_MOST) {
        ssize_t got = pread(file, text, sizeof(text) - 1, at);
        if (got <= 0)
            return;
        text[got] = '\0';
        const char *end = (size_t) got == sizeof(text) - 1 ? strrchr(text, '\n') : NULL;
        at += end ? end - text + 1 : got;
        criu_log_find(text, words, size);
    }
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
    criu_log_reword(words, text, sizeof(text));
    return error_hint(error_new(ERROR_PROGRAM, "criu: %s", *text ? text : "it does not say why"),
                      "more stands in %s/%s", place, work->log);
}
