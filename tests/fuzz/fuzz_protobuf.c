/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of criu, and whatever its images hold instead.  A field lies in what was read, there are
 * no more of them than bytes, and what was read can be written and is then read as the same. */

#include "tests/fuzz/fuzz.h"

#include "os/protobuf.h"

enum { DEPTH_MOST = 8 };

/* Numbers take no more room than they had, but for their keys: those are cut to 32 bits. */
static void write_again(const struct protobuf_field *field, struct protobuf *message)
{
    const struct protobuf inner = { (char *) field->bytes, field->length, field->length, false };

    if (field->bytes)
        protobuf_message(message, field->number, &inner);
    else
        protobuf_number(message, field->number, field->value);
}

static void compare(const struct protobuf_field *a, const struct protobuf_field *b)
{
    if (a->number != b->number || a->value != b->value || a->length != b->length ||
        !a->bytes != !b->bytes || (a->bytes && memcmp(a->bytes, b->bytes, a->length)))
        abort();
}

static void check(const char *bytes, size_t size, unsigned depth)
{
    struct protobuf_reader reader = { bytes, bytes + size, false };
    struct protobuf written = { .bytes = malloc(size + 1), .size = size };
    struct protobuf_field field, again;
    const char *at = bytes;

    if (!written.bytes)
        abort();
    for (; protobuf_next(&reader, &field); at = reader.at) {
        if (reader.at <= at || reader.at > bytes + size)
            abort();
        if (field.bytes && (field.bytes <= at || field.bytes + field.length != reader.at))
            abort();
        if (field.bytes && depth < DEPTH_MOST)
            check(field.bytes, field.length, depth + 1);
        write_again(&field, &written);
    }
    if (reader.at != reader.end || written.is_full)
        abort();
    reader = (struct protobuf_reader){ bytes, bytes + size, false };
    struct protobuf_reader second = { written.bytes, written.bytes + written.length, false };
    while (protobuf_next(&reader, &field)) {
        if (!protobuf_next(&second, &again))
            abort();
        compare(&field, &again);
    }
    if (protobuf_next(&second, &again) || second.is_broken)
        abort();
    free(written.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_begin(data, size);

    check(text, size, 0);
    fuzz_end(text);
    return 0;
}
