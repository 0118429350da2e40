/* SPDX-License-Identifier: Apache-2.0 */
/* process.apparmorProfile, the host's half.  What surprises: "unconfined" is a profile like others,
 * which takes off the one that tare itself may be under; only the whole word means it. */

#include "security/apparmor.h"

#include <fcntl.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "libocispec/process.h"
#include "os/fd.h"
#include "security/label.h"

static bool is_in_force(void)
{
    char text[8] = "";
    auto_close int fd =
        open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return false;
    struct error *error = fd_read_small(fd, text, sizeof(text));
    bool is_read = !error;
    error_forget(error);
    return is_read && text[0] == 'Y';
}

fallible apparmor_plan(const struct oci_process *process, const char **profile)
{
    static const char field[] = "process.apparmorProfile";
    const char *name = process->apparmor_profile;
    bool is_wanted = name && *name;

    if (is_wanted)
        try(label_check(field, name));
    if (is_wanted && !is_in_force()) {
        if (!text_equal(name, "unconfined"))
            return error_hint(
                error_unsupported(field, "\"%s\": AppArmor is not in force here", name),
                "leave it out, or boot with AppArmor among the modules of lsm=");
        is_wanted = false;
    }
    *profile = is_wanted ? name : NULL;
    return OK;
}
