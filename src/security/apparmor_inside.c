/* SPDX-License-Identifier: Apache-2.0 */
/* process.apparmorProfile, carried out.  The kernel looks the profile up when it is asked for, not
 * when it is put on, so that an unknown one fails the start.  The old profile is kept until the
 * exec: nothing that init does is bound by the new one. */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "os/lsm.h"
#include "security/apparmor.h"

/* Names of other namespaces and stacked ones come back in the kernel's own spelling. */
static bool is_plain(const char *profile)
{
    return profile[0] != ':' && profile[0] != '&' && !strstr(profile, "//&");
}

/* The kernel says "name (enforce)"; of "unconfined", the name alone. */
static bool is_set(const char *now, const char *profile)
{
    size_t length = strlen(profile);

    if (!is_plain(profile))
        return *now;
    return text_starts(now, profile) &&
           (!now[length] || (text_starts(now + length, " (") && text_ends(now, ")")));
}

static fallible explain(struct error *error)
{
    if (error && error->number == ENOENT)
        return error_hint(error, "load it with apparmor_parser(8); aa-status(8) lists the loaded");
    if (error && (error->number == EACCES || error->number == EPERM))
        return error_hint(error, "tare's own profile must have a rule change_profile for it");
    return error;
}

fallible apparmor_apply(const char *profile)
{
    char text[LSM_VALUE_SIZE] = "";

    text_format(text, sizeof(text), "exec %s", profile);
    try(explain(lsm_set(LSM_APPARMOR_EXEC, text)));
    try(lsm_get(LSM_APPARMOR_EXEC, text, sizeof(text)));
    if (!is_set(text, profile))
        return error_new(ERROR_READ_BACK, "\"%s\": the kernel says \"%s\"", profile, text);
    return OK;
}
