/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "launch/host.h"

/*
 * check: what a start would need of the host, found out without one.  The plan is that of a start;
 * what is tried are rows of its storyboard, those that make nothing, and the birth of a child that
 * does nothing.
 */
struct survey {
    struct host host;
    struct plan *plan; /* NULL: it cannot be planned */
};

/* Plans what REQUEST, of a dry run, asks for; the errors are those of a start. */
fallible survey_plan(const struct launch_request *request, struct arena *arena,
                     struct survey *survey);
void survey_close(struct survey *survey);

/* A part of the start that can be tried by itself, where the plan has it. */
struct survey_part {
    const char *name;
    const char *field;
    bool (*when)(const struct survey *);
    fallible (*run)(struct launch *);
};

/* All of them; the last has no name. */
extern const struct survey_part survey_parts[];

/* Tries one.  For a child that is thrown away (os/trial.h): what is opened stays
 * open, and it may be filtered afterwards. */
fallible survey_try(const struct survey *survey, const struct survey_part *part);

/* A part: the program of the process, where it lies on the host; and whether that can be known. */
bool survey_knows_program(const struct survey *survey);
fallible survey_find_program(struct launch *launch);

/* The root filesystem, by a path of the host (arena). */
fallible survey_name_root(const struct survey *survey, const char **path);

/* A child that does nothing, born in new namespaces of these types (CLONE_NEW*, not time) as init
 * is; the caller's to end. */
fallible survey_bear(uint64_t namespaces, struct keeper *keeper);
