/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the host when no namespace could be made.  Settings are read below /proc as it
 * is shown.  What surprises: how many there are the kernel tells nobody, so that each kind is tried
 * by itself once more, by a child that is thrown away. */

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "base/list.h"
#include "base/text.h"
#include "cli/probes.h"
#include "os/dumpable.h"
#include "os/mount_api.h"
#include "os/namespace_kinds.h"
#include "os/proc.h"
#include "os/self.h"
#include "os/syscalls.h"
#include "os/trial.h"

enum { NUMBER_SIZE = 32, NAME_SIZE = 64, TRIAL_MILLISECONDS = 1000 };

bool probe_setting(const char *name, uint64_t *value)
{
    char text[NUMBER_SIZE];
    int proc;
    struct error *error = proc_shown(&proc);
    if (!error)
        error = proc_read(proc, name, text, sizeof(text));
    error_forget(error);
    if (error)
        return false;
    text[strcspn(text, "\n")] = '\0';
    return text_to_unsigned(text, UINT64_MAX, value);
}

/* Who may make no others makes one of users first, as we do then. */
static fallible try_each(void *context, char found[TRIAL_FOUND_SIZE])
{
    uint64_t asked = *(const uint64_t *) context;

    try(dumpable_hide());
    if (!self_has_capability(CAP_SYS_ADMIN))
        asked |= CLONE_NEWUSER;
    for (int i = 0; i < NAMESPACE_KINDS; i++) {
        const struct namespace_kind *kind = &namespace_kinds[i];
        if (!(asked & kind->flag) || !unshare((int) kind->flag))
            continue;
        if (errno == ENOSPC)
            text_format(found, TRIAL_FOUND_SIZE, "%s", kind->name);
        return OK;
    }
    return OK;
}

/* Of the kinds that were asked for, the one that there may be no more of.  A tree that is attached
 * nowhere is a mount namespace to the kernel (alloc_mnt_ns()), which open_tree(2) fails to make for
 * this reason alone; those that we had are gone by now. */
static bool find_used_up(const struct error *error, char kind[TRIAL_FOUND_SIZE])
{
    uint64_t asked = namespace_kinds_asked(error);
    const struct trial trial = { try_each, &asked, TRIAL_MILLISECONDS };

    text_format(kind, TRIAL_FOUND_SIZE, error->call == CALL_OPEN_TREE ? "mnt" : "");
    if (asked)
        error_forget(trial_run(&trial, kind));
    return kind[0];
}

static bool read_most(const char *kind, uint64_t *most)
{
    char name[NAME_SIZE];

    text_format(name, sizeof(name), "sys/user/max_%.10s_namespaces", kind);
    return probe_setting(name, most);
}

/* Of these two kinds each one needs a process, or has had one. */
bool probe_namespace_depth(const struct error *error, char found[PROBE_SIZE])
{
    char kind[TRIAL_FOUND_SIZE];
    struct sysinfo machine;
    uint64_t most;

    if (!find_used_up(error, kind) || !(text_equal(kind, "user") || text_equal(kind, "pid")) ||
        !read_most(kind, &most) || sysinfo(&machine) || most <= machine.procs)
        return false;
    text_format(found, PROBE_SIZE, "%s", kind);
    return true;
}

bool probe_namespace_limit(const struct error *error, char found[PROBE_SIZE])
{
    char kind[TRIAL_FOUND_SIZE];
    uint64_t most;

    if (!find_used_up(error, kind) || !read_most(kind, &most))
        return false;
    text_format(found, PROBE_SIZE, "user.max_%s_namespaces is %llu", kind,
                (unsigned long long) most);
    return true;
}

bool probe_userns(const struct error *error, char found[PROBE_SIZE])
{
    found[0] = '\0';
    return namespace_kinds_asked(error) & CLONE_NEWUSER;
}

bool probe_userns_switch(const struct error *error, char found[PROBE_SIZE])
{
    uint64_t value;
    return probe_userns(error, found) && self_user() != 0 &&
           probe_setting("sys/kernel/unprivileged_userns_clone", &value) && value == 0;
}

bool probe_userns_apparmor(const struct error *error, char found[PROBE_SIZE])
{
    static const enum error_call wants_rights[] = { CALL_UNSHARE, CALL_FSMOUNT, CALL_MOVE_MOUNT,
                                                    CALL_OPEN_TREE };
    bool is_refused = error->number == EPERM || error->number == EACCES, is_wanted = false;
    uint64_t value;

    found[0] = '\0';
    for (size_t i = 0; i < LENGTH(wants_rights); i++)
        is_wanted |= error->call == wants_rights[i];
    return is_refused && is_wanted && self_user() != 0 &&
           probe_setting("sys/kernel/apparmor_restrict_unprivileged_userns", &value) && value == 1;
}

bool probe_userns_chroot(const struct error *error, char found[PROBE_SIZE])
{
    struct mount_place root = { .is_mount_root = true };
    if (!probe_userns(error, found))
        return false;
    error_forget(mount_look_at(AT_FDCWD, "/", &root));
    return !root.is_mount_root;
}
