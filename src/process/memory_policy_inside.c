/* SPDX-License-Identifier: Apache-2.0 */
/* linux.memoryPolicy, carried out.  What surprises: of the nodes the kernel takes in silence those
 * that it has, but for the flags that tell it to keep them as they were said. */

#include <errno.h>
#include <linux/mempolicy.h>

#include "os/syscalls.h"
#include "process/memory_policy.h"

#define NODES_ARE                                                                                  \
    "a node has to have memory, and to be in the cpuset of the cgroup (cpuset.mems.effective)"

/* The kernel wants to hear of one bit more than there are. */
static const unsigned long BITS = NUMBER_SET_MOST + 2;

static fallible explain(const struct memory_policy *policy)
{
    struct error *error = error_system("%s", policy->text);

    if (error->number == ENOSYS)
        return error_hint(error, "the kernel has no memory policies (CONFIG_NUMA)");
    if (error->number == EINVAL)
        return error_hint(error, NODES_ARE "; or the kernel is too old for the mode or a flag");
    return error;
}

/* MPOL_PREFERRED of several nodes is the first of those that are there. */
static fallible check_nodes(const struct memory_policy *policy, const struct number_set *got)
{
    const struct number_set *wanted = &policy->nodes;
    int missing = number_set_find_missing(got, wanted);

    if (policy->mode == MPOL_PREFERRED && number_set_is_empty(got) == number_set_is_empty(wanted))
        missing = -1;
    if (missing >= 0)
        return error_hint(error_new(ERROR_READ_BACK, "%s: the kernel does not take node %d",
                                    policy->text, missing),
                          NODES_ARE);
    if (!number_set_has(wanted, got))
        return error_new(ERROR_READ_BACK, "%s: the kernel takes others as well", policy->text);
    return OK;
}

/* MPOL_PREFERRED without nodes is MPOL_LOCAL: one for both. */
static int name_alike(int mode)
{
    return mode == MPOL_LOCAL ? MPOL_PREFERRED : mode;
}

fallible memory_policy_apply(const struct memory_policy *policy)
{
    struct number_set got = { { 0 } };
    int mode;

    if (syscall(SYS_set_mempolicy, policy->mode, policy->nodes.words, BITS))
        return explain(policy);
    if (syscall(SYS_get_mempolicy, &mode, got.words, BITS, NULL, 0UL))
        return error_system("read it back");
    if (name_alike(mode) != name_alike(policy->mode))
        return error_new(ERROR_READ_BACK, "%s (mode 0x%x): the kernel says 0x%x", policy->text,
                         (unsigned) policy->mode, (unsigned) mode);
    return check_nodes(policy, &got);
}
