/* SPDX-License-Identifier: Apache-2.0 */
/* From JSON events straight into structs, by the tables.  null means absent for a member that may
 * be absent, and is a wrong type everywhere else. */
#include <string.h>

#include "libocispec/arena.h"
#include "libocispec/engine.h"
#include "libocispec/json.h"
#include "libocispec/number.h"
#include "libocispec/schema.h"

enum { FRAMES = 16, SLOTS_AT_HAND = 512, ELEMENTS_MAX = 1 << 20 };

/* Room for one element of whatever array, until its array ends. */
union slot {
    const char *string;
    void *object;
    uint32_t u32;
    uint8_t index;
};

/* An object, array or map that is open. */
struct frame {
    const struct oci_schema *schema; /* of an object; NULL for the others */
    const struct oci_field *field; /* object: the current member, NULL if unknown; array: itself */
    char *at;                      /* object: the struct; array: the member that it will fill */
    uint32_t row;                  /* object: the one behind the member found last */
    uint32_t seen;                 /* object: one bit a row */
    uint32_t count;                /* array: elements so far */
    uint32_t first;                /* array: its first slot */
    size_t offset;                 /* of the opening bracket */
};

struct decoder {
    struct arena *arena;
    const struct oci_schema *schema; /* of the document */
    void *root;
    uint32_t unknown; /* levels open inside an unknown member */
    uint32_t depth;
    struct frame frames[FRAMES];
    union slot *slots;
    uint32_t used, room;
    union slot at_hand[SLOTS_AT_HAND];
};

/* Where a value goes, and what it has to be: a member, or an element of an array or map. */
struct target {
    const struct oci_field *field; /* the member */
    void *at;
    uint8_t kind;
    bool is_plain; /* a scalar that does not say whether it is present */
};

static const char *const token_names[] = {
    [JSON_NULL] = "null",     [JSON_BOOL] = "boolean",  [JSON_NUMBER] = "number",
    [JSON_STRING] = "string", [JSON_OBJECT] = "object", [JSON_ARRAY] = "array",
};

static const char *const kind_names[] = {
    [OCI_KIND_BOOL] = "boolean", [OCI_KIND_I32] = "int32",      [OCI_KIND_I64] = "int64",
    [OCI_KIND_U16] = "uint16",   [OCI_KIND_U32] = "uint32",     [OCI_KIND_U64] = "uint64",
    [OCI_KIND_STR] = "string",   [OCI_KIND_ENUM] = "string",    [OCI_KIND_OBJ] = "object",
    [OCI_KIND_STRS] = "array",   [OCI_KIND_U32S] = "array",     [OCI_KIND_ENUMS] = "array",
    [OCI_KIND_ARR] = "array",    [OCI_KIND_STR_MAP] = "object", [OCI_KIND_MAP] = "object",
};

static const uint8_t kind_tokens[] = {
    [OCI_KIND_BOOL] = JSON_BOOL,  [OCI_KIND_I32] = JSON_NUMBER,     [OCI_KIND_I64] = JSON_NUMBER,
    [OCI_KIND_U16] = JSON_NUMBER, [OCI_KIND_U32] = JSON_NUMBER,     [OCI_KIND_U64] = JSON_NUMBER,
    [OCI_KIND_STR] = JSON_STRING, [OCI_KIND_ENUM] = JSON_STRING,    [OCI_KIND_OBJ] = JSON_OBJECT,
    [OCI_KIND_STRS] = JSON_ARRAY, [OCI_KIND_U32S] = JSON_ARRAY,     [OCI_KIND_ENUMS] = JSON_ARRAY,
    [OCI_KIND_ARR] = JSON_ARRAY,  [OCI_KIND_STR_MAP] = JSON_OBJECT, [OCI_KIND_MAP] = JSON_OBJECT,
};

static bool refuse_memory(struct json_reader *reader)
{
    return json_refuse(reader, json_offset(reader), NULL, "no memory left for the document");
}

static bool copy_string(struct decoder *decoder, struct json_reader *reader, const char *text,
                        size_t length, const char **copy)
{
    *copy = arena_copy(decoder->arena, text, length);
    return *copy || refuse_memory(reader);
}

/* NULL if there is no room for it. */
static union slot *push_slot(struct decoder *decoder, struct json_reader *reader)
{
    if (decoder->used == decoder->room) {
        union slot *larger = arena_alloc(decoder->arena, decoder->room, 2 * sizeof(*larger));
        if (!larger) {
            refuse_memory(reader);
            return NULL;
        }
        memcpy(larger, decoder->slots, decoder->used * sizeof(*larger));
        decoder->slots = larger;
        decoder->room *= 2;
    }
    return &decoder->slots[decoder->used++];
}

static bool push_frame(struct decoder *decoder, struct json_reader *reader,
                       const struct frame *frame)
{
    if (decoder->depth == FRAMES)
        return json_refuse(reader, json_offset(reader), NULL, "nested deeper than %d levels",
                           FRAMES);
    struct frame *top = &decoder->frames[decoder->depth++];
    *top = *frame;
    top->offset = json_offset(reader);
    top->first = decoder->used;
    return true;
}

/* A new object, whose members come next; its address goes to AT. */
static bool open_object(struct decoder *decoder, struct json_reader *reader,
                        const struct oci_schema *schema, char *at)
{
    char *object = arena_alloc(decoder->arena, 1, schema->size);
    if (!object)
        return refuse_memory(reader);
    memcpy(at, &object, sizeof(object));
    return push_frame(decoder, reader, &(struct frame){ .schema = schema, .at = object });
}

static bool store_enum(struct json_reader *reader, const struct json_token *token,
                       const struct target *target)
{
    const struct oci_enum *names = target->field->of.names;
    uint8_t i = 0;
    while (i < names->n && (strncmp(names->names[i], token->text, token->length) != 0 ||
                            names->names[i][token->length] != '\0'))
        i++;
    if (i == names->n)
        return json_refuse_name(reader, token, names);
    *(uint8_t *) target->at = i;
    return true;
}

static bool store_number(struct json_reader *reader, const struct json_token *token,
                         const struct target *target)
{
    uint64_t value;
    const char *fault = number_parse(token->text, token->length, target->kind, &value);
    if (fault)
        return json_refuse(reader, json_offset(reader), NULL, "%s %s: %.*s", fault,
                           kind_names[target->kind],
                           (int) (token->length < 100 ? token->length : 100), token->text);
    switch (target->kind) {
    case OCI_KIND_I32:
        *(int32_t *) target->at = (int32_t) value;
        break;
    case OCI_KIND_I64:
        *(int64_t *) target->at = (int64_t) value;
        break;
    case OCI_KIND_U16:
        *(uint16_t *) target->at = (uint16_t) value;
        break;
    case OCI_KIND_U32:
        *(uint32_t *) target->at = (uint32_t) value;
        break;
    default:
        *(uint64_t *) target->at = value;
    }
    return true;
}

/* The value of an optional scalar is the first thing in it. */
static bool store_scalar(struct json_reader *reader, const struct json_token *token,
                         const struct target *target)
{
    if (target->kind == OCI_KIND_BOOL)
        *(bool *) target->at = token->is_true;
    else if (!(target->kind == OCI_KIND_ENUM ? store_enum : store_number)(reader, token, target))
        return false;
    if (!target->is_plain)
        ((bool *) target->at)[oci_kind_presence(target->kind)] = true;
    return true;
}

static bool store(struct decoder *decoder, struct json_reader *reader,
                  const struct json_token *token, const struct target *target)
{
    uint8_t kind = target->kind;
    if (token->type != kind_tokens[kind])
        return json_refuse(reader, json_offset(reader), NULL, "expected %s, got %s",
                           kind_names[kind], token_names[token->type]);
    if (kind == OCI_KIND_STR)
        return copy_string(decoder, reader, token->text, token->length, (const char **) target->at);
    if (kind == OCI_KIND_OBJ)
        return open_object(decoder, reader, target->field->of.schema, target->at);
    if (oci_kind_is_list(kind))
        return push_frame(decoder, reader,
                          &(struct frame){ .field = target->field, .at = target->at });
    return store_scalar(reader, token, target);
}

static bool take_element(struct decoder *decoder, struct json_reader *reader,
                         const struct json_token *token)
{
    struct frame *list = &decoder->frames[decoder->depth - 1];
    if (list->count++ == ELEMENTS_MAX)
        return json_refuse(reader, json_offset(reader), NULL, "more than %d elements",
                           ELEMENTS_MAX);
    union slot *slot = push_slot(decoder, reader);
    if (!slot)
        return false;
    const struct target target = { list->field, (char *) slot, oci_kind_element(list->field->kind),
                                   true };
    return store(decoder, reader, token, &target);
}

static bool take_value(void *context, struct json_reader *reader, const struct json_token *token)
{
    struct decoder *decoder = context;
    bool is_open = token->type == JSON_OBJECT || token->type == JSON_ARRAY;
    if (decoder->unknown > 0) {
        decoder->unknown += is_open;
        return true;
    }
    if (decoder->depth == 0) {
        if (token->type != JSON_OBJECT)
            return json_refuse(reader, json_offset(reader), NULL, "top level must be an object");
        return open_object(decoder, reader, decoder->schema, (char *) &decoder->root);
    }

    struct frame *top = &decoder->frames[decoder->depth - 1];
    if (!top->schema)
        return take_element(decoder, reader, token);
    if (!top->field) {
        decoder->unknown = is_open;
        return true;
    }
    if (token->type == JSON_NULL && top->field->need != OCI_NEED_REQ)
        return true;
    const struct target target = { top->field, top->at + top->field->offset, top->field->kind,
                                   top->field->need == OCI_NEED_REQ };
    return store(decoder, reader, token, &target);
}

/* Members mostly come in the order of the table: the search starts behind the one before. */
static void find_row(struct frame *object, const char *text, size_t length)
{
    const struct oci_schema *schema = object->schema;
    uint32_t row = object->row;
    object->field = NULL;
    for (uint32_t tries = 0; tries < schema->n; tries++, row++) {
        if (row >= schema->n)
            row = 0;
        const struct oci_field *field = &schema->fields[row];
        if (field->length != length || memcmp(field->key, text, length) != 0)
            continue;
        object->field = field;
        object->row = row + 1;
        object->seen |= UINT32_C(1) << row;
        return;
    }
}

static bool take_key(void *context, struct json_reader *reader, const char *text, size_t length)
{
    struct decoder *decoder = context;
    if (decoder->unknown > 0)
        return true;
    struct frame *top = &decoder->frames[decoder->depth - 1];
    if (top->schema) {
        find_row(top, text, length);
        return true;
    }
    union slot *slot = push_slot(decoder, reader);
    return slot && copy_string(decoder, reader, text, length, &slot->string);
}

static bool check_required(struct json_reader *reader, const struct frame *object)
{
    const struct oci_schema *schema = object->schema;
    for (uint32_t i = 0; i < schema->n; i++)
        if (schema->fields[i].need == OCI_NEED_REQ && !(object->seen & UINT32_C(1) << i))
            return json_refuse(reader, object->offset, schema->fields[i].key,
                               "required member is missing");
    return true;
}

/* Moves the elements from the slots to where they stay. */
static bool close_list(struct decoder *decoder, struct json_reader *reader,
                       const struct frame *frame)
{
    uint8_t kind = frame->field->kind;
    size_t stride = oci_kind_stride(kind);
    const union slot *slots = decoder->slots + frame->first;
    struct oci_list list = { arena_alloc(decoder->arena, frame->count, stride), frame->count };
    if (!list.v)
        return refuse_memory(reader);

    if (kind == OCI_KIND_U32S)
        for (uint32_t i = 0; i < list.n; i++)
            ((uint32_t *) list.v)[i] = slots[i].u32;
    else if (kind == OCI_KIND_ENUMS)
        for (uint32_t i = 0; i < list.n; i++)
            ((uint8_t *) list.v)[i] = slots[i].index;
    else
        memcpy(list.v, slots, list.n * stride);
    memcpy(frame->at, &list, sizeof(list));
    decoder->used = frame->first;
    return true;
}

static bool take_end(void *context, struct json_reader *reader)
{
    struct decoder *decoder = context;
    if (decoder->unknown > 0) {
        decoder->unknown--;
        return true;
    }
    const struct frame *frame = &decoder->frames[--decoder->depth];
    return frame->schema ? check_required(reader, frame) : close_list(decoder, reader, frame);
}

void *oci_decode(const struct oci_schema *schema, struct arena *arena, const char *json,
                 size_t length, struct oci_problem *problem)
{
    static const struct json_handler handler = { take_key, take_value, take_end };
    const struct json_input input = { json, length, arena, problem };
    struct decoder decoder;
    decoder.arena = arena;
    decoder.schema = schema;
    decoder.root = NULL;
    decoder.unknown = 0;
    decoder.depth = 0;
    decoder.slots = decoder.at_hand;
    decoder.used = 0;
    decoder.room = SLOTS_AT_HAND;
    return json_read(&input, &handler, &decoder) ? decoder.root : NULL;
}
