/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct oci_process;

/* process.apparmorProfile (config.md#linux-process).  PROFILE is NULL when there is nothing to do:
 * it is absent or empty, or "unconfined" where AppArmor confines nobody.  Any other one where
 * AppArmor is not in force is ERROR_UNSUPPORTED. */
fallible apparmor_plan(const struct oci_process *process, const char **profile);

/* Inside: the caller is under the profile from its next execve(2) on; read back (R12). */
fallible apparmor_apply(const char *profile);
