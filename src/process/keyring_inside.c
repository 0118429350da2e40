/* SPDX-License-Identifier: Apache-2.0 */
/* The session keyring: without one of its own the process would share its caller's keys.  In
 * SELinux a key has the label of who makes it, unless another one was asked for before; the
 * container's process would not be let near a key of ours. */

#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "os/lsm.h"
#include "os/session_keyring.h"
#include "process/keyring.h"

static fallible verify_label(const char *label)
{
    char now[LSM_VALUE_SIZE] = "";

    if (syscall(SYS_keyctl, KEYCTL_GET_SECURITY, KEY_SPEC_SESSION_KEYRING, now, sizeof(now) - 1) <
        0)
        return error_system("read the label of the session keyring");
    if (!text_equal(now, label))
        return error_new(ERROR_READ_BACK, "label \"%s\": the kernel says \"%s\"", label, now);
    return OK;
}

static fallible join_labelled(const char *label, enum session_keyring *outcome)
{
    try(lsm_set(LSM_SELINUX_KEYCREATE, label));
    try(session_keyring_join(outcome));
    try(lsm_set(LSM_SELINUX_KEYCREATE, ""));
    return *outcome == SESSION_KEYRING_NEW ? verify_label(label) : OK;
}

fallible keyring_join(const char *label, bool *is_kept)
{
    enum session_keyring outcome;

    try(label ? join_labelled(label, &outcome) : session_keyring_join(&outcome));
    *is_kept = outcome == SESSION_KEYRING_OLD;
    return OK;
}
