/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "cli/probes.h"

/*
 * Why a thing failed.  The table has the hints for what the kernel refuses: (code of the error,
 * call, errno, probe) -> cause.  A hint for what the config says stands where that is checked.
 *
 * No hint has the words that engines sort errors by (base/error_names.h); a unit test reads
 * the whole table.
 */
struct cause {
    const char *code;      /* "E-SOURCE-MISSING", stable; NULL: that of the row above */
    const char *meaning;   /* for `tare explain`; NULL: that of the row above */
    enum error_code error; /* ERROR_NONE: any */
    enum error_call call;  /* CALL_NONE: any */
    int number;            /* errno; 0: any */
    bool (*probe)(const struct error *error, char found[PROBE_SIZE]); /* NULL: it is certain */
    const char *hint; /* the likely cause, and one thing to try; "%s" is what the probe has found */
};

/* All of them, the more certain one first; ends with a row without a hint. */
extern const struct cause causes[];

/* The code of a row. */
const char *causes_code(const struct cause *cause);

/* Its hint, with FOUND where a probe's finding belongs. */
void causes_print_hint(const struct cause *cause, const char *found, char hint[ERROR_HINT_SIZE]);

/* Whether a text has none of the words that engines sort errors by. */
bool causes_are_silent(const char *text);

/* Adds hint and cause of the first row that fits, unless the place that failed has given a hint.
 * What the probe has found is left out where it would be taken for an engine's word. */
fallible causes_explain(struct error *error) NEVER_OK;
