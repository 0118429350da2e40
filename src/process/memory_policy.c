/* SPDX-License-Identifier: Apache-2.0 */
/* linux.memoryPolicy, the host's half.  The kernel has one number, EINVAL, for all that is wrong
 * with a policy, and for nodes that it does not have: so the rules of set_mempolicy(2) are checked
 * here, each by its own words. */

#include "process/memory_policy.h"

#include <linux/mempolicy.h>

#include "base/allocate.h"
#include "base/text.h"
#include "libocispec/linux.h"

enum {
    POLICY_WEIGHTED_INTERLEAVE = 6, /* MPOL_WEIGHTED_INTERLEAVE, of Linux 6.9 */
    NODE_FLAGS = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES,
};

#define FIELD "linux.memoryPolicy"

static const struct mode {
    int number;
    bool takes_nodes, needs_nodes, takes_balancing;
} modes[] = {
    [OCI_MPOLMODE_DEFAULT] = { MPOL_DEFAULT, false, false, false },
    [OCI_MPOLMODE_PREFERRED] = { MPOL_PREFERRED, true, false, false },
    [OCI_MPOLMODE_BIND] = { MPOL_BIND, true, true, true },
    [OCI_MPOLMODE_INTERLEAVE] = { MPOL_INTERLEAVE, true, true, false },
    [OCI_MPOLMODE_LOCAL] = { MPOL_LOCAL, false, false, false },
    [OCI_MPOLMODE_PREFERRED_MANY] = { MPOL_PREFERRED_MANY, true, true, true },
    [OCI_MPOLMODE_WEIGHTED_INTERLEAVE] = { POLICY_WEIGHTED_INTERLEAVE, true, true, false },
};

static const int flags[] = {
    [OCI_MPOLFLAG_NUMA_BALANCING] = MPOL_F_NUMA_BALANCING,
    [OCI_MPOLFLAG_RELATIVE_NODES] = MPOL_F_RELATIVE_NODES,
    [OCI_MPOLFLAG_STATIC_NODES] = MPOL_F_STATIC_NODES,
};

static const char *name_mode(const struct oci_memory_policy *wanted)
{
    return oci_mpolmode_names.names[wanted->mode.value];
}

static fallible plan_nodes(const struct oci_memory_policy *wanted, struct memory_policy *made)
{
    static const char field[] = FIELD ".nodes";
    const struct mode *mode = &modes[wanted->mode.value];
    const char *text = wanted->nodes ? wanted->nodes : "";

    if (!number_set_parse_spaced(text, &made->nodes))
        return error_hint(error_config(field, "\"%s\" is not a list of memory nodes", text),
                          "numbers and ranges with commas between, as in \"0-3,8\"");
    bool has_nodes = !number_set_is_empty(&made->nodes);
    if (has_nodes && !mode->takes_nodes)
        return error_config(field, "%s takes no nodes", name_mode(wanted));
    if (!has_nodes && mode->needs_nodes)
        return error_config(field, "%s needs a node at least", name_mode(wanted));
    return OK;
}

static fallible plan_flag(const struct oci_memory_policy *wanted, uint32_t i,
                          struct memory_policy *made)
{
    int flag = flags[wanted->flags.v[i]];
    const char *name = oci_mpolflag_names.names[wanted->flags.v[i]];
    char field[ERROR_FIELD_SIZE];

    text_format(field, sizeof(field), FIELD ".flags[%u]", i);
    if (flag & MPOL_F_NUMA_BALANCING && !modes[wanted->mode.value].takes_balancing)
        return error_config(field, "%s goes with MPOL_BIND and MPOL_PREFERRED_MANY, not with %s",
                            name, name_mode(wanted));
    if (flag & NODE_FLAGS && number_set_is_empty(&made->nodes))
        return error_config(field, "%s says how nodes are meant, and there are none", name);
    made->mode |= flag;
    if ((made->mode & NODE_FLAGS) == NODE_FLAGS)
        return error_config(field, "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each "
                                   "other");
    return OK;
}

fallible memory_policy_plan(const struct oci_linux *linux_, struct arena *arena,
                            const struct memory_policy **plan)
{
    const struct oci_memory_policy *wanted = linux_ ? linux_->memory_policy : NULL;
    struct memory_policy *made;

    *plan = NULL;
    if (!wanted)
        return OK;
    if (!wanted->mode.present)
        return error_config(FIELD ".mode", "is required");
    try_new(made, arena, 1);
    made->mode = modes[wanted->mode.value].number;
    try(plan_nodes(wanted, made));
    for (uint32_t i = 0; i < wanted->flags.n; i++)
        try(plan_flag(wanted, i, made));
    bool has_nodes = !number_set_is_empty(&made->nodes);
    try_print(made->text, arena, "%s%s%s", name_mode(wanted), has_nodes ? " of nodes " : "",
              has_nodes ? wanted->nodes : "");
    *plan = made;
    return OK;
}
