/* SPDX-License-Identifier: Apache-2.0 */
/* process.user, init's half.  Raw system calls: those of a libc tell other threads, which init does
 * not have.  Everything is read back, since setresuid(-1) and full id ranges "succeed" too: from
 * the status of the process, where all of it stands together, or asked for one by one. */

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/proc.h"
#include "process/user.h"

/* 32-bit machines have the 16-bit calls under the plain names. */
#ifdef SYS_setresuid32
#define WIDE_SETGROUPS SYS_setgroups32
#define WIDE_GETGROUPS SYS_getgroups32
#define WIDE_SETRESGID SYS_setresgid32
#define WIDE_GETRESGID SYS_getresgid32
#define WIDE_SETRESUID SYS_setresuid32
#define WIDE_GETRESUID SYS_getresuid32
#else
#define WIDE_SETGROUPS SYS_setgroups
#define WIDE_GETGROUPS SYS_getgroups
#define WIDE_SETRESGID SYS_setresgid
#define WIDE_GETRESGID SYS_getresgid
#define WIDE_SETRESUID SYS_setresuid
#define WIDE_GETRESUID SYS_getresuid
#endif

static bool has_group(const struct user_plan *plan, uint32_t group)
{
    uint32_t low = 0, high = plan->group_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (plan->groups[middle] == group)
            return true;
        if (plan->groups[middle] < group)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* The next number of a line, in base 8 or 10; false at its end. */
static bool take_number(const char **line, unsigned base, uint32_t *number)
{
    const char *at = *line + strspn(*line, " \t");
    uint32_t value = 0;
    if (*at < '0' || *at > '9')
        return false;
    for (; *at >= '0' && *at <= '9'; at++)
        value = value * base + (uint32_t) (*at - '0');
    *line = at;
    *number = value;
    return true;
}

/* Returns how many were found, or -1. */
static long find_groups(const char *status, uint32_t groups[USER_GROUPS])
{
    const char *line = status ? proc_find_line(status, "Groups") : NULL;
    long n = 0;
    if (!line)
        return -1;
    while (n < USER_GROUPS && take_number(&line, 10, &groups[n]))
        n++;
    return n;
}

static fallible verify_groups(const struct user_plan *plan, const char *status)
{
    /* Not on the stack, which is probed page by page; here only what is read costs memory. */
    static uint32_t groups[USER_GROUPS];
    long n = find_groups(status, groups);
    if (n < 0)
        n = syscall(WIDE_GETGROUPS, USER_GROUPS, groups);
    if (n < 0)
        return error_system("read the supplementary groups");
    if (n != (long) plan->group_count)
        return error_new(ERROR_READ_BACK, "%u supplementary groups were set, %ld are there",
                         plan->group_count, n);
    /* The kernel sorts them, though maybe by what they are outside. */
    for (long i = 0; i < n; i++)
        if (!has_group(plan, groups[i]) || (i > 0 && groups[i] == groups[i - 1]))
            return error_new(ERROR_READ_BACK, "the supplementary group %u was not asked for",
                             groups[i]);
    return OK;
}

/* The real, effective and saved ids of a user or a group. */
struct kind {
    const char *what, *line;
    long call;
};

static bool find_ids(const char *status, const struct kind *kind, uint32_t ids[3])
{
    const char *line = status ? proc_find_line(status, kind->line) : NULL;
    return line && take_number(&line, 10, &ids[0]) && take_number(&line, 10, &ids[1]) &&
           take_number(&line, 10, &ids[2]);
}

static fallible verify_ids(const struct kind *kind, uint32_t wanted, const char *status)
{
    uint32_t ids[3];
    if (!find_ids(status, kind, ids) && syscall(kind->call, &ids[0], &ids[1], &ids[2]) < 0)
        return error_system("read the %s", kind->what);
    for (int i = 0; i < 3; i++)
        if (ids[i] != wanted)
            return error_new(ERROR_READ_BACK, "%s %u was set, but the kernel says %u, %u, %u",
                             kind->what, wanted, ids[0], ids[1], ids[2]);
    return OK;
}

static fallible verify_umask(uint32_t wanted, const char *status)
{
    const char *line = status ? proc_find_line(status, "Umask") : NULL;
    uint32_t mask;
    if (!line || !take_number(&line, 8, &mask))
        mask = umask(wanted);
    if (mask != wanted)
        return error_new(ERROR_READ_BACK, "umask 0%03o was set, but the kernel says 0%03o", wanted,
                         mask);
    return OK;
}

/* A user namespace may have given up setgroups(2) for good (user_namespaces(7)). */
static fallible read_denial(bool *is_denied)
{
    char self[PROC_NAME_SIZE], path[32], text[16];
    auto_close int proc = -1;

    try(proc_open_any(true, &proc));
    try(proc_name_self(proc, self));
    text_format(path, sizeof(path), "%s/setgroups", self);
    try(proc_read(proc, path, text, sizeof(text)));
    *is_denied = text_starts(text, "deny");
    return OK;
}

/* The groups of the caller can then not be dropped: an empty list is as near as can be. */
static fallible set_groups(const struct user_plan *plan, bool *are_kept)
{
    bool is_denied = false;

    if (!syscall(WIDE_SETGROUPS, plan->group_count, plan->groups))
        return OK;
    struct error *refused = error_call(
        error_system("set %u supplementary groups", plan->group_count), CALL_SETGROUPS, NULL);
    if (refused->number != EPERM)
        return refused;
    struct error *unknown = read_denial(&is_denied);
    if (unknown || !is_denied) {
        error_forget(unknown);
        return refused;
    }
    if (plan->group_count)
        return error_hint(error_field(refused, "process.user.additionalGids"),
                          "this user namespace has no setgroups(2): it needs newgidmap, or root");
    error_forget(refused);
    *are_kept = true;
    return OK;
}

/* Whoever becomes root, or stays it, loses no capabilities. */
static fallible set_ids(const struct user_plan *plan)
{
    bool keeps = plan->uid != 0;
    if (syscall(WIDE_SETRESGID, plan->gid, plan->gid, plan->gid) < 0)
        return error_call(error_system("set gid %u", plan->gid), CALL_SETRESGID, NULL);
    if (keeps && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
        return error_system("keep the capabilities while the user changes");
    if (syscall(WIDE_SETRESUID, plan->uid, plan->uid, plan->uid) < 0)
        return error_call(error_system("set uid %u", plan->uid), CALL_SETRESUID, NULL);
    if (keeps && prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
        return error_system("stop keeping capabilities when the user changes");
    return OK;
}

fallible user_apply(const struct user_plan *plan, bool *keeps_groups)
{
    bool are_kept = plan->keeps_groups;
    if (!are_kept)
        try(set_groups(plan, &are_kept));
    try(set_ids(plan));
    umask(plan->umask);
    *keeps_groups = are_kept;
    return OK;
}

fallible user_verify(const struct user_plan *plan, bool keeps_groups, const char *status)
{
    static const struct kind gid = { "gid", "Gid", WIDE_GETRESGID };
    static const struct kind uid = { "uid", "Uid", WIDE_GETRESUID };

    if (!keeps_groups)
        try(verify_groups(plan, status));
    try(verify_ids(&gid, plan->gid, status));
    try(verify_ids(&uid, plan->uid, status));
    return verify_umask(plan->umask, status);
}
