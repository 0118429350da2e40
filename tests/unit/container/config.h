/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An arena, configs written with ' for ", and what the tests say about errors. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "libocispec/arena.h"
#include "libocispec/config.h"

static char memory[1 << 23] __attribute__((aligned(4096)));
static struct arena arena;

static inline void arena_reset(void)
{
    memset(memory, 0, arena.used);
    arena = (struct arena){ .base = memory, .size = sizeof(memory) };
}

static inline char *quote(const char *json)
{
    char *quoted = arena_string(&arena, json);
    assert_non_null(quoted);
    for (char *c = quoted; *c; c++)
        if (*c == '\'')
            *c = '"';
    return quoted;
}

static inline struct oci_config *decode(const char *json)
{
    struct oci_problem problem = { 0 };
    const char *quoted = quote(json);
    struct oci_config *config =
        oci_decode(&oci_config_schema, &arena, quoted, strlen(quoted), &problem);
    if (!config)
        fail_msg("%s: %s: %s", json, problem.path, problem.reason);
    return config;
}

static inline void assert_ok(struct error *error)
{
    if (error)
        fail_msg("%s (%s)", error->text, strerror(error->number));
}

static inline void assert_error(struct error *error, enum error_code code, const char *text)
{
    assert_non_null(error);
    assert_string_equal(error->text, text);
    assert_int_equal(error->code, code);
    error_forget(error);
}
