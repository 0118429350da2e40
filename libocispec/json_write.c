/* SPDX-License-Identifier: Apache-2.0 */
/* Writing, by yajl.  The text grows at the end of the arena, so that nobody else may take from that
 * meanwhile; a failure is kept until the end, where it is asked for once. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "libocispec/arena.h"
#include "libocispec/json.h"
#include "libocispec/utf8.h"

static void print(void *context, const char *bytes, size_t length)
{
    struct json_writer *writer = context;
    struct arena *arena = writer->arena;
    if (writer->is_failed || arena->size - arena->used <= length) {
        writer->is_failed = true;
        return;
    }
    memcpy(arena->base + arena->used, bytes, length);
    arena->used += length;
}

void json_write_begin(struct json_writer *writer, struct arena *arena, bool is_pretty)
{
    writer->arena = arena;
    writer->start = arena->used;
    yajl_alloc_funcs functions = json_memory_open(&writer->memory);
    writer->generator = yajl_gen_alloc(&functions);
    writer->is_failed = !writer->generator;
    if (writer->is_failed)
        return;
    yajl_gen_config(writer->generator, yajl_gen_print_callback, print, writer);
    if (is_pretty) {
        yajl_gen_config(writer->generator, yajl_gen_beautify, 1);
        yajl_gen_config(writer->generator, yajl_gen_indent_string, "  ");
    }
}

/* CALL, unless something failed before; print() may fail inside it. */
#define ATTEMPT(writer, call)                                                                      \
    do {                                                                                           \
        if (!(writer)->is_failed && (call) != yajl_gen_status_ok)                                  \
            (writer)->is_failed = true;                                                            \
    } while (0)

void json_write_bool(struct json_writer *writer, bool value)
{
    ATTEMPT(writer, yajl_gen_bool(writer->generator, value));
}

/* yajl_gen_number() writes its text as it is. */
static void write_raw(struct json_writer *writer, const char *text)
{
    ATTEMPT(writer, yajl_gen_number(writer->generator, text, strlen(text)));
}

void json_write_signed(struct json_writer *writer, int64_t value)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRId64, value);
    write_raw(writer, digits);
}

void json_write_unsigned(struct json_writer *writer, uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRIu64, value);
    write_raw(writer, digits);
}

void json_write_number(struct json_writer *writer, const char *value)
{
    write_raw(writer, value);
}

void json_write_string(struct json_writer *writer, const char *value)
{
    size_t length = strlen(value);
    if (utf8_prefix(value, length) < length)
        writer->is_failed = true;
    ATTEMPT(writer, yajl_gen_string(writer->generator, (const unsigned char *) value, length));
}

void json_write_open(struct json_writer *writer, enum json_type type)
{
    ATTEMPT(writer, type == JSON_OBJECT ? yajl_gen_map_open(writer->generator)
                                        : yajl_gen_array_open(writer->generator));
}

void json_write_close(struct json_writer *writer, enum json_type type)
{
    ATTEMPT(writer, type == JSON_OBJECT ? yajl_gen_map_close(writer->generator)
                                        : yajl_gen_array_close(writer->generator));
}

/* Opened and closed, it would have an empty line inside. */
void json_write_empty(struct json_writer *writer, enum json_type type)
{
    write_raw(writer, type == JSON_OBJECT ? "{}" : "[]");
}

char *json_write_end(struct json_writer *writer, size_t *length)
{
    struct arena *arena = writer->arena;
    char *text = arena->base + writer->start;
    size_t written = arena->used - writer->start;
    if (writer->generator)
        yajl_gen_free(writer->generator);
    if (writer->is_failed || written == 0) {
        memset(text, 0, written);
        arena->used = writer->start;
        return NULL;
    }
    arena->used++; /* a zero byte */
    if (length)
        *length = written;
    return text;
}
