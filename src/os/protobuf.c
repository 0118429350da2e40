/* SPDX-License-Identifier: Apache-2.0 */
/* Protocol Buffers on the wire; serves checkpoint and restore, whose criu is asked in them.  What
 * is read comes from a program that has just parsed the work of strangers: every length is checked.
 */

#include "os/protobuf.h"

#include <string.h>

enum { KIND_BITS = 3, KIND_MASK = 7, VARINT_BITS = 7, VARINT_MASK = 0x7f, VARINT_MORE = 0x80 };
enum kind { KIND_NUMBER = 0, KIND_FIXED_64 = 1, KIND_BYTES = 2, KIND_FIXED_32 = 5 };

static void put(struct protobuf *message, const void *bytes, size_t length)
{
    if (message->is_full || length > message->size - message->length) {
        message->is_full = true;
        return;
    }
    memcpy(message->bytes + message->length, bytes, length);
    message->length += length;
}

static void put_varint(struct protobuf *message, uint64_t value)
{
    unsigned char byte;

    for (; value > VARINT_MASK; value >>= VARINT_BITS) {
        byte = (unsigned char) ((value & VARINT_MASK) | VARINT_MORE);
        put(message, &byte, 1);
    }
    byte = (unsigned char) value;
    put(message, &byte, 1);
}

void protobuf_begin(struct protobuf *message, uint32_t field, size_t length)
{
    put_varint(message, (uint64_t) field << KIND_BITS | KIND_BYTES);
    put_varint(message, length);
}

static void put_bytes(struct protobuf *message, uint32_t field, const char *bytes, size_t length)
{
    protobuf_begin(message, field, length);
    put(message, bytes, length);
}

void protobuf_number(struct protobuf *message, uint32_t field, uint64_t value)
{
    put_varint(message, (uint64_t) field << KIND_BITS | KIND_NUMBER);
    put_varint(message, value);
}

void protobuf_text(struct protobuf *message, uint32_t field, const char *text)
{
    put_bytes(message, field, text, strlen(text));
}

void protobuf_message(struct protobuf *message, uint32_t field, const struct protobuf *inner)
{
    message->is_full = message->is_full || inner->is_full;
    put_bytes(message, field, inner->bytes, inner->length);
}

static bool refuse(struct protobuf_reader *reader)
{
    reader->is_broken = true;
    reader->at = reader->end;
    return false;
}

static bool take_varint(struct protobuf_reader *reader, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && reader->at < reader->end; shift += VARINT_BITS) {
        unsigned char byte = (unsigned char) *reader->at++;
        *value |= (uint64_t) (byte & VARINT_MASK) << shift;
        if (!(byte & VARINT_MORE))
            return true;
    }
    return refuse(reader);
}

static bool take_bytes(struct protobuf_reader *reader, uint64_t length,
                       struct protobuf_field *field)
{
    if (length > (uint64_t) (reader->end - reader->at))
        return refuse(reader);
    field->bytes = reader->at;
    field->length = (size_t) length;
    reader->at += length;
    return true;
}

static bool take_value(struct protobuf_reader *reader, unsigned kind, struct protobuf_field *field)
{
    uint64_t length;

    switch (kind) {
    case KIND_NUMBER:
        return take_varint(reader, &field->value);
    case KIND_BYTES:
        return take_varint(reader, &length) && take_bytes(reader, length, field);
    case KIND_FIXED_64:
        return take_bytes(reader, sizeof(uint64_t), field);
    case KIND_FIXED_32:
        return take_bytes(reader, sizeof(uint32_t), field);
    default:
        return refuse(reader);
    }
}

struct protobuf_reader protobuf_within(const struct protobuf_field *field)
{
    const char *bytes = field->bytes ? field->bytes : "";

    return (struct protobuf_reader){ bytes, bytes + field->length, false };
}

bool protobuf_next(struct protobuf_reader *reader, struct protobuf_field *field)
{
    uint64_t key;

    while (reader->at < reader->end) {
        *field = (struct protobuf_field){ 0 };
        if (!take_varint(reader, &key) || !take_value(reader, key & KIND_MASK, field))
            return false;
        unsigned kind = key & KIND_MASK;
        field->number = (uint32_t) (key >> KIND_BITS);
        if (kind == KIND_NUMBER || kind == KIND_BYTES)
            return true;
    }
    return false;
}
