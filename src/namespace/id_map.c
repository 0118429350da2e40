/* SPDX-License-Identifier: Apache-2.0 */
/* linux.uidMappings and linux.gidMappings as tables.  The kernel refuses a map that has an id
 * twice, with EINVAL and no further word: so that is found out here. */

#include "namespace/id_map.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/text.h"
#include "libocispec/mount.h"

enum { LINE_SIZE = 3 * 11 + 1 }; /* three numbers, each with the character behind it */

#define refuse(map, i, member, ...)                                                                \
    do {                                                                                           \
        char refuse_field[ERROR_FIELD_SIZE];                                                       \
        text_format(refuse_field, sizeof(refuse_field), "%s[%u].%s", map, i, member);              \
        return error_config(refuse_field, __VA_ARGS__);                                            \
    } while (0)

/* No id may be 4294967295, which means "none". */
static bool is_in_range(uint32_t first, uint32_t size)
{
    return (uint64_t) first + size <= UINT32_MAX;
}

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
    return a < (uint64_t) b + b_size && b < (uint64_t) a + a_size;
}

static fallible check_mapping(const char *field, uint32_t i, const struct id_mapping *mapping)
{
    if (mapping->size == 0)
        refuse(field, i, "size", "a mapping of no ids");
    if (!is_in_range(mapping->inside, mapping->size))
        refuse(field, i, "containerID", "%u ids from %u on reach beyond 4294967294", mapping->size,
               mapping->inside);
    if (!is_in_range(mapping->outside, mapping->size))
        refuse(field, i, "hostID", "%u ids from %u on reach beyond 4294967294", mapping->size,
               mapping->outside);
    return OK;
}

static fallible check_apart(const char *field, uint32_t i, const struct id_mapping *list)
{
    for (uint32_t j = 0; j < i; j++) {
        if (overlap(list[i].inside, list[i].size, list[j].inside, list[j].size))
            refuse(field, i, "containerID", "an id of %s[%u] is mapped once more", field, j);
        if (overlap(list[i].outside, list[i].size, list[j].outside, list[j].size))
            refuse(field, i, "hostID", "an id of %s[%u] is mapped once more", field, j);
    }
    return OK;
}

/* The kernel takes a map in one write that is shorter than a page. */
static fallible print(const char *field, struct id_map *map, struct arena *arena)
{
    size_t size = (size_t) map->n * LINE_SIZE + 1, length = 0;
    char *text;

    try_new(text, arena, size);
    for (uint32_t i = 0; i < map->n; i++)
        length += text_format(text + length, size - length, "%u %u %u\n", map->v[i].inside,
                              map->v[i].outside, map->v[i].size);
    if (length >= (size_t) sysconf(_SC_PAGESIZE))
        return error_hint(error_config(field,
                                       "the mappings take %zu bytes, and the kernel takes "
                                       "less than a page (%ld)",
                                       length, sysconf(_SC_PAGESIZE)),
                          "join mappings that go on where another ends");
    map->text = text;
    return OK;
}

fallible id_map_plan(const char *field, const struct oci_idmap_array *mappings, struct arena *arena,
                     struct id_map *map)
{
    struct id_map made = { .n = mappings->n };

    if (mappings->n > ID_MAPPINGS)
        return error_config(field, "%u mappings are more than the kernel's %d", mappings->n,
                            ID_MAPPINGS);
    try_new(made.v, arena, made.n);
    for (uint32_t i = 0; i < made.n; i++) {
        const struct oci_idmap *asked = mappings->v[i];
        made.v[i] = (struct id_mapping){ asked->container_id, asked->host_id, asked->size };
        try(check_mapping(field, i, &made.v[i]));
        try(check_apart(field, i, made.v));
    }
    try(print(field, &made, arena));
    *map = made;
    return OK;
}

bool id_map_find(const struct id_map *map, uint32_t inside, uint32_t *outside)
{
    for (uint32_t i = 0; i < map->n; i++) {
        const struct id_mapping *mapping = &map->v[i];
        if (inside < mapping->inside || inside - mapping->inside >= mapping->size)
            continue;
        *outside = mapping->outside + (inside - mapping->inside);
        return true;
    }
    return false;
}

/* The number at the place, behind blanks; moves on. */
static bool take_number(const char **at, uint32_t *number)
{
    char digits[12];
    uint64_t value = 0;
    size_t length;

    *at += strspn(*at, " ");
    length = strspn(*at, "0123456789");
    if (length == 0 || length >= sizeof(digits))
        return false;
    memcpy(digits, *at, length);
    digits[length] = '\0';
    *at += length;
    if (!text_to_unsigned(digits, UINT32_MAX, &value))
        return false;
    *number = (uint32_t) value;
    return true;
}

fallible id_map_parse(const char *text, struct arena *arena, struct id_map *map)
{
    struct id_map made = { 0 };

    try_new(made.v, arena, ID_MAPPINGS);
    for (const char *at = text; *at; at++) {
        struct id_mapping mapping;
        if (made.n == ID_MAPPINGS || !take_number(&at, &mapping.inside) ||
            !take_number(&at, &mapping.outside) || !take_number(&at, &mapping.size) || *at != '\n')
            return error_new(ERROR_SYSTEM, "\"%.60s\" is no id map", text);
        made.v[made.n++] = mapping;
    }
    *map = made;
    return OK;
}

static int compare(const void *a, const void *b)
{
    const struct id_mapping *left = a, *right = b;
    return (left->inside > right->inside) - (left->inside < right->inside);
}

/* Sorts, and joins mappings that go on where another ends. */
static uint32_t normalise(const struct id_map *map, struct id_mapping *out)
{
    uint32_t n = 0;

    memcpy(out, map->v, map->n * sizeof(*out));
    qsort(out, map->n, sizeof(*out), compare);
    for (uint32_t i = 0; i < map->n; i++) {
        struct id_mapping *last = n ? &out[n - 1] : NULL;
        if (last && (uint64_t) last->inside + last->size == out[i].inside &&
            (uint64_t) last->outside + last->size == out[i].outside)
            last->size += out[i].size;
        else
            out[n++] = out[i];
    }
    return n;
}

bool id_map_is_same(const struct id_map *a, const struct id_map *b)
{
    struct id_mapping left[ID_MAPPINGS], right[ID_MAPPINGS];
    uint32_t left_count = normalise(a, left), right_count = normalise(b, right);

    return left_count == right_count && memcmp(left, right, left_count * sizeof(*left)) == 0;
}
