/* SPDX-License-Identifier: Apache-2.0 */
/* From a JSON path back to line and column: the document is read once more, and each level knows
 * how much of the path has led to it. */
#include <string.h>

#include "libocispec/json.h"
#include "libocispec/path.h"
#include "libocispec/problem.h"
#include "libocispec/schema.h"

struct level {
    const char *rest; /* of the path, once here; NULL: the path does not lead here */
    const char *next; /* object: the rest behind the current member, NULL as above */
    bool is_array;
    uint32_t count;
};

struct search {
    const char *path;
    const char *nearest; /* the rest at the best place so far */
    size_t offset;       /* of that place */
    uint32_t depth;
    struct level levels[JSON_DEPTH_MAX];
};

static bool take_key(void *context, struct json_reader *reader, const char *text, size_t length)
{
    (void) reader;
    struct search *search = context;
    struct level *level = &search->levels[search->depth - 1];
    level->next = level->rest ? path_member(level->rest, text, length) : NULL;
    return true;
}

/* What is left of the path at the value that comes; NULL if it does not lead there. */
static const char *find_rest(struct search *search)
{
    if (search->depth == 0)
        return search->path;
    struct level *level = &search->levels[search->depth - 1];
    if (!level->is_array)
        return level->next;
    uint32_t index;
    const char *rest = level->rest ? path_index(level->rest, &index) : NULL;
    return rest && index == level->count++ ? rest : NULL;
}

static bool take_value(void *context, struct json_reader *reader, const struct json_token *token)
{
    struct search *search = context;
    bool is_open = token->type == JSON_OBJECT || token->type == JSON_ARRAY;
    const char *rest = find_rest(search);
    if (rest && (is_open || *rest == '\0') && (!search->nearest || rest > search->nearest)) {
        search->nearest = rest;
        search->offset = json_offset(reader);
    }
    if (is_open)
        search->levels[search->depth++] =
            (struct level){ .rest = rest, .is_array = token->type == JSON_ARRAY };
    return true;
}

static bool take_end(void *context, struct json_reader *reader)
{
    (void) reader;
    struct search *search = context;
    search->depth--;
    return true;
}

void oci_locate(const char *json, size_t length, const char *path, size_t *line, size_t *column)
{
    static const struct json_handler handler = { take_key, take_value, take_end };
    struct oci_problem problem;
    struct search search;
    search.path = path;
    search.nearest = NULL;
    search.offset = 0;
    search.depth = 0;
    json_read(&(struct json_input){ .text = json, .length = length, .problem = &problem }, &handler,
              &search);
    problem_place(json, search.offset, line, column);
}
