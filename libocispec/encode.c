/* SPDX-License-Identifier: Apache-2.0 */
/* From structs to JSON text, by the same tables; and the walk to one part of an object. */
#include <stdlib.h>
#include <string.h>

#include "libocispec/arena.h"
#include "libocispec/engine.h"
#include "libocispec/json.h"
#include "libocispec/path.h"
#include "libocispec/schema.h"

/* A value in memory: a member, or an element of a member that is an array or map. */
struct place {
    const struct oci_field *field; /* the member */
    const void *at;
    uint8_t kind;
    bool is_plain; /* a scalar that does not say whether it is present */
};

static struct oci_list read_list(const char *at)
{
    struct oci_list list;
    memcpy(&list, at, sizeof(list));
    return list;
}

static const void *read_pointer(const char *at)
{
    const void *pointer;
    memcpy(&pointer, at, sizeof(pointer));
    return pointer;
}

static struct place place_member(const struct oci_field *field, const char *object)
{
    return (struct place){ field, object + field->offset, field->kind,
                           field->need == OCI_NEED_REQ };
}

/* The value of an element; for a map, behind the key of the entry. */
static struct place place_element(const struct oci_field *field, const struct oci_list *list,
                                  uint32_t i)
{
    const char *at = (const char *) list->v + i * oci_kind_stride(field->kind);
    if (oci_kind_is_map(field->kind))
        at += offsetof(struct oci_string_entry, value);
    return (struct place){ field, at, oci_kind_element(field->kind), true };
}

static const char *entry_key(const struct oci_field *field, const struct oci_list *list, uint32_t i)
{
    return read_pointer((const char *) list->v + i * oci_kind_stride(field->kind));
}

static bool is_present(const struct place *place)
{
    if (oci_kind_is_list(place->kind))
        return read_list(place->at).v != NULL;
    if (place->kind == OCI_KIND_STR || place->kind == OCI_KIND_OBJ)
        return read_pointer(place->at) != NULL;
    return place->is_plain || ((const bool *) place->at)[oci_kind_presence(place->kind)];
}

static void write_place(struct json_writer *writer, const struct place *place);

static void write_object(struct json_writer *writer, const struct oci_schema *schema,
                         const char *object)
{
    bool is_empty = true;
    for (uint32_t i = 0; i < schema->n; i++) {
        struct place place = place_member(&schema->fields[i], object);
        if (!is_present(&place))
            continue;
        if (is_empty)
            json_write_open(writer, JSON_OBJECT);
        is_empty = false;
        json_write_string(writer, schema->fields[i].key);
        write_place(writer, &place);
    }
    if (is_empty)
        json_write_empty(writer, JSON_OBJECT);
    else
        json_write_close(writer, JSON_OBJECT);
}

static void write_list(struct json_writer *writer, const struct place *place)
{
    const struct oci_field *field = place->field;
    bool is_map = oci_kind_is_map(field->kind);
    enum json_type type = is_map ? JSON_OBJECT : JSON_ARRAY;
    struct oci_list list = read_list(place->at);
    if (list.n == 0) {
        json_write_empty(writer, type);
        return;
    }
    json_write_open(writer, type);
    for (uint32_t i = 0; i < list.n; i++) {
        struct place element = place_element(field, &list, i);
        if (is_map)
            json_write_string(writer, entry_key(field, &list, i));
        write_place(writer, &element);
    }
    json_write_close(writer, type);
}

/* An index without a name, or a NULL among elements, cannot be written. */
static void write_text(struct json_writer *writer, const char *text)
{
    if (text)
        json_write_string(writer, text);
    else
        writer->is_failed = true;
}

/* The value of an optional scalar is the first thing in it. */
#define READ(type) (*(const type *) place->at)

static void write_place(struct json_writer *writer, const struct place *place)
{
    const void *pointer;
    switch (place->kind) {
    case OCI_KIND_BOOL:
        json_write_bool(writer, READ(bool));
        return;
    case OCI_KIND_I32:
        json_write_signed(writer, READ(int32_t));
        return;
    case OCI_KIND_I64:
        json_write_signed(writer, READ(int64_t));
        return;
    case OCI_KIND_U16:
        json_write_unsigned(writer, READ(uint16_t));
        return;
    case OCI_KIND_U32:
        json_write_unsigned(writer, READ(uint32_t));
        return;
    case OCI_KIND_U64:
        json_write_unsigned(writer, READ(uint64_t));
        return;
    case OCI_KIND_ENUM:
        write_text(writer, oci_enum_name(place->field->of.names, READ(uint8_t)));
        return;
    case OCI_KIND_STR:
        write_text(writer, read_pointer(place->at));
        return;
    case OCI_KIND_OBJ:
        pointer = read_pointer(place->at);
        if (pointer)
            write_object(writer, place->field->of.schema, pointer);
        else
            writer->is_failed = true;
        return;
    default:
        write_list(writer, place);
    }
}

char *oci_encode(const struct oci_schema *schema, const void *object, bool is_pretty,
                 struct arena *arena, size_t *length)
{
    struct json_writer writer;
    json_write_begin(&writer, arena, is_pretty);
    write_object(&writer, schema, object);
    return json_write_end(&writer, length);
}

/* Goes from an object to the member at the head of the path. */
static bool enter_member(struct place *place, const char **path)
{
    const struct oci_schema *schema = place->field->of.schema;
    const char *object = read_pointer(place->at);
    for (uint32_t i = 0; i < schema->n; i++) {
        const char *rest = path_member(*path, schema->fields[i].key, schema->fields[i].length);
        if (!rest)
            continue;
        *place = place_member(&schema->fields[i], object);
        *path = rest;
        return is_present(place);
    }
    return false;
}

/* Keys may have dots in them: of "eth0" and "eth0.1", the longer one that fits is meant. */
static bool enter_entry(struct place *place, const char **path)
{
    const struct place map = *place;
    struct oci_list list = read_list(map.at);
    const char *best = NULL;
    for (uint32_t i = 0; i < list.n; i++) {
        const char *key = entry_key(map.field, &list, i);
        const char *rest = path_member(*path, key, strlen(key));
        if (!rest || (best && rest < best))
            continue;
        best = rest;
        *place = place_element(map.field, &list, i);
    }
    if (best)
        *path = best;
    return best != NULL;
}

static bool enter_element(struct place *place, const char **path)
{
    struct oci_list list = read_list(place->at);
    uint32_t index;
    const char *rest = path_index(*path, &index);
    if (!rest || index >= list.n)
        return false;
    *place = place_element(place->field, &list, index);
    *path = rest;
    return true;
}

static bool enter(struct place *place, const char **path)
{
    if (place->kind == OCI_KIND_OBJ)
        return enter_member(place, path);
    if (oci_kind_is_map(place->kind))
        return enter_entry(place, path);
    return oci_kind_is_list(place->kind) && enter_element(place, path);
}

char *oci_encode_at(const struct oci_schema *schema, const void *object, const char *path,
                    struct arena *arena, size_t *length)
{
    const struct oci_field root = { .kind = OCI_KIND_OBJ, .of = { schema } };
    struct place place = { &root, (const char *) &object, OCI_KIND_OBJ, true };
    while (*path != '\0')
        if (!enter(&place, &path))
            return NULL;

    struct json_writer writer;
    json_write_begin(&writer, arena, false);
    write_place(&writer, &place);
    return json_write_end(&writer, length);
}
