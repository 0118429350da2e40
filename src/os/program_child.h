/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

struct program;

/* The other half of os/program.c, and of that alone. */
struct program_child {
    const struct program *program;
    int input, output; /* its standard streams */
    int report;        /* closed by the exec; before that it may get a failure */
    pid_t parent;      /* who has called: without it nobody would end the program */
};

/* What is tried before it is the program. */
enum program_attempt { PROGRAM_SESSION, PROGRAM_STREAMS, PROGRAM_DIRECTORY, PROGRAM_EXECUTE };

struct program_failure {
    enum program_attempt attempt;
    int number; /* errno */
};

_Noreturn void program_become(const struct program_child *child);
