/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For the tests of labels: a kernel that says yes to everything, and sets nothing. */

#include "tests/unit/os/in_child.h"

#include "os/syscalls.h"

static inline void lie_about_labels(void)
{
    refuse_call(SYS_lsm_set_self_attr, 0);
    refuse_call(SYS_lsm_get_self_attr, 0);
}

static inline void expect(struct error *error, enum error_code code, const char *text)
{
    if (!error || strcmp(error->text, text) != 0)
        dprintf(STDERR_FILENO, "# \"%s\"\n", error ? error->text : "no error");
    demand(error && error->code == code && strcmp(error->text, text) == 0);
    error_forget(error);
}
