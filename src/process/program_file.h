/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* What execve(2) would see of a file: elf(5), and the first line of a script. */

enum { PROGRAM_INTERPRETER_SIZE = 256 };

enum program_kind { PROGRAM_EMPTY, PROGRAM_ELF, PROGRAM_SCRIPT, PROGRAM_OTHER };

struct program_file {
    enum program_kind kind;
    mode_t mode;
    unsigned machine;                           /* of an ELF: e_machine */
    char interpreter[PROGRAM_INTERPRETER_SIZE]; /* "#!" or PT_INTERP; empty without one */
};

/* Looks at PATH, absolute, below the directory ROOT of the host, whose links lead nowhere else.
 * False: there is none, or none that we could read; FILE is untouched then.  Whatever the file
 * says, no more than its first bytes, its program headers and its interpreter's name are read. */
bool program_file_look(const char *root, const char *path, struct program_file *file);

/* Whether PATH is there below ROOT. */
bool program_file_is_there(const char *root, const char *path);

/* Whether this machine executes such ELFs, as far as we know. */
bool program_file_is_native(unsigned machine);

/* A machine as images name it, "arm64"; "another machine" for one without a name here. */
const char *program_file_machine(unsigned machine);
