/* SPDX-License-Identifier: Apache-2.0 */
/* Reading; with json_write.c all that knows yajl.  The whole text goes to it in one call: then the
 * count of bytes that it has consumed is, inside a callback, the offset just behind the current
 * token, and strings without escapes are pointers into the text. */
#include "libocispec/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "libocispec/arena.h"
#include "libocispec/json_memory.h"
#include "libocispec/keys.h"
#include "libocispec/problem.h"
#include "libocispec/schema.h"
#include "libocispec/utf8.h"

/* An object or array that is open. */
struct level {
    bool is_array;
    uint32_t count; /* array: elements so far, the current one included */
    struct key key; /* object: the current member; text NULL: none */
    struct key_set names;
};

struct json_reader {
    const struct json_input *input;
    const struct json_handler *handler;
    void *context;
    yajl_handle parser;
    size_t previous, end; /* behind the token before, and behind the current one */
    uint32_t depth;
    struct level levels[JSON_DEPTH_MAX];
    struct keys keys;
    struct json_memory memory;
};

static bool is_between_tokens(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r' || byte == ',' ||
           byte == ':';
}

/* Where the token after OFFSET starts. */
static size_t skip_space(const struct json_input *input, size_t offset)
{
    while (offset < input->length && is_between_tokens(input->text[offset]))
        offset++;
    return offset;
}

size_t json_offset(const struct json_reader *reader)
{
    return skip_space(reader->input, reader->previous);
}

bool json_refuse(struct json_reader *reader, size_t offset, const char *member, const char *format,
                 ...)
{
    struct oci_problem *problem = reader->input->problem;
    problem->names = NULL;
    problem->value[0] = '\0';
    problem_place(reader->input->text, offset, &problem->line, &problem->column);
    problem->path[0] = '\0';
    for (uint32_t i = 0; i < reader->depth; i++) {
        const struct level *level = &reader->levels[i];
        if (level->is_array && level->count > 0)
            problem_add_index(problem, level->count - 1);
        else if (level->key.text)
            problem_add_member(problem, level->key.text, level->key.length);
    }
    if (member)
        problem_add_member(problem, member, strlen(member));

    va_list arguments;
    va_start(arguments, format);
    problem_finish(problem, format, arguments);
    va_end(arguments);
    return false;
}

bool json_refuse_name(struct json_reader *reader, const struct json_token *string,
                      const struct oci_enum *names)
{
    struct oci_problem *problem = reader->input->problem;
    size_t length = string->length;

    json_refuse(reader, json_offset(reader), NULL, "unknown value \"%.*s\"",
                (int) (length < 100 ? length : 100), string->text);
    if (length > sizeof(problem->value) - 1)
        length = sizeof(problem->value) - 1;
    memcpy(problem->value, string->text, length);
    problem->value[length] = '\0';
    problem->names = names;
    return false;
}

static bool refuse_here(struct json_reader *reader, const char *reason)
{
    return json_refuse(reader, json_offset(reader), NULL, "%s", reason);
}

static bool refuse_memory(struct json_reader *reader)
{
    return refuse_here(reader, "no memory left for the document");
}

/* To the next token; a value may be one more element. */
static void advance(struct json_reader *reader, bool is_value)
{
    reader->previous = reader->end;
    reader->end = yajl_get_bytes_consumed(reader->parser);
    if (is_value && reader->depth > 0)
        reader->levels[reader->depth - 1].count++;
}

/* True for a string that lies in yajl's own buffer: it had escapes. */
static bool is_decoded(const struct json_reader *reader, const char *string)
{
    const struct json_input *input = reader->input;
    return (uintptr_t) string - (uintptr_t) input->text > input->length;
}

static bool check_escapes(struct json_reader *reader, const char *string, size_t length)
{
    size_t start = json_offset(reader);
    if (memchr(string, '\0', length))
        return refuse_here(reader, "string contains NUL");
    /* yajl turns a lone high surrogate into "?", and a low one into bytes that are no UTF-8. */
    if (utf8_has_lone_escape(reader->input->text + start + 1, reader->end - start - 2))
        return refuse_here(reader, "string contains half of a surrogate pair");
    return true;
}

static int take_value(struct json_reader *reader, const struct json_token *token)
{
    return reader->handler->value(reader->context, reader, token);
}

static int take_null(void *context)
{
    advance(context, true);
    return take_value(context, &(struct json_token){ .type = JSON_NULL });
}

static int take_bool(void *context, int value)
{
    advance(context, true);
    return take_value(context, &(struct json_token){ .type = JSON_BOOL, .is_true = value != 0 });
}

static int take_number(void *context, const char *text, size_t length)
{
    advance(context, true);
    return take_value(context,
                      &(struct json_token){ .type = JSON_NUMBER, .text = text, .length = length });
}

static int take_string(void *context, const unsigned char *bytes, size_t length)
{
    struct json_reader *reader = context;
    const char *text = (const char *) bytes;
    advance(reader, true);
    if (is_decoded(reader, text) && !check_escapes(reader, text, length))
        return false;
    return take_value(reader,
                      &(struct json_token){ .type = JSON_STRING, .text = text, .length = length });
}

static bool add_name(struct json_reader *reader, struct level *level)
{
    switch (keys_add(&reader->keys, &level->names, level->key)) {
    case KEY_NEW:
        return true;
    case KEY_DUPLICATE:
        return refuse_here(reader, "duplicate key");
    case KEY_NO_MEMORY:
        break;
    }
    return refuse_memory(reader);
}

static int take_key(void *context, const unsigned char *bytes, size_t length)
{
    struct json_reader *reader = context;
    struct level *level = &reader->levels[reader->depth - 1];
    struct arena *arena = reader->input->arena;
    const char *text = (const char *) bytes;
    advance(reader, false);

    level->key.text = NULL;
    if (is_decoded(reader, text)) {
        if (!check_escapes(reader, text, length))
            return false;
        if (arena && !(text = arena_copy(arena, text, length)))
            return refuse_memory(reader);
    }
    if (arena) {
        level->key = (struct key){ text, length };
        if (!add_name(reader, level))
            return false;
    }
    return reader->handler->key(reader->context, reader, text, length);
}

static int start(struct json_reader *reader, enum json_type type)
{
    advance(reader, true);
    if (reader->depth == JSON_DEPTH_MAX)
        return refuse_here(reader, "nested deeper than 128 levels");
    if (!take_value(reader, &(struct json_token){ .type = type }))
        return false;

    struct level *level = &reader->levels[reader->depth++];
    level->is_array = type == JSON_ARRAY;
    level->count = 0;
    level->key.text = NULL;
    keys_push(&reader->keys, &level->names);
    return true;
}

static int start_object(void *context)
{
    return start(context, JSON_OBJECT);
}

static int start_array(void *context)
{
    return start(context, JSON_ARRAY);
}

static int end(void *context)
{
    struct json_reader *reader = context;
    struct level *level = &reader->levels[reader->depth - 1];
    advance(reader, false);
    level->count = 0;
    level->key.text = NULL;
    if (!reader->handler->end(reader->context, reader))
        return false;
    keys_pop(&reader->keys, &level->names);
    reader->depth--;
    return true;
}

static const yajl_callbacks callbacks = {
    .yajl_null = take_null,
    .yajl_boolean = take_bool,
    .yajl_number = take_number,
    .yajl_string = take_string,
    .yajl_start_map = start_object,
    .yajl_map_key = take_key,
    .yajl_end_map = end,
    .yajl_start_array = start_array,
    .yajl_end_array = end,
};

/* OFFSET: where the bad token starts. */
static bool refuse_syntax(struct json_reader *reader, size_t offset)
{
    unsigned char *words = yajl_get_error(reader->parser, 0, NULL, 0);
    const char *text = words ? (const char *) words : "not JSON";
    json_refuse(reader, offset, NULL, "%.*s", (int) strcspn(text, ".\n"), text);
    if (words)
        yajl_free_error(reader->parser, words);
    return false;
}

static bool parse(struct json_reader *reader)
{
    const struct json_input *input = reader->input;
    yajl_status status =
        yajl_parse(reader->parser, (const unsigned char *) input->text, input->length);
    size_t consumed = yajl_get_bytes_consumed(reader->parser);
    size_t offset = skip_space(input, reader->end);
    if (status == yajl_status_ok)
        status = yajl_complete_parse(reader->parser);
    else if (consumed > 0 && consumed <= offset && strchr(",:", input->text[consumed - 1]))
        offset = consumed - 1; /* one too many */
    return status == yajl_status_error ? refuse_syntax(reader, offset) : status == yajl_status_ok;
}

/* What can be said of the bytes before they are parsed. */
static bool check_bytes(struct json_reader *reader)
{
    const struct json_input *input = reader->input;
    if (input->length > JSON_SIZE_MAX)
        return json_refuse(reader, 0, NULL, "document larger than %d MiB", JSON_SIZE_MAX >> 20);
    size_t prefix = utf8_prefix(input->text, input->length);
    if (prefix < input->length)
        return json_refuse(reader, prefix, NULL, "not UTF-8: byte 0x%02x",
                           (unsigned char) input->text[prefix]);
    return true;
}

bool json_read(const struct json_input *input, const struct json_handler *handler, void *context)
{
    struct json_reader reader;
    reader.input = input;
    reader.handler = handler;
    reader.context = context;
    reader.previous = reader.end = 0;
    reader.depth = 0;
    keys_open(&reader.keys, input->arena);
    if (!check_bytes(&reader))
        return false;

    yajl_alloc_funcs functions = json_memory_open(&reader.memory);
    reader.parser = yajl_alloc(&callbacks, &functions, &reader);
    if (!reader.parser)
        return refuse_memory(&reader);
    bool is_read = parse(&reader);
    yajl_free(reader.parser);
    return is_read;
}
