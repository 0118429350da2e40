/* SPDX-License-Identifier: Apache-2.0 */
/* Fills a struct oci_problem: paths and reasons quote the document, which may be hostile. */
#include "libocispec/problem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "libocispec/utf8.h"

void problem_place(const char *text, size_t offset, size_t *line, size_t *column)
{
    size_t lines = 1, start = 0;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] != '\n')
            continue;
        lines++;
        start = i + 1;
    }
    *line = lines;
    *column = offset - start + 1;
}

static void append(struct oci_problem *problem, const char *bytes, size_t length)
{
    size_t used = strlen(problem->path);
    size_t room = sizeof(problem->path) - used - 1;
    size_t fits = length < room ? length : room;
    memcpy(problem->path + used, bytes, fits);
    problem->path[used + fits] = '\0';
}

void problem_add_member(struct oci_problem *problem, const char *key, size_t length)
{
    if (problem->path[0] != '\0')
        append(problem, ".", 1);
    append(problem, key, length);
}

void problem_add_index(struct oci_problem *problem, uint32_t index)
{
    char text[16];
    int length = snprintf(text, sizeof(text), "[%" PRIu32 "]", index);
    append(problem, text, (size_t) length);
}

/* Half a character may stand at the end, where the text was cut. */
static void clean(char *text)
{
    text[utf8_prefix(text, strlen(text))] = '\0';
    for (; *text; text++)
        if ((unsigned char) *text < 0x20 || *text == 0x7f)
            *text = '?';
}

void problem_finish(struct oci_problem *problem, const char *format, va_list arguments)
{
    vsnprintf(problem->reason, sizeof(problem->reason), format, arguments);
    clean(problem->reason);
    clean(problem->path);
}
