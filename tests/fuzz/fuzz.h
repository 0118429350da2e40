/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What fuzz targets share.  A target is a program: with --enable-fuzzing libFuzzer's, otherwise one
 * that reads the files it is given (replay.c). */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "libocispec/arena.h"
#include "os/memory.h"

/* The interface of libFuzzer: one input, which is not changed.  Ends by a signal when something is
 * wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_SIZE_MAX = 1 << 20, FUZZ_ARENA = 4 << 20, FUZZ_FDS = 64 };

static struct arena arena;

/* An input has the arena to itself, and stands alone in its memory, so that AddressSanitizer sees
 * who reads past its end. */
static inline char *fuzz_begin(const uint8_t *data, size_t size)
{
    char *text = size <= FUZZ_SIZE_MAX ? malloc(size ? size : 1) : NULL;

    if (!text || memory_open_private(&arena, FUZZ_ARENA))
        abort();
    memcpy(text, data, size);
    return text;
}

/* The same with a NUL behind it. */
static inline char *fuzz_begin_text(const uint8_t *data, size_t size)
{
    char *text = fuzz_begin(data, size);

    text = realloc(text, size + 1);
    if (!text)
        abort();
    text[size] = '\0';
    return text;
}

static inline void fuzz_end(char *text)
{
    memory_close(&arena);
    free(text);
    /* What a plan has opened is closed by the end of the command. */
    for (int fd = FUZZ_FDS; fd < 2 * FUZZ_FDS; fd++)
        close(fd);
}

/* The lines of an input, which they cut up; at most MOST, what is behind them is the last one's. An
 * empty input is one empty line.  Bytes behind a NUL do not count. */
static inline uint32_t fuzz_lines(char *text, char **lines, uint32_t most)
{
    uint32_t n = 0;

    lines[n++] = text;
    for (; *text && n < most; text++)
        if (*text == '\n') {
            *text = '\0';
            lines[n++] = text + 1;
        }
    return n;
}

/* An error says something, on one line. */
static inline void fuzz_judge(struct error *error)
{
    if (!error)
        return;
    if (!error->text[0])
        abort();
    error_forget(error);
}
