/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign text on one line; serves the messages of --log and of standard error.
 *
 * Messages quote names that an image chose, so a message must not be able to end its line, start
 * another log record, or speak to the terminal; C1 controls do that too, and are valid UTF-8.
 */
#include "base/escape.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "libocispec/arena.h"
#include "libocispec/utf8.h"

enum { PIECE_SIZE = 8 };

/* The short escape of a character, or NUL. */
static int short_escape(unsigned char byte, enum escape_style style)
{
    switch (byte) {
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '"':
    case '\\':
        return style == ESCAPE_PLAIN ? '\0' : byte;
    default:
        return '\0';
    }
}

static void escape_ascii(char *piece, unsigned char byte, enum escape_style style)
{
    int letter = short_escape(byte, style);
    if (letter)
        text_format(piece, PIECE_SIZE, "\\%c", letter);
    else if (byte >= 0x20 && byte != 0x7f)
        text_format(piece, PIECE_SIZE, "%c", byte);
    else if (style == ESCAPE_JSON)
        text_format(piece, PIECE_SIZE, "\\u%04x", (unsigned) byte);
    else
        text_format(piece, PIECE_SIZE, "\\x%02x", (unsigned) byte);
}

static size_t character_length(unsigned char lead)
{
    if (lead < 0xe0)
        return 2;
    return lead < 0xf0 ? 3 : 4;
}

/* Writes what stands for the first character of TEXT; gives how many bytes of TEXT that were. */
static size_t escape_character(char *piece, const char *text, enum escape_style style)
{
    unsigned char lead = (unsigned char) text[0];
    if (lead < 0x80) {
        escape_ascii(piece, lead, style);
        return 1;
    }

    size_t length = character_length(lead);
    if (strnlen(text, length) < length || utf8_prefix(text, length) < length) {
        text_format(piece, PIECE_SIZE, "\xef\xbf\xbd");
        return 1;
    }
    unsigned char second = (unsigned char) text[1];
    if (lead == 0xc2 && second < 0xa0)
        text_format(piece, PIECE_SIZE, "\\u%04x", (unsigned) second);
    else
        text_format(piece, PIECE_SIZE, "%.*s", (int) length, text);
    return length;
}

size_t escape_text(char *out, size_t size, const char *text, enum escape_style style)
{
    size_t used = 0;
    while (*text) {
        char piece[PIECE_SIZE];
        text += escape_character(piece, text, style);
        size_t length = strlen(piece);
        if (length >= size - used)
            break;
        memcpy(out + used, piece, length);
        used += length;
    }
    out[used] = '\0';
    return used;
}

char *escape_copy(struct arena *arena, const char *text, enum escape_style style)
{
    /* At worst each byte becomes six: \u001b. */
    size_t size = 6 * strlen(text) + 1;
    char *escaped = arena_alloc(arena, size, 1);

    if (escaped)
        escape_text(escaped, size, text, style);
    return escaped;
}
