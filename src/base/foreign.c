/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other programs (criu, systemd) have said, on its way into our own messages.
 *
 * Engines sort failures by these phrases, and would take another program's for that of a command
 * which is missing (base/error_names.h).
 */
#include "base/foreign.h"

#include <string.h>
#include <strings.h>

#include "base/list.h"
#include "base/text.h"

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

void foreign_reword(const char *words, char *text, size_t size)
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
