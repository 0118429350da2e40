/* SPDX-License-Identifier: Apache-2.0 */
/* Why criu has failed: the lines of its log that say so.  The first is the cause, and those behind
 * it are what came of that. */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/criu_log.h"

enum { CHUNKS_MOST = 1024, CHUNK = 1 << 16, WORDS_SIZE = 1024, LINES_MOST = 3 };

/* "(00.012345) Error (criu/mount.c:12): mnt: ..."; NULL if it is no such line. */
static const char *find_words(const char *line, size_t length)
{
    static const char mark[] = "Error (";
    const char *found = memmem(line, length, mark, strlen(mark));
    const char *words = found ? memmem(found, length - (size_t) (found - line), "): ", 3) : NULL;

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
    char words[WORDS_SIZE];
    const char *place = work->options->work ? work->options->work : work->options->images;

    read_log(work, words, sizeof(words));
    if (!*words && message && *message->reason)
        text_format(words, sizeof(words), "%s", message->reason);
    if (!*words)
        criu_read_output(&work->criu, words, sizeof(words));
    for (char *c = words; *c; c++)
        if ((unsigned char) *c < ' ')
            *c = ' ';
    return error_hint(error_new(ERROR_PROGRAM, "criu: %s", *words ? words : "it does not say why"),
                      "more stands in %s/%s", place, work->log);
}
