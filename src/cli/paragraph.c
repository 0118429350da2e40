/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/paragraph.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/columns.h"
#include "base/text.h"
#include "os/tty.h"

enum { LEAST_ROOM = 20 };

size_t paragraph_find_room(int fd, size_t indent)
{
    struct winsize size;

    if (!tty_read_size(fd, &size) || !size.ws_col)
        return SIZE_MAX;
    return size.ws_col > indent + LEAST_ROOM ? size.ws_col - indent : LEAST_ROOM;
}

void paragraph_append(struct paragraph *paragraph, const char *format, ...)
{
    const size_t room = sizeof(paragraph->text) - paragraph->length;
    va_list args;

    va_start(args, format);
    size_t length = text_format_list(paragraph->text + paragraph->length, room, format, args);
    va_end(args);
    paragraph->length += length < room ? length : room - 1;
}

void paragraph_pad(struct paragraph *paragraph, size_t columns)
{
    while (columns--)
        paragraph_append(paragraph, " ");
}

void paragraph_break(struct paragraph *paragraph)
{
    paragraph_append(paragraph, "\n");
    paragraph_pad(paragraph, paragraph->indent);
    paragraph->used = 0;
}

void paragraph_join(struct paragraph *paragraph, const char *text)
{
    paragraph_append(paragraph, "%s", text);
    paragraph->used += columns_count(text);
}

/* One that is wider than the room has a line of its own. */
static void append_word(struct paragraph *paragraph, const char *text, size_t length)
{
    char word[OUTPUT_SIZE];

    text_format(word, sizeof(word), "%.*s", (int) length, text);
    if (paragraph->used && paragraph->used + 1 + columns_count(word) > paragraph->room)
        paragraph_break(paragraph);
    if (paragraph->used)
        paragraph_join(paragraph, " ");
    paragraph_join(paragraph, word);
}

void paragraph_say(struct paragraph *paragraph, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, " ");
        if (length)
            append_word(paragraph, text, length);
        text += length + (text[length] == ' ');
    }
}

fallible paragraph_print(struct paragraph *paragraph, int fd)
{
    while (paragraph->length && paragraph->text[paragraph->length - 1] == ' ')
        paragraph->text[--paragraph->length] = '\0';
    struct error *error = output_print(fd, "%s\n", paragraph->text);
    paragraph->length = paragraph->used = 0;
    paragraph->text[0] = '\0';
    return error;
}
