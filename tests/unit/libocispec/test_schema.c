/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/config.h"
#include "libocispec/features.h"
#include "libocispec/state.h"

#include "tests/unit/libocispec/document.h"
#include "tests/unit/libocispec/shape.h"

enum { TYPES = 53, OUR_TYPES = 1, FIELDS = 248, OUR_FIELDS = 12 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *name;
    const struct oci_enum *names;
} enum_tables[] = {
    { "nstype", &oci_nstype_names },         { "rootprop", &oci_rootprop_names },
    { "scmp_arch", &oci_scmp_arch_names },   { "scmp_act", &oci_scmp_act_names },
    { "scmp_flag", &oci_scmp_flag_names },   { "scmp_op", &oci_scmp_op_names },
    { "persdomain", &oci_persdomain_names }, { "mpolmode", &oci_mpolmode_names },
    { "mpolflag", &oci_mpolflag_names },     { "schedpol", &oci_schedpol_names },
    { "schedflag", &oci_schedflag_names },   { "ioclass", &oci_ioclass_names },
    { "imgfmt", &oci_imgfmt_names },         { "status", &oci_status_names },
    { "devtype", &oci_devtype_names },       { "cgdevtype", &oci_cgdevtype_names },
};

static const char *enum_label(const struct oci_enum *names)
{
    for (size_t i = 0; i < COUNT(enum_tables); i++)
        if (enum_tables[i].names == names)
            return enum_tables[i].name;
    fail_msg("an enum that the list does not know");
    return NULL;
}

/* Every schema that the documents reach. */
static const struct oci_schema *schemas[64];
static size_t schema_count;

static bool is_object(const struct oci_field *field)
{
    return field->kind == OCI_KIND_OBJ || field->kind == OCI_KIND_ARR ||
           field->kind == OCI_KIND_MAP;
}

static void collect(const struct oci_schema *schema)
{
    for (size_t i = 0; i < schema_count; i++)
        if (schemas[i] == schema)
            return;
    assert_true(schema_count < COUNT(schemas));
    schemas[schema_count++] = schema;
    for (uint32_t i = 0; i < schema->n; i++)
        if (is_object(&schema->fields[i]))
            collect(schema->fields[i].of.schema);
}

static int collect_all(void **state)
{
    (void) state;
    collect(&oci_config_schema);
    collect(&oci_process_state_schema);
    collect(&oci_features_schema);
    return 0;
}

static void describe(const struct oci_schema *schema, const struct oci_field *field, char *text,
                     size_t size)
{
    static const char *const kinds[] = {
        [OCI_KIND_BOOL] = "bool", [OCI_KIND_I32] = "i32",         [OCI_KIND_I64] = "i64",
        [OCI_KIND_U16] = "u16",   [OCI_KIND_U32] = "u32",         [OCI_KIND_U64] = "u64",
        [OCI_KIND_STR] = "str",   [OCI_KIND_ENUM] = "enum:",      [OCI_KIND_OBJ] = "obj:",
        [OCI_KIND_STRS] = "strs", [OCI_KIND_U32S] = "u32s",       [OCI_KIND_ENUMS] = "enums:",
        [OCI_KIND_ARR] = "arr:",  [OCI_KIND_STR_MAP] = "map:str", [OCI_KIND_MAP] = "map:",
    };
    static const char *const needs[] = {
        [OCI_NEED_OPT] = "opt", [OCI_NEED_LIN] = "lin", [OCI_NEED_REQ] = "req"
    };
    const char *of = "";
    if (is_object(field))
        of = field->of.schema->name + strlen("oci_");
    else if (field->kind == OCI_KIND_ENUM || field->kind == OCI_KIND_ENUMS)
        of = enum_label(field->of.names);
    snprintf(text, size, "%s.%s %s%s %s", schema->name + strlen("oci_"), field->key,
             kinds[field->kind], of, needs[field->need]);
}

static bool is_listed(const char *text)
{
    for (size_t i = 0; i < COUNT(shape); i++)
        if (strcmp(shape[i], text) == 0)
            return true;
    return false;
}

static void tables_are_the_specification(void **state)
{
    (void) state;
    size_t fields = 0;
    for (size_t i = 0; i < schema_count; i++) {
        for (uint32_t row = 0; row < schemas[i]->n; row++, fields++) {
            char text[160];
            describe(schemas[i], &schemas[i]->fields[row], text, sizeof(text));
            if (!is_listed(text))
                fail_msg("not in the list: %s", text);
        }
    }
    assert_int_equal(schema_count, TYPES + OUR_TYPES);
    assert_int_equal(fields, FIELDS + OUR_FIELDS);
    assert_int_equal(COUNT(shape), FIELDS + OUR_FIELDS);
}

/* So that the count above proves that each is there. */
static void names_differ(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(shape); i++)
        for (size_t other = 0; other < i; other++)
            assert_string_not_equal(shape[i], shape[other]);
    for (size_t i = 0; i < schema_count; i++) {
        for (uint32_t row = 0; row < schemas[i]->n; row++) {
            const struct oci_field *field = &schemas[i]->fields[row];
            assert_int_equal(field->length, strlen(field->key));
            for (uint32_t other = 0; other < row; other++) {
                assert_string_not_equal(field->key, schemas[i]->fields[other].key);
                assert_int_not_equal(field->offset, schemas[i]->fields[other].offset);
            }
        }
    }
}

static void enums_are_the_specification(void **state)
{
    (void) state;
    assert_int_equal(COUNT(enums), COUNT(enum_tables));
    for (size_t i = 0; i < COUNT(enums); i++) {
        char text[1024];
        size_t used = (size_t) snprintf(text, sizeof(text), "%s", enum_tables[i].name);
        for (uint8_t value = 0; value < enum_tables[i].names->n; value++)
            used += (size_t) snprintf(text + used, sizeof(text) - used, " %s",
                                      oci_enum_name(enum_tables[i].names, value));
        assert_string_equal(text, enums[i]);
    }
}

static void enums_go_both_ways(void **state)
{
    (void) state;
    uint8_t value = 77;
    assert_true(oci_enum_value(&oci_nstype_names, "time", &value));
    assert_int_equal(value, OCI_NSTYPE_TIME);
    assert_true(oci_enum_value(&oci_scmp_act_names, "SCMP_ACT_NOTIFY", &value));
    assert_int_equal(value, OCI_SCMP_ACT_NOTIFY);
    assert_true(oci_enum_value(&oci_status_names, "paused", &value));
    assert_int_equal(value, OCI_STATUS_PAUSED);
    value = 77;
    assert_false(oci_enum_value(&oci_nstype_names, "Time", &value));
    assert_false(oci_enum_value(&oci_nstype_names, "tim", &value));
    assert_false(oci_enum_value(&oci_nstype_names, "", &value));
    assert_int_equal(value, 77);
    assert_null(oci_enum_name(&oci_nstype_names, 8));
    assert_null(oci_enum_name(&oci_nstype_names, 255));
}

static void an_unknown_name_comes_with_the_known(void **state)
{
    (void) state;
    char json[200], name[101] = "";
    static const char format[] = "{\"type\":\"%s\"}";

    snprintf(json, sizeof(json), format, "net");
    refusal(&oci_namespace_schema, json, strlen(json));
    assert_ptr_equal(problem.names, &oci_nstype_names);
    assert_string_equal(problem.value, "net");

    memset(name, 'n', sizeof(name) - 1);
    snprintf(json, sizeof(json), format, name);
    refusal(&oci_namespace_schema, json, strlen(json));
    assert_int_equal(strlen(problem.value), sizeof(problem.value) - 1);

    assert_null(decode_bytes(&oci_namespace_schema, "{\"type\":1}", strlen("{\"type\":1}")));
    assert_null(problem.names);
    assert_string_equal(problem.value, "");
}

/* A table of somebody else's, as the contract of schema.h describes it. */
struct spoon {
    const char *name;
    uint64_t weight;
    struct oci_opt_bool is_clean;
    struct oci_opt_enum place;
    struct oci_state *owner;
};

static const struct oci_field spoon_fields[] = {
    OCI_FIELD(spoon, name, "name", STR, REQ),
    OCI_FIELD(spoon, weight, "weight", U64, REQ),
    OCI_FIELD(spoon, is_clean, "isClean", BOOL, OPT),
    OCI_FIELD_OF(spoon, place, "place", ENUM, oci_rootprop, LIN),
    OCI_FIELD_OF(spoon, owner, "owner", OBJ, oci_state, OPT),
};
static const struct oci_schema spoon_schema = OCI_SCHEMA(spoon, spoon_fields);

static void others_may_write_tables(void **state)
{
    (void) state;
    const char *json = "{\"name\":\"tea\",\"weight\":18446744073709551615,\"isClean\":false,"
                       "\"place\":\"slave\"}";
    struct spoon *spoon = decode(&spoon_schema, json);
    assert_string_equal(spoon->name, "tea");
    assert_int_equal(spoon->weight, UINT64_MAX);
    assert_true(spoon->is_clean.present);
    assert_false(spoon->is_clean.value);
    assert_true(spoon->place.present);
    assert_int_equal(spoon->place.value, OCI_ROOTPROP_SLAVE);
    assert_null(spoon->owner);
    assert_string_equal(oci_encode(&spoon_schema, spoon, false, &arena, NULL), json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("the tables have every type and member, and nothing else",
             tables_are_the_specification),
        TEST("no member is listed twice", names_differ),
        TEST("[G5] the enums have every value, in order", enums_are_the_specification),
        TEST("enum names and values go both ways", enums_go_both_ways),
        TEST("[G5] an unknown name comes with those that are known",
             an_unknown_name_comes_with_the_known),
        TEST("other modules may write tables", others_may_write_tables),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("schema", tests, collect_all, arena_drop);
}
