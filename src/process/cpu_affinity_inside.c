/* SPDX-License-Identifier: Apache-2.0 */
/* process.execCPUAffinity, carried out.  What surprises: the kernel takes a list of which it can
 * give a part, and gives that part in silence. */

#include <errno.h>

#include "os/syscalls.h"
#include "process/cpu_affinity.h"

static fallible hint(struct error *error)
{
    return error_hint(error, "a CPU has to be online, and in the cpuset of the cgroup "
                             "(cpuset.cpus.effective)");
}

fallible cpu_affinity_apply(const struct cpu_list *cpus)
{
    const struct number_set *wanted = &cpus->set;
    struct number_set got = { { 0 } };

    if (syscall(SYS_sched_setaffinity, 0, sizeof(wanted->words), wanted->words)) {
        struct error *error = error_system("CPUs %s", cpus->text);
        return error->number == EINVAL ? hint(error) : error;
    }
    if (syscall(SYS_sched_getaffinity, 0, sizeof(got.words), got.words) < 0)
        return error_system("read the CPUs back");
    int missing = number_set_find_missing(&got, wanted);
    if (missing >= 0)
        return hint(error_new(ERROR_READ_BACK, "CPUs %s: the kernel does not give CPU %d",
                              cpus->text, missing));
    if (!number_set_equal(&got, wanted))
        return error_new(ERROR_READ_BACK, "CPUs %s: the kernel gives others as well", cpus->text);
    return OK;
}
