/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct arena;
struct oci_string_array;

/* process.env (config.md#process). */
struct environment_plan {
    const char **v;   /* as execve(2) wants it, NULL at the end, last slot but one free for HOME */
    uint32_t n;       /* entries used */
    const char *path; /* the value of PATH in it, or NULL */
    bool lacks_home;  /* init adds HOME from the container's passwd, or "/" */
    const char **pid; /* the entry that init makes say its number, or NULL */
};

/* Checks that each entry has the form NAME=value; of the same name, the last one wins. */
fallible environment_plan(const struct oci_string_array *env, struct arena *arena,
                          struct environment_plan *plan);

/* Has init write its own number into LISTEN_PID, where that is in the environment
 * (sd_listen_fds(3)): nobody knows it beforehand. */
void environment_plan_pid(struct environment_plan *plan);

/* Inside: the home directory of UID from /etc/passwd below ROOT, read with bounded effort from a
 * regular file (R15), as "HOME=/dir" in BUFFER; "HOME=/" when there is none. */
fallible environment_find_home(int root, uint32_t uid, char *buffer, uint32_t size);
