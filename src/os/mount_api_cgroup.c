/* SPDX-License-Identifier: Apache-2.0 */
/* The options of the cgroup hierarchy, as mountinfo has them (proc_pid_mountinfo(5)) and fspick(2)
 * sets them. */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "os/cgroup_options.h"
#include "os/mount_attributes.h"
#include "os/proc.h"
#include "os/syscalls.h"

enum { TEXT_SIZE = 1 << 18 };

/* "29 1 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate" */
static bool read_line(const char *line, struct cgroup_options *options)
{
    const char *at = line, *type = strstr(line, " - cgroup2 ");
    size_t end = strcspn(line, "\n");

    if (!type || (size_t) (type - line) > end)
        return false;
    for (int field = 0; field < 4; field++)
        at += strcspn(at, " ") + 1;
    const char *source = type + strlen(" - cgroup2 "), *words = strchr(source, ' ');
    size_t place = strcspn(at, " "), length = words ? strcspn(words + 1, "\n") : 0;
    if (!length || place >= sizeof(options->place) || length >= sizeof(options->words))
        return false;
    text_format(options->place, sizeof(options->place), "%.*s", (int) place, at);
    text_format(options->words, sizeof(options->words), "%.*s", (int) length, words + 1);
    return true;
}

fallible cgroup_options_note(struct cgroup_options *options)
{
    static char text[TEXT_SIZE];
    char path[32];
    int proc;

    *options = (struct cgroup_options){ .place = "" };
    try(proc_mounted(&proc));
    text_format(path, sizeof(path), "%d/mountinfo", getpid());
    try(proc_read(proc, path, text, sizeof(text)));
    for (const char *line = text; *line;) {
        if (read_line(line, options))
            return OK;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return OK;
}

static bool has_word(const char *words, const char *word, size_t length)
{
    while (*words) {
        size_t this = strcspn(words, ",");
        if (this == length && strncmp(words, word, length) == 0)
            return true;
        words += this + (words[this] == ',');
    }
    return false;
}

static fallible set_word(int context, const char *word, size_t length)
{
    char name[sizeof(((struct cgroup_options *) 0)->words)];

    text_format(name, sizeof(name), "%.*s", (int) length, word);
    return syscall(SYS_fsconfig, context, MOUNT_SET_FLAG, name, NULL, 0)
               ? error_system("set the option %s of cgroups", name)
               : OK;
}

/* Options that are not named are taken away, so that all are. */
static fallible set_all(const struct cgroup_options *options)
{
    auto_close int context =
        (int) syscall(SYS_fspick, AT_FDCWD, options->place, MOUNT_FSPICK_CLOEXEC);

    if (context < 0)
        return error_system("pick the cgroup hierarchy at %s", options->place);
    for (const char *word = options->words; *word;) {
        size_t length = strcspn(word, ",");
        if (strncmp(word, "rw", length) != 0 && strncmp(word, "ro", length) != 0)
            try(set_word(context, word, length));
        word += length + (word[length] == ',');
    }
    if (syscall(SYS_fsconfig, context, MOUNT_RECONFIGURE, NULL, NULL, 0))
        return error_system("set the options of the cgroup hierarchy");
    return OK;
}

static fallible put_back(const struct cgroup_options *before)
{
    struct cgroup_options now;
    bool is_lost = false;

    try(cgroup_options_note(&now));
    for (const char *word = before->words; *word;) {
        size_t length = strcspn(word, ",");
        is_lost |= !has_word(now.words, word, length);
        word += length + (word[length] == ',');
    }
    return is_lost ? set_all(before) : OK;
}

void cgroup_options_put_back(struct cgroup_options *options)
{
    struct error *error = *options->place ? put_back(options) : OK;

    *options->place = '\0';
    if (error)
        log_warning("the options that cgroups had (%s) are lost: %s", options->words,
                    error_line(error));
    error_forget(error);
}
