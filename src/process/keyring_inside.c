/* SPDX-License-Identifier: Apache-2.0 */
/* The session keyring: without one of its own the process would share its caller's keys.  Joining
 * by name takes an existing keyring if it may be searched, and anybody can make one that may; so
 * the new one has no name.  In SELinux a key has the label of who makes it, unless another one was
 * asked for before; the container's process would not be let near a key of ours. */

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "os/lsm.h"
#include "process/keyring.h"

enum outcome { JOINED, KEPT, NO_KEYS };

static fallible join(enum outcome *outcome)
{
    *outcome = JOINED;
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) >= 0)
        return OK;
    if (errno == EDQUOT)
        return error_hint(error_system("join a new session keyring"),
                          "the user's quota is used up, see /proc/key-users and "
                          "kernel.keys.maxkeys; --no-new-keyring keeps the caller's");
    if (errno != ENOSYS && errno != EPERM)
        return error_system("join a new session keyring");
    *outcome = errno == EPERM ? KEPT : NO_KEYS;
    return OK;
}

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

static fallible join_labelled(const char *label, enum outcome *outcome)
{
    try(lsm_set(LSM_SELINUX_KEYCREATE, label));
    try(join(outcome));
    try(lsm_set(LSM_SELINUX_KEYCREATE, ""));
    return *outcome == JOINED ? verify_label(label) : OK;
}

fallible keyring_join(const char *label, bool *is_kept)
{
    enum outcome outcome;

    try(label ? join_labelled(label, &outcome) : join(&outcome));
    *is_kept = outcome == KEPT;
    return OK;
}
