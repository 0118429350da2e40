/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The wire format of Protocol Buffers (protobuf.dev, "Encoding"), as much of it as criu speaks:
 * numbers (varint), and texts and messages (length-delimited).
 */

/* A message that is being written.  When it is full nothing more is written to it. */
struct protobuf {
    char *bytes; /* SIZE of them, the caller's */
    size_t size, length;
    bool is_full;
};

void protobuf_number(struct protobuf *message, uint32_t field, uint64_t value);
void protobuf_text(struct protobuf *message, uint32_t field, const char *text);

/* A message in a message; one that is full makes the outer one full. */
void protobuf_message(struct protobuf *message, uint32_t field, const struct protobuf *inner);

/* The head of one whose LENGTH bytes follow elsewhere. */
void protobuf_begin(struct protobuf *message, uint32_t field, size_t length);

/* A field that has been read: a number, or bytes, which lie in what is read. */
struct protobuf_field {
    uint32_t number;
    uint64_t value;
    const char *bytes; /* NULL for a number */
    size_t length;
};

/* What is still to be read of a message. */
struct protobuf_reader {
    const char *at, *end;
    bool is_broken; /* it is no such message; then there is nothing more to read */
};

/* Begins the message that a field is; an empty one where it is a number. */
struct protobuf_reader protobuf_within(const struct protobuf_field *field);

/* Reads the next field, passing over numbers of fixed size; false at the end. */
bool protobuf_next(struct protobuf_reader *reader, struct protobuf_field *field);
