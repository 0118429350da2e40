/* SPDX-License-Identifier: Apache-2.0 */
/* check: seccomp, keyrings and the security modules.  The child that asks is filtered, labelled and
 * given a keyring for good, and thrown away. */

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "container/check_probes.h"
#include "libocispec/config.h"
#include "os/session_keyring.h"
#include "os/syscalls.h"
#include "security/apparmor.h"
#include "security/no_new_privileges.h"
#include "security/seccomp.h"
#include "security/selinux.h"

/* In place of what nobody calls here. */
enum { ANSWER = 111 };

/* A filter that answers one call, which is then made. */
fallible check_seccomp(struct probe *probe)
{
    const char *names[] = { "getpgid" };
    struct oci_syscall rule = { .names = { names, 1 },
                                .action = OCI_SCMP_ACT_ERRNO,
                                .errno_ret = { ANSWER, true } };
    struct oci_syscall *rules[] = { &rule };
    const struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ALLOW,
                                         .syscalls = { rules, 1 } };
    struct seccomp_plan plan;

    try(seccomp_plan(&seccomp, false, probe->arena, &plan));
    try(no_new_privileges_set());
    try(seccomp_apply(&plan, -1));
    if (syscall(SYS_getpgid, 0) >= 0 || errno != ANSWER)
        return error_new(ERROR_READ_BACK, "a filter was loaded, and does not filter");
    const char *version = seccomp_library_version(probe->arena);
    text_format(probe->found, TRIAL_FOUND_SIZE, "filters, by libseccomp %s", version);
    return OK;
}

/* The sizes of the kernel's structs are asked for by who listens. */
fallible check_listeners(struct probe *probe)
{
    struct seccomp_notif_sizes sizes;

    (void) probe;
    if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes))
        return error_system("seccomp");
    return OK;
}

fallible check_keyring(struct probe *probe)
{
    enum session_keyring outcome;

    (void) probe;
    try(session_keyring_join(&outcome));
    if (outcome == SESSION_KEYRING_NEW)
        return OK;
    errno = outcome == SESSION_KEYRING_OLD ? EPERM : ENOSYS;
    return error_system("join a new session keyring");
}

/* Where a module is in force a name that it cannot know is refused in another way, if at all. */
static fallible see_module(struct error *error)
{
    if (error && error->code == ERROR_UNSUPPORTED)
        return error_new(ERROR_UNSUPPORTED, "it is not in force");
    error_forget(error);
    return OK;
}

fallible check_apparmor(struct probe *probe)
{
    const struct oci_process process = { .apparmor_profile = "tare-check" };
    const char *profile;

    (void) probe;
    return see_module(apparmor_plan(&process, &profile));
}

fallible check_selinux(struct probe *probe)
{
    struct oci_process process = { .selinux_label = "tare_check_t" };
    const struct oci_config config = { .process = &process };
    struct selinux_plan plan;

    return see_module(selinux_plan(&config, probe->arena, &plan));
}
