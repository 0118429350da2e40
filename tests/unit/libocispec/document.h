/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libocispec/arena.h"
#include "libocispec/schema.h"

/* What the tests of documents share: an arena, and short ways to decode and encode. */

/* A test whose name is a sentence; [ROW] quotes the requirement that it proves. */
#define TEST(sentence, function)                                                                   \
    {                                                                                              \
        sentence, function, NULL, NULL, NULL                                                       \
    }

static struct arena arena;
static struct oci_problem problem;

/* A fresh arena of SIZE bytes; the one before is gone. */
static inline void arena_renew(size_t size)
{
    free(arena.base);
    arena = (struct arena){ calloc(1, size ? size : 1), size, 0 };
    assert_non_null(arena.base);
}

/* Empties the arena. */
static inline void arena_reset(void)
{
    if (!arena.base)
        arena_renew(32 << 20);
    memset(arena.base, 0, arena.used);
    arena.used = 0;
}

static inline int arena_drop(void **state)
{
    (void) state;
    free(arena.base);
    arena = (struct arena){ 0 };
    return 0;
}

/* Decodes from memory that ends where the document ends. */
static inline void *decode_bytes(const struct oci_schema *schema, const char *json, size_t length)
{
    char *exact = malloc(length ? length : 1);
    assert_non_null(exact);
    memcpy(exact, json, length);
    void *object = oci_decode(schema, &arena, exact, length, &problem);
    free(exact);
    return object;
}

static inline void *decode(const struct oci_schema *schema, const char *json)
{
    arena_reset();
    void *object = decode_bytes(schema, json, strlen(json));
    if (!object)
        print_error("%zu:%zu: %s: %s\n", problem.line, problem.column, problem.path,
                    problem.reason);
    assert_non_null(object);
    return object;
}

/* "LINE:COLUMN: PATH: REASON" of a document that must be refused. */
static inline const char *refusal(const struct oci_schema *schema, const char *json, size_t length)
{
    static char text[400];
    arena_reset();
    memset(&problem, 0, sizeof(problem));
    if (decode_bytes(schema, json, length))
        return "accepted";
    snprintf(text, sizeof(text), "%zu:%zu: %s: %s", problem.line, problem.column, problem.path,
             problem.reason);
    return text;
}

/* Reads one of the documents in data/; the caller frees it. */
static inline char *read_document(const char *name)
{
    char path[4096];
    const char *top = getenv("srcdir");
    if (top)
        snprintf(path, sizeof(path), "%s/tests/unit/libocispec/data/%s", top, name);
    else
        snprintf(path, sizeof(path), "%.*sdata/%s", (int) (strrchr(__FILE__, '/') + 1 - __FILE__),
                 __FILE__, name);
    FILE *file = fopen(path, "re");
    if (!file)
        fail_msg("cannot open %s", path);
    char *text = calloc(1, 64 << 10);
    assert_non_null(text);
    size_t length = fread(text, 1, (64 << 10) - 1, file);
    fclose(file);
    assert_in_range(length, 1, (64 << 10) - 2);
    return text;
}
