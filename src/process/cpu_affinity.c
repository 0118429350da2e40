/* SPDX-License-Identifier: Apache-2.0 */
/* process.execCPUAffinity, the host's half.  What surprises: it is no matter of the container's
 * first process, but of those that come later; it is checked for both. */

#include "process/cpu_affinity.h"

#include "base/allocate.h"
#include "libocispec/process.h"

static fallible plan_list(const char *field, const char *text, struct arena *arena,
                          const struct cpu_list **plan)
{
    struct cpu_list *made;

    *plan = NULL;
    if (!text)
        return OK;
    try_new(made, arena, 1);
    made->text = text;
    if (!number_set_parse_spaced(text, &made->set))
        return error_hint(error_config(field, "\"%s\" is not a list of CPUs", text),
                          "numbers up to %d and ranges, with commas between, as in \"0-3,8\"",
                          NUMBER_SET_MOST);
    if (!number_set_is_empty(&made->set))
        *plan = made;
    return OK;
}

fallible cpu_affinity_plan(const struct oci_process *process, struct arena *arena,
                           struct cpu_affinity_plan *plan)
{
    const struct oci_cpu_affinity *wanted = process->exec_cpu_affinity;
    struct cpu_affinity_plan made = { NULL, NULL };

    if (wanted) {
        try(plan_list("process.execCPUAffinity.initial", wanted->initial, arena, &made.initial));
        try(plan_list("process.execCPUAffinity.final", wanted->final_, arena, &made.final));
    }
    *plan = made;
    return OK;
}
