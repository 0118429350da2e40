/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * How the JSON documents of OCI look in C.
 *
 * One struct an object, one member a field, one row a field in a table (struct oci_field) that says
 * which JSON member fills which C member.  One engine reads the tables to decode, encode and walk.
 *
 * Absent (or null) differs from zero:
 *   string          const char *                      NULL
 *   object          struct oci_X *                    NULL
 *   array           struct oci_X_array, _string_array .v == NULL (empty: .v != NULL, .n == 0)
 *   map             struct oci_X_map, _string_map     .v == NULL; in the document's order
 *   optional scalar struct oci_opt_X                  .present == false and .value == 0
 *   required scalar the plain C type
 */
// clang-format off
struct oci_opt_bool { bool value, present; };
struct oci_opt_i32 { int32_t value; bool present; };
struct oci_opt_i64 { int64_t value; bool present; };
struct oci_opt_u16 { uint16_t value; bool present; };
struct oci_opt_u32 { uint32_t value; bool present; };
struct oci_opt_u64 { uint64_t value; bool present; };
struct oci_opt_enum { uint8_t value; bool present; }; /* index into the enum's names */

struct oci_string_array { const char **v; uint32_t n; };
struct oci_u32_array { uint32_t *v; uint32_t n; };
struct oci_enum_array { uint8_t *v; uint32_t n; };
struct oci_string_entry { const char *key, *value; };
struct oci_string_map { struct oci_string_entry *v; uint32_t n; };

/* An array of objects, struct oci_<name>_array, and a map to objects, struct oci_<name>_map. */
#define OCI_ARRAY_OF(name) struct oci_##name##_array { struct oci_##name **v; uint32_t n; }
#define OCI_MAP_OF(name)                                                                           \
    struct oci_##name##_entry { const char *key; struct oci_##name *value; };                      \
    struct oci_##name##_map { struct oci_##name##_entry *v; uint32_t n; }
// clang-format on

struct oci_enum; /* the names of an enum */

/* What is wrong with a document, and where.  Lines and columns count from 1, columns in bytes. */
struct oci_problem {
    size_t line, column;
    const struct oci_enum *names; /* of which none stands there; NULL if it is something else */
    char value[64];               /* what does, cut, as it stands in the document; else "" */
    char path[120];               /* "process.rlimits[1].soft"; "" for the document itself */
    char reason[200];             /* "number out of range for uint64: 18446744073709551616" */
};

struct oci_schema; /* the table of one object: oci_config_schema, oci_process_schema, ... */

/*
 * Decodes LENGTH bytes of JSON into a new object in the arena.  The bytes need not outlive the
 * call. Returns NULL and fills PROBLEM on the first fault: bad JSON or UTF-8, duplicate members, a
 * missing required member, a wrong type, an unknown enum value, a number out of range or not an
 * integer, NUL or a lone surrogate in a string, trailing text, too deep or too large a document, or
 * a full arena.  Unknown members are skipped.  Source: runtime-spec 1.3.0, config.md and schema/.
 */
void *oci_decode(const struct oci_schema *schema, struct arena *arena, const char *json,
                 size_t length, struct oci_problem *problem);

/*
 * Encodes an object as JSON text in the arena, NUL-terminated; LENGTH may be NULL.  Members in the
 * order of the table, absent ones left out.  IS_PRETTY indents by two spaces and ends with a
 * newline. Returns NULL when the arena is full or a string is not UTF-8.
 */
char *oci_encode(const struct oci_schema *schema, const void *object, bool is_pretty,
                 struct arena *arena, size_t *length);

/*
 * Encodes one part of an object, named by its JSON path ("linux.namespaces[0]", "process.rlimits").
 * Returns NULL when nothing stands there, or as oci_encode().
 */
char *oci_encode_at(const struct oci_schema *schema, const void *object, const char *path,
                    struct arena *arena, size_t *length);

/*
 * Finds where PATH stands in the text of a document that decodes: line and column of its value, or,
 * if it is absent, of the nearest enclosing object that is there.  For the messages of a validator.
 */
void oci_locate(const char *json, size_t length, const char *path, size_t *line, size_t *column);

/* The name of an enum's value, and its index (false for an unknown name). */
const char *oci_enum_name(const struct oci_enum *names, uint8_t value);
bool oci_enum_value(const struct oci_enum *names, const char *name, uint8_t *value);

/*
 * How to write a table: a struct, one row a member, and a schema.
 *
 *     struct colour { const char *name; uint64_t red; struct oci_opt_bool is_dark; };
 *
 *     static const struct oci_field colour_fields[] = {
 *         OCI_FIELD(colour, name, "name", STR, REQ),
 *         OCI_FIELD(colour, red, "red", U64, REQ),
 *         OCI_FIELD(colour, is_dark, "isDark", BOOL, OPT),
 *     };
 *     const struct oci_schema colour_schema = OCI_SCHEMA(colour, colour_fields);
 *
 * OCI_FIELD(struct, member, "key", kind, need) takes the kinds
 *     BOOL I32 I64 U16 U32 U64 STR, STRS U32S STR_MAP (arrays, map to strings);
 * OCI_FIELD_OF(struct, member, "key", kind, of, need) those that need another table:
 *     ENUM ENUMS  names in `of_names`          uint8_t or struct oci_opt_enum, oci_enum_array
 *     OBJ ARR MAP the object's in `of_schema`  struct of *, struct of_array, struct of_map
 * The need is REQ (absent is an error), OPT, or LIN: the prose requires it on Linux, so the
 * validator asks for it, not the decoder; its C type is that of OPT.
 *
 * A member of another C type than its row says does not compile.  A struct has 32 members at most
 * and less than 64 KiB; keys are 1 to 255 bytes long, and differ.
 */
enum oci_kind {
    OCI_KIND_BOOL,
    OCI_KIND_I32,
    OCI_KIND_I64,
    OCI_KIND_U16,
    OCI_KIND_U32,
    OCI_KIND_U64,
    OCI_KIND_STR,
    OCI_KIND_ENUM,
    OCI_KIND_OBJ,
    OCI_KIND_STRS,
    OCI_KIND_U32S,
    OCI_KIND_ENUMS,
    OCI_KIND_ARR,
    OCI_KIND_STR_MAP,
    OCI_KIND_MAP,
};

enum oci_need { OCI_NEED_OPT, OCI_NEED_LIN, OCI_NEED_REQ };

struct oci_field {
    const char *key;
    uint16_t offset; /* of the C member */
    uint8_t length;  /* of the key */
    uint8_t kind;    /* enum oci_kind */
    uint8_t need;    /* enum oci_need */
    union {
        const struct oci_schema *schema;
        const struct oci_enum *names;
    } of;
};

struct oci_schema {
    const char *name; /* of the C struct */
    const struct oci_field *fields;
    uint32_t size; /* of the C struct */
    uint32_t n;    /* rows */
};

struct oci_enum {
    const char *const *names;
    uint8_t n;
};

// clang-format off
#define OCI_FIELD(type, member, name, shape, needed)                                               \
    { .key = (name), .offset = OCI_OFFSET(type, member, OCI_TYPE_##shape(needed)),                 \
      .length = sizeof(name) - 1, .kind = OCI_KIND_##shape, .need = OCI_NEED_##needed }
#define OCI_FIELD_OF(type, member, name, shape, other, needed)                                     \
    { .key = (name), .offset = OCI_OFFSET(type, member, OCI_TYPE_##shape(other, needed)),          \
      .length = sizeof(name) - 1, .kind = OCI_KIND_##shape, .need = OCI_NEED_##needed,             \
      .of.OCI_OF_##shape = &OCI_TABLE_##shape(other) }
#define OCI_SCHEMA(type, rows)                                                                     \
    { .name = #type, .fields = (rows), .size = sizeof(struct type),                                \
      .n = sizeof(rows) / sizeof((rows)[0]) +                                                      \
           OCI_PROOF(sizeof(rows) / sizeof((rows)[0]) <= 32 && sizeof(struct type) <= UINT16_MAX) }
#define OCI_ENUM(rows) { (rows), sizeof(rows) / sizeof((rows)[0]) }

/* The parts of the above: zero, or no program; an offset, proved to be that of the wanted type. */
#define OCI_PROOF(claim) (0 * sizeof(char[(claim) ? 1 : -1]))
#define OCI_OFFSET(type, member, wanted)                                                           \
    (offsetof(struct type, member) +                                                               \
     OCI_PROOF(__builtin_types_compatible_p(__typeof__(((struct type *) 0)->member), wanted)))

#define OCI_TYPE_BOOL(need) OCI_SCALAR_##need(bool, oci_opt_bool)
#define OCI_TYPE_I32(need) OCI_SCALAR_##need(int32_t, oci_opt_i32)
#define OCI_TYPE_I64(need) OCI_SCALAR_##need(int64_t, oci_opt_i64)
#define OCI_TYPE_U16(need) OCI_SCALAR_##need(uint16_t, oci_opt_u16)
#define OCI_TYPE_U32(need) OCI_SCALAR_##need(uint32_t, oci_opt_u32)
#define OCI_TYPE_U64(need) OCI_SCALAR_##need(uint64_t, oci_opt_u64)
#define OCI_TYPE_ENUM(other, need) OCI_SCALAR_##need(uint8_t, oci_opt_enum)
#define OCI_TYPE_STR(need) const char *
#define OCI_TYPE_STRS(need) struct oci_string_array
#define OCI_TYPE_U32S(need) struct oci_u32_array
#define OCI_TYPE_STR_MAP(need) struct oci_string_map
#define OCI_TYPE_ENUMS(other, need) struct oci_enum_array
#define OCI_TYPE_OBJ(other, need) struct other *
#define OCI_TYPE_ARR(other, need) struct other##_array
#define OCI_TYPE_MAP(other, need) struct other##_map
#define OCI_SCALAR_REQ(plain, optional) plain
#define OCI_SCALAR_LIN(plain, optional) struct optional
#define OCI_SCALAR_OPT(plain, optional) struct optional

#define OCI_OF_ENUM names
#define OCI_OF_ENUMS names
#define OCI_OF_OBJ schema
#define OCI_OF_ARR schema
#define OCI_OF_MAP schema
#define OCI_TABLE_ENUM(other) other##_names
#define OCI_TABLE_ENUMS(other) other##_names
#define OCI_TABLE_OBJ(other) other##_schema
#define OCI_TABLE_ARR(other) other##_schema
#define OCI_TABLE_MAP(other) other##_schema
// clang-format on
