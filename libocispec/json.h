/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libocispec/json_memory.h"

struct arena;
struct oci_enum;
struct oci_problem;

/* JSON text as a stream of events, and values as JSON text.  json.c alone knows the parser. */

enum { JSON_SIZE_MAX = 16 << 20, JSON_DEPTH_MAX = 128 };

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_OBJECT, JSON_ARRAY };

/* A value, or the opening bracket of one. */
struct json_token {
    enum json_type type;
    bool is_true;     /* JSON_BOOL */
    const char *text; /* JSON_NUMBER as written, JSON_STRING decoded; not NUL-terminated, */
    size_t length;    /* and gone after the call */
};

struct json_reader;

/* What the reader calls.  False, after json_refuse() has said why, ends the reading. */
struct json_handler {
    bool (*key)(void *context, struct json_reader *reader, const char *text, size_t length);
    bool (*value)(void *context, struct json_reader *reader, const struct json_token *token);
    bool (*end)(void *context, struct json_reader *reader); /* of an object or array */
};

struct json_input {
    const char *text;
    size_t length;
    struct arena *arena; /* for the names of members; NULL: duplicates are not looked for */
    struct oci_problem *problem;
};

/*
 * Reads one document.  Returns false, with the problem filled, if the handler refused it, and for
 * what is no JSON (RFC 8259) or not UTF-8; besides: duplicate members, NUL in a string, lone
 * surrogates, more than JSON_DEPTH_MAX levels or JSON_SIZE_MAX bytes, a full arena.
 */
bool json_read(const struct json_input *input, const struct json_handler *handler, void *context);

/* For a handler: where the current token starts, in bytes from the start of the text. */
size_t json_offset(const struct json_reader *reader);

/* For a handler: fills the problem.  The path is that of the current value, and MEMBER of it if not
 * NULL.  Returns false. */
bool json_refuse(struct json_reader *reader, size_t offset, const char *member, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

/* The same for a string that is none of these names. */
bool json_refuse_name(struct json_reader *reader, const struct json_token *string,
                      const struct oci_enum *names);

/*
 * Writes one document straight into the arena, which nobody else may use until json_write_end().
 * After a failure the calls do nothing; json_write_end() tells.
 */
struct json_writer {
    struct arena *arena;
    size_t start;    /* of the text in the arena */
    void *generator; /* yajl's */
    bool is_failed;
    struct json_memory memory;
};

void json_write_begin(struct json_writer *writer, struct arena *arena, bool is_pretty);
void json_write_bool(struct json_writer *writer, bool value);
void json_write_signed(struct json_writer *writer, int64_t value);
void json_write_unsigned(struct json_writer *writer, uint64_t value);
void json_write_number(struct json_writer *writer, const char *value); /* as it is written */
void json_write_string(struct json_writer *writer, const char *value); /* or a member's name */
void json_write_open(struct json_writer *writer, enum json_type type);
void json_write_close(struct json_writer *writer, enum json_type type);
void json_write_empty(struct json_writer *writer, enum json_type type); /* {} or [] */

/* The text, NUL-terminated, and its length; NULL, and the arena as it was, if it did not fit or a
 * string was not UTF-8. */
char *json_write_end(struct json_writer *writer, size_t *length);
