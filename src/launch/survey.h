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

enum { SURVEY_DOUBT_SIZE = 512 };

/* A part of the start that can be tried by itself, where the plan has it; but for some, of which
 * DOUBT says WHY (one line) only a start would show it. */
struct survey_part {
    const char *name;
    const char *field;
    bool (*when)(const struct survey *);
    bool (*doubt)(const struct survey *, char why[SURVEY_DOUBT_SIZE]); /* or NULL */
    fallible (*run)(struct launch *); /* NULL: it is always in doubt */
    const char *affects; /* what does not work where it fails, though the start goes on; or NULL */
};

/* All of them; the last has no name. */
extern const struct survey_part survey_parts[];

/* Tries one.  For a child that is thrown away (os/trial.h): what is opened stays
 * open, and it may be filtered afterwards. */
fallible survey_try(const struct survey *survey, const struct survey_part *part);

/* Plays the row of that name. */
fallible survey_play(const struct step *steps, struct launch *launch, const char *name);

/* A part: the program of the process, where it lies on the host; and why that cannot be known.  And
 * what they share with hooks. */
bool survey_doubt_program(const struct survey *survey, char why[SURVEY_DOUBT_SIZE]);
fallible survey_find_program(struct launch *launch);

/* Whether a mount may bring or hide what PATH of the image leads to, or what is to run it; and
 * which.  Or whether binfmt_misc may run what the kernel does not. */
bool survey_doubt_file(const struct survey *survey, const char *path, char why[SURVEY_DOUBT_SIZE]);

/* Whether binfmt_misc may run the file at PATH below ROOT, which the kernel does not. */
bool survey_doubt_format(const char *root, const char *path, char why[SURVEY_DOUBT_SIZE]);

/* Whether a mount may bring or hide what PATH, of a directory or anything else, leads to. */
bool survey_doubt_path(const struct survey *survey, const char *path, char why[SURVEY_DOUBT_SIZE]);

/* The errno of an execve(2) of the file at PATH below ROOT, as far as what it is tells; else 0,
 * also where binfmt_misc may run it. */
int survey_judge(const char *root, const char *path);

/* Parts: the hooks of the host, of which those of poststop do not fail what they follow; and those
 * of the container's files. */
bool survey_has_hooks(const struct survey *survey);
bool survey_doubt_hooks(const struct survey *survey, char why[SURVEY_DOUBT_SIZE]);
fallible survey_find_hooks(struct launch *launch);
bool survey_has_poststop_hooks(const struct survey *survey);
bool survey_doubt_poststop_hooks(const struct survey *survey, char why[SURVEY_DOUBT_SIZE]);
fallible survey_find_poststop_hooks(struct launch *launch);
bool survey_doubt_start_hooks(const struct survey *survey, char why[SURVEY_DOUBT_SIZE]);
fallible survey_find_start_hooks(struct launch *launch);

/* Parts: what is tried in namespaces like the container's. */
bool survey_makes_namespaces(const struct survey *survey);
bool survey_doubt_birth(const struct survey *survey, char why[SURVEY_DOUBT_SIZE]);
fallible survey_be_borne(struct launch *launch);
bool survey_makes_filesystems(const struct survey *survey);
bool survey_doubt_filesystems(const struct survey *survey, char why[SURVEY_DOUBT_SIZE]);
fallible survey_try_filesystems(struct launch *launch);
bool survey_makes_early_filesystems(const struct survey *survey);
bool survey_doubt_early_filesystems(const struct survey *survey, char why[SURVEY_DOUBT_SIZE]);
bool survey_doubt_cwd(const struct survey *survey, char why[SURVEY_DOUBT_SIZE]);
fallible survey_try_cwd(struct launch *launch);
bool survey_sets_sysctls(const struct survey *survey);
bool survey_doubt_sysctls(const struct survey *survey, char why[SURVEY_DOUBT_SIZE]);
fallible survey_write_sysctls(struct launch *launch);

/* The root filesystem, by a path of the host (arena), and opened (O_PATH): -1 where that fails, of
 * which its own part tells. */
fallible survey_name_root(const struct survey *survey, const char **path);
fallible survey_open_root(struct launch *launch, const char **path, int *directory);

/* Becomes the user of the process, in a user namespace like the container's, with the capabilities
 * that he has there; ROOT is that of survey_open_root().  And why that cannot be done here. */
fallible survey_become_user(struct launch *launch, int root);
bool survey_doubt_user(const struct survey *survey, char why[SURVEY_DOUBT_SIZE]);

/* A child that does nothing, born in new namespaces of these types (CLONE_NEW*, not time) as init
 * is; the caller's to end. */
fallible survey_bear(uint64_t namespaces, struct keeper *keeper);
