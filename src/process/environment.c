/* SPDX-License-Identifier: Apache-2.0 */
/* process.env.  A name that comes twice keeps its first place and gets its last value. */

#include "process/environment.h"

#include <string.h>

#include "base/allocate.h"
#include "base/text.h"
#include "libocispec/schema.h"

/* Finds a name among the entries so far without comparing it with each of them. */
struct index {
    uint32_t *slots; /* entry + 1, or 0 */
    uint32_t mask;
};

static uint32_t hash_name(const char *name, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char) name[i]) * 16777619u;
    return hash;
}

/* The slot of the name of ENTRY (LENGTH bytes, then '='), or the free one where it belongs. */
static uint32_t *find_slot(const struct index *index, const char *const *entries, const char *entry,
                           size_t length)
{
    uint32_t at = hash_name(entry, length) & index->mask;
    while (index->slots[at] && strncmp(entries[index->slots[at] - 1], entry, length + 1) != 0)
        at = (at + 1) & index->mask;
    return &index->slots[at];
}

static fallible check_entry(const char *entry, uint32_t i, size_t *name_length)
{
    const char *equals = strchr(entry, '=');
    if (equals && equals != entry) {
        *name_length = (size_t) (equals - entry);
        return OK;
    }
    char field[ERROR_FIELD_SIZE];
    text_format(field, sizeof(field), "process.env[%u]", i);
    return error_config(field, "\"%s\" is not of the form NAME=value", entry);
}

static fallible add_entries(const struct oci_string_array *env, const struct index *index,
                            struct environment_plan *plan)
{
    for (uint32_t i = 0; i < env->n; i++) {
        size_t length = 0;
        try(check_entry(env->v[i], i, &length));
        uint32_t *slot = find_slot(index, plan->v, env->v[i], length);
        if (*slot == 0)
            *slot = ++plan->n;
        plan->v[*slot - 1] = env->v[i];
    }
    return OK;
}

static const char **find_entry(const struct environment_plan *plan, const char *beginning)
{
    for (uint32_t i = 0; i < plan->n; i++)
        if (text_starts(plan->v[i], beginning))
            return &plan->v[i];
    return NULL;
}

static const char *find_value(const struct environment_plan *plan, const char *beginning)
{
    const char **entry = find_entry(plan, beginning);

    return entry ? *entry + strlen(beginning) : NULL;
}

fallible environment_plan(const struct oci_string_array *env, struct arena *arena,
                          struct environment_plan *plan)
{
    struct environment_plan made = { 0 };
    struct index index = { .mask = 7 };
    while (index.mask / 2 < env->n)
        index.mask = index.mask * 2 + 1;
    try_new(index.slots, arena, (size_t) index.mask + 1);
    try_new(made.v, arena, (size_t) env->n + 2);

    try(add_entries(env, &index, &made));
    made.path = find_value(&made, "PATH=");
    made.lacks_home = !find_value(&made, "HOME=");
    *plan = made;
    return OK;
}

void environment_plan_pid(struct environment_plan *plan)
{
    plan->pid = find_entry(plan, "LISTEN_PID=");
}
