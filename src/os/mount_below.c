/* SPDX-License-Identifier: Apache-2.0 */
/* Tells whether something is mounted below a directory, from proc_pid_mountinfo(5).  What
 * surprises: names stand there with spaces and the like as octal numbers. */

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/mount_api.h"
#include "os/proc.h"

enum { LIST_SIZE = 1 << 16 };

static bool is_octal(char letter)
{
    return letter >= '0' && letter <= '7';
}

char mount_take_letter(const char **at)
{
    const char *from = *at;
    if (from[0] != '\\' || !is_octal(from[1]) || !is_octal(from[2]) || !is_octal(from[3])) {
        *at += 1;
        return from[0];
    }
    *at += 4;
    return (char) ((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
}

static uint64_t take_number(const char **at)
{
    uint64_t number = 0;
    for (; **at >= '0' && **at <= '9'; *at += 1)
        number = number * 10 + (uint64_t) (**at - '0');
    *at += strspn(*at, " ");
    return number;
}

static void skip_field(const char **at)
{
    *at += strcspn(*at, " ");
    *at += strspn(*at, " ");
}

/* The root is the empty DIRECTORY. */
static bool is_below(const char *place, const char *directory)
{
    while (*directory)
        if (mount_take_letter(&place) != *directory++)
            return false;
    return *place == '/';
}

/* "36 35 98:0 /root /place options..." */
static bool is_line_below(const char *line, uint64_t mount, const char *directory)
{
    uint64_t id = take_number(&line), parent = take_number(&line);
    if (parent != mount || id == mount)
        return false;
    skip_field(&line);
    skip_field(&line);
    return is_below(line, directory);
}

static fallible read_place(int proc, int directory, char *place, size_t size)
{
    char name[32];
    text_format(name, sizeof(name), "self/fd/%d", directory);
    ssize_t length = readlinkat(proc, name, place, size);
    if (length < 0)
        return error_errno(ERROR_MOUNT, "read where a mount is");
    if ((size_t) length == size)
        return error_new(ERROR_MOUNT, "the name of a mount point is too long");
    place[length] = '\0';
    if (length == 1)
        place[0] = '\0';
    return OK;
}

static fallible read_list(int proc, char *list, size_t size)
{
    char self[PROC_NAME_SIZE], name[PROC_NAME_SIZE + 16];
    try(proc_name_self(proc, self));
    text_format(name, sizeof(name), "%s/mountinfo", self);
    try(proc_read(proc, name, list, size));
    if (strlen(list) + 1 == size)
        return error_new(ERROR_MOUNT, "there are too many mounts to look through");
    return OK;
}

fallible mount_has_below(int directory, bool *has_some)
{
    char place[PATH_MAX], list[LIST_SIZE];
    auto_close int proc = -1;
    uint64_t mount;
    try(proc_open_any(true, &proc));
    try(mount_id(directory, &mount));
    try(read_place(proc, directory, place, sizeof(place)));
    try(read_list(proc, list, sizeof(list)));

    bool is_found = false;
    for (const char *line = list; *line && !is_found; line += strcspn(line, "\n")) {
        line += *line == '\n';
        is_found = is_line_below(line, mount, place);
    }
    *has_some = is_found;
    return OK;
}
