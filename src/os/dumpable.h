/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * Who may trace a process, and follow what it has in /proc (root, fd, maps).  Without the dumpable
 * flag it takes CAP_SYS_PTRACE in the user namespace where its program was executed; with it the
 * same ids and no more capabilities, or to own its user namespace, will do (ptrace(2), "Ptrace
 * access mode checking").  A fork inherits the flag.  A change of ids makes it what
 * fs.suid_dumpable says, and an exec sets it, if the program can be read (prctl(2)).
 */

/* Nobody may trace the caller from here on; or it is as it is with any program. */
fallible dumpable_hide(void);
fallible dumpable_show(void);

/*
 * On the host, before a clone(2) into a new user namespace: whom root bears there is hidden from
 * all others of its user, who own that namespace as well.  Anybody else's child stays as it is: he
 * could not write its maps, and who is in another user namespace cannot trace it anyway.
 * dumpable_restore() takes what it gives, and keeps errno.
 */
fallible dumpable_hide_child(bool *was_shown);
void dumpable_restore(bool was_shown);
