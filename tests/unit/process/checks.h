/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the unit tests of process, security and namespace share: an arena, warnings that can be
 * looked at, errors that are checked, and children whose credentials can be thrown away. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/arena.h"

enum { WARNING_SIZE = 1024, ARENA_SIZE = 1 << 21 };

static char last_warning[WARNING_SIZE];
static unsigned warnings;

/* Instead of those of base/log. */
void log_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_format_list(last_warning, sizeof(last_warning), format, args);
    va_end(args);
    warnings++;
}

void log_debug(const char *format, ...)
{
    (void) format;
}

static inline struct arena *fresh_arena(void)
{
    static _Alignas(4096) char memory[ARENA_SIZE];
    static struct arena arena;
    memset(memory, 0, sizeof(memory));
    arena = (struct arena){ .base = memory, .size = sizeof(memory) };
    warnings = 0;
    last_warning[0] = '\0';
    return &arena;
}

static inline void assert_ok(struct error *error)
{
    if (error)
        fail_msg("unexpected error %d: %s", (int) error->code, error->text);
}

/* FIELD may be NULL; WORDS must be in the text. */
static inline void assert_error(struct error *error, enum error_code code, const char *field,
                                const char *words)
{
    if (!error)
        fail_msg("no error where one with \"%s\" was due", words);
    if (!strstr(error->text, words))
        fail_msg("\"%s\" is not in \"%s\"", words, error->text);
    assert_int_equal(error->code, code);
    if (field)
        assert_string_equal(error->field, field);
    error_forget(error);
}

static inline void assert_warned(unsigned count, const char *words)
{
    if (warnings != count || !strstr(last_warning, words))
        fail_msg("%u warnings, the last \"%s\", instead of %u with \"%s\"", warnings, last_warning,
                 count, words);
}

/* In a child. */
static inline void must(struct error *error)
{
    if (!error)
        return;
    fprintf(stderr, "child: %s (errno %d)\n", error->text, error->number);
    _exit(1);
}

#define claim(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "child: line %d: not so: %s\n", __LINE__, #condition);                 \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static inline void claim_error(struct error *error, enum error_code code, const char *words)
{
    if (error && error->code == code && strstr(error->text, words)) {
        error_forget(error);
        return;
    }
    fprintf(stderr, "child: \"%s\" where \"%s\" was due\n", error ? error->text : "no error",
            words);
    _exit(1);
}

/* Runs BODY in a child, which must not use the assertions of cmocka. */
static inline void assert_in_child(void (*body)(void))
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        body();
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static inline void need_root(void)
{
    if (geteuid() != 0)
        skip();
}
