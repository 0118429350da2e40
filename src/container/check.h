/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "os/trial.h"

struct arena;
struct bundle;
struct check;
struct launch_request;
struct survey;

/*
 * check: what this host has and lacks for containers, or for that of one bundle.  Nothing is
 * believed that can be tried: each row of the table (check_table.c) is tried in a child that is
 * thrown away.
 */
enum check_status {
    CHECK_OK,
    CHECK_UNNEEDED, /* it is not there, and nobody asks for it */
    CHECK_UNTRIED,  /* only a start would show it, or what comes first is missing */
    CHECK_DEGRADED, /* containers start without, and lack something */
    CHECK_MISSING,  /* what was asked about does not start without */
};

/* "not needed" */
const char *check_status_name(enum check_status status);

/* What has come of one row. */
struct check_result {
    const char *group, *name;
    const char *path; /* of which filesystem, or NULL */
    enum check_status status;
    const char *found; /* what there is, "" if there is no more to say than that; or why it was not
                        * tried */
    const char *affects; /* what does not work without it, or NULL */
    const char *mend;    /* what mends it, if the error does not know better; or NULL */
    struct error *error; /* why it is not there, or NULL; not the hearer's to keep */
};

/* What has been warned of (check_config.h), the first of it in words, which may be cut: no arena
 * has them, since who warns may be writing at its end. */
enum { CHECK_WARNINGS_MAX = 32, CHECK_WARNING_SIZE = 512 };
struct check_warnings {
    char v[CHECK_WARNINGS_MAX][CHECK_WARNING_SIZE];
    uint32_t n; /* of all that there were */
};

/* What is checked, and who hears of it.  An error of his ends it. */
struct check_wish {
    const struct launch_request *request; /* that of a bundle, or of a config as `tare spec` writes
                                           * it; NULL: that cannot be used */
    bool is_host_alone;                   /* the latter */
    struct check_warnings *warnings;      /* of a bundle: begun before it was opened; or NULL */
    const char *root;                     /* --root, or NULL */
    int interrupts;                       /* of struct interrupts, held by who calls */
    fallible (*say)(const struct check_result *result, void *context);
    void *context;
};

/* Tries all there is.  Errors are those of SAY, of having no memory, and ERROR_INTERRUPTED: what
 * was being tried then is not told, since the signal may have ended it, too. */
fallible check_host(const struct check_wish *wish, struct arena *arena);

/* Removes the cgroups that were left by who was killed while he checked, wherever they are; those
 * above that had to be made for them cannot be told from others' and stay.  Errors: where cgroups
 * are is not to be found out. */
fallible check_collect(void);

/* For the probes ------------------------------------------------------------------------------- */

/* What one is told, and what it finds.  It runs in a child, so it need not clean up what ends with
 * that; its error says why the thing is not there. */
struct probe {
    const struct check *check;
    const struct check_wish *wish;
    const struct survey *survey;
    struct arena *arena;
    const char *path; /* for rows of which there is one for each filesystem */
    char *found;      /* TRIAL_FOUND_SIZE bytes, "" */
};

/* A row.  Lacking, it is MISSING for who is IS_DEMANDED by, else OTHERWISE. */
struct check {
    const char *group, *name;
    bool (*is_demanded)(const struct survey *survey, const struct check *check); /* NULL: by none */
    enum check_status otherwise;
    fallible (*probe)(struct probe *probe);
    uint64_t flag;    /* CLONE_NEW* of a namespace, RLIMIT_* of a limit */
    const char *file; /* of a setting, below /proc or, with a slash in front, anywhere */
    const char *off;  /* of a setting that hardens: its text where that is not in force, or NULL */
    const char *affects;
    const char *mend;
};

/* All rows, in the order in which they are told; the last has no name. */
extern const struct check checks[];
