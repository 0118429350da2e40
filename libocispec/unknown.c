/* SPDX-License-Identifier: Apache-2.0 */
/* What decoding skips.  The document is read once more, so that decoding need not know who asks. */
#include "libocispec/unknown.h"

#include <string.h>

#include "libocispec/arena.h"
#include "libocispec/config.h"
#include "libocispec/engine.h"
#include "libocispec/json.h"

/* An object or array that is open: one of both is NULL, or, where nothing is known, both are. */
struct level {
    const struct oci_schema *schema; /* of an object */
    const struct oci_field *field;   /* object: the current member, NULL if unknown; list: itself */
};

struct search {
    const struct oci_schema *schema; /* of the document */
    struct arena *arena;
    const struct oci_unknown_hearer *hearer;
    struct oci_problem problem;
    bool is_over; /* the hearer has had enough */
    uint32_t depth;
    struct level levels[JSON_DEPTH_MAX];
};

static bool is_of_other_platform(const struct oci_schema *schema, const char *name)
{
    static const char *const sections[] = { "freebsd", "solaris", "windows", "zos" };

    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
        if (schema == &oci_config_schema && strcmp(sections[i], name) == 0)
            return true;
    return false;
}

static bool is_extension(const char *name)
{
    return strncmp(name, "x-", 2) == 0 || strchr(name, '.');
}

/* The path is that which a problem would have here. */
static bool tell(struct search *search, struct json_reader *reader, const char *name)
{
    const struct oci_schema *object = search->levels[search->depth - 1].schema;

    if (is_extension(name) || is_of_other_platform(object, name))
        return true;
    json_refuse(reader, json_offset(reader), NULL, "unknown member");
    const struct oci_unknown unknown = { search->problem.path, name, object };
    search->is_over = !search->hearer->hear(&unknown, search->hearer->context);
    return !search->is_over;
}

static bool take_key(void *context, struct json_reader *reader, const char *text, size_t length)
{
    struct search *search = context;
    struct level *level = &search->levels[search->depth - 1];

    if (!level->schema)
        return true;
    level->field = oci_schema_field(level->schema, text, length);
    if (level->field)
        return true;
    const char *name = arena_copy(search->arena, text, length);
    return name && tell(search, reader, name);
}

/* What is known of the object or array that comes, from the one that has it. */
static struct level enter(const struct level *level)
{
    const struct oci_field *field = level->field;

    if (!field)
        return (struct level){ NULL, NULL };
    if (!level->schema || field->kind == OCI_KIND_OBJ)
        return (struct level){ field->of.schema, NULL };
    if (field->kind == OCI_KIND_ARR || field->kind == OCI_KIND_MAP)
        return (struct level){ NULL, field };
    return (struct level){ NULL, NULL };
}

static bool take_value(void *context, struct json_reader *reader, const struct json_token *token)
{
    struct search *search = context;

    (void) reader;
    if (token->type != JSON_OBJECT && token->type != JSON_ARRAY)
        return true;
    const struct level level = search->depth > 0 ? enter(&search->levels[search->depth - 1])
                                                 : (struct level){ search->schema, NULL };
    search->levels[search->depth++] = level;
    return true;
}

static bool take_end(void *context, struct json_reader *reader)
{
    struct search *search = context;

    (void) reader;
    search->depth--;
    return true;
}

bool oci_find_unknown(const struct oci_schema *schema, struct arena *arena, const char *json,
                      size_t length, const struct oci_unknown_hearer *hearer)
{
    static const struct json_handler handler = { take_key, take_value, take_end };
    struct search search;

    search.schema = schema;
    search.arena = arena;
    search.hearer = hearer;
    search.is_over = false;
    search.depth = 0;
    const struct json_input input = { json, length, arena, &search.problem };
    return json_read(&input, &handler, &search) || search.is_over;
}
