/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/passwd of an image, in which a home directory is looked for.  What is found stands there, in
 * the line of that user; where there is little room for it, it is "/". */

#include "tests/fuzz/fuzz_directory.h"

#include <stdio.h>

#include "libocispec/arena.h"
#include "process/environment.h"

enum { ROOM = 4096 + sizeof("HOME="), LITTLE_ROOM = 16, FIELDS = 6, UID = 2, HOME = 5 };

/* Cuts the line up. */
static bool is_line_of(char *line, uint32_t uid, const char *home)
{
    const char *fields[FIELDS] = { NULL };

    for (int i = 0; i < FIELDS && line; i++)
        fields[i] = strsep(&line, ":");
    return fields[HOME] && !strcmp(fields[HOME], home) && strspn(fields[UID], "0123456789") &&
           strtoul(fields[UID], NULL, 10) == uid;
}

/* Whether a line of the file says so; bytes of 0 end none. */
static bool is_said(const char *text, size_t size, uint32_t uid, const char *home)
{
    char *copy = arena_copy(&arena, text, size);
    bool is = false;

    if (!copy)
        abort();
    for (char *line = copy, *end; line < copy + size && !is; line = end + 1) {
        end = memchr(line, '\n', (size_t) (copy + size - line));
        end = end ? end : copy + size;
        *end = '\0';
        is = strlen(line) == (size_t) (end - line) && is_line_of(line, uid, home);
    }
    return is;
}

static void find(uint32_t uid, const char *text, size_t size)
{
    char home[ROOM], little[LITTLE_ROOM];

    if (environment_find_home(fuzz_parent, uid, home, sizeof(home)) ||
        environment_find_home(fuzz_parent, uid, little, sizeof(little)))
        abort();
    if (strncmp(home, "HOME=/", strlen("HOME=/")))
        abort();
    const char *directory = home + strlen("HOME=");
    if (directory[1] && !is_said(text, size, uid, directory))
        abort();
    if (strcmp(little, strlen(home) < sizeof(little) ? home : "HOME=/"))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t uids[] = { 0, 1, 1000, UINT32_MAX - 1, UINT32_MAX };

    fuzz_make_directory("etc");
    char *text = fuzz_begin(data, size);
    fuzz_write_file("passwd", text, size);
    for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++)
        find(uids[i], text, size);
    fuzz_end(text);
    return 0;
}
