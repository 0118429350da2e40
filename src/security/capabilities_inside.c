/* SPDX-License-Identifier: Apache-2.0 */
/* process.capabilities, init's half.  The bounding set is reduced first, while there still is the
 * right to (CAP_SETPCAP is lost with uid 0); the change of user then keeps the permitted set but
 * clears the effective and ambient ones, and ambient needs the inheritable. */

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/proc.h"
#include "security/capabilities.h"

static bool has(uint64_t set, int capability)
{
    return set >> capability & 1;
}

fallible capabilities_bound(const struct capabilities_plan *plan)
{
    for (int i = 0; i <= plan->last; i++) {
        if (has(plan->bounding, i) || prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0)
            continue;
        int number = errno;
        if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 0)
            continue; /* not allowed to, and no need */
        errno = number;
        return error_call(error_system("drop capability %d from the bounding set", i), CALL_PRCTL,
                          NULL);
    }
    return OK;
}

static int highest(void)
{
    int last = CAP_LAST_CAP;
    while (last >= 0 && prctl(PR_CAPBSET_READ, last, 0, 0, 0) < 0)
        last--;
    while (last < 63 && prctl(PR_CAPBSET_READ, last + 1, 0, 0, 0) >= 0)
        last++;
    return last;
}

bool capabilities_find(const char *status, struct capabilities_plan *sets)
{
    return proc_find_mask(status, "CapInh", &sets->inheritable) &&
           proc_find_mask(status, "CapPrm", &sets->permitted) &&
           proc_find_mask(status, "CapEff", &sets->effective) &&
           proc_find_mask(status, "CapBnd", &sets->bounding) &&
           proc_find_mask(status, "CapAmb", &sets->ambient);
}

/* Capability by capability. */
static fallible ask(struct capabilities_plan *sets)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { 0 };
    if (syscall(SYS_capget, &header, data) < 0)
        return error_system("read the capabilities");
    sets->effective = (uint64_t) data[1].effective << 32 | data[0].effective;
    sets->permitted = (uint64_t) data[1].permitted << 32 | data[0].permitted;
    sets->inheritable = (uint64_t) data[1].inheritable << 32 | data[0].inheritable;
    for (int i = 0; i <= sets->last; i++) {
        if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
            sets->bounding |= UINT64_C(1) << i;
        /* No others can be ambient. */
        if (has(sets->permitted & sets->inheritable, i) &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1)
            sets->ambient |= UINT64_C(1) << i;
    }
    return OK;
}

fallible capabilities_read(struct capabilities_plan *sets)
{
    struct capabilities_plan made = { .last = highest() };
    try(ask(&made));
    *sets = made;
    return OK;
}

static fallible set_three(const struct capabilities_plan *plan)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];
    for (int i = 0; i < 2; i++) {
        data[i].effective = (uint32_t) (plan->effective >> 32 * i);
        data[i].permitted = (uint32_t) (plan->permitted >> 32 * i);
        data[i].inheritable = (uint32_t) (plan->inheritable >> 32 * i);
    }
    if (syscall(SYS_capset, &header, data) < 0)
        return error_system("set the effective, permitted and inheritable capabilities");
    return OK;
}

static fallible set_ambient(const struct capabilities_plan *plan)
{
    /* Those that are not both permitted and inheritable capset(2) has lowered. */
    bool is_clear = !(plan->permitted & plan->inheritable & ~plan->ambient);
    if (!is_clear && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return error_system("clear the ambient capabilities");
    for (int i = 0; i <= plan->last; i++)
        if (has(plan->ambient, i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
            return error_system("raise the ambient capability %d", i);
    return OK;
}

static fallible verify(const char *set, uint64_t wanted, uint64_t got)
{
    uint64_t different = wanted ^ got;
    if (!different)
        return OK;
    int capability = __builtin_ctzll(different);
    return error_new(ERROR_READ_BACK, "the %s set %s capability %d, against the config", set,
                     has(got, capability) ? "has" : "lacks", capability);
}

fallible capabilities_apply(const struct capabilities_plan *plan)
{
    try(set_three(plan));
    return set_ambient(plan);
}

fallible capabilities_verify(const struct capabilities_plan *plan, const char *status)
{
    struct capabilities_plan got = { 0 };
    if (!status || !capabilities_find(status, &got)) {
        got = (struct capabilities_plan){ .last = plan->last };
        try(ask(&got));
    }
    try(verify("bounding", plan->bounding, got.bounding));
    try(verify("effective", plan->effective, got.effective));
    try(verify("permitted", plan->permitted, got.permitted));
    try(verify("inheritable", plan->inheritable, got.inheritable));
    return verify("ambient", plan->ambient, got.ambient);
}
