/* SPDX-License-Identifier: Apache-2.0 */
/* process.ioPriority.  Set by the host: the right to be of the real-time class (CAP_SYS_NICE)
 * counts in the initial user namespace alone, where init may not be. */

#include "process/io_priority.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libocispec/process.h"

enum { PRIORITY_MOST = 7 };

static const int classes[] = {
    [OCI_IOCLASS_RT] = IOPRIO_CLASS_RT,
    [OCI_IOCLASS_BE] = IOPRIO_CLASS_BE,
    [OCI_IOCLASS_IDLE] = IOPRIO_CLASS_IDLE,
};

fallible io_priority_plan(const struct oci_process *process, struct io_priority_plan *plan)
{
    static const char field[] = "process.ioPriority.priority";
    const struct oci_io_priority *wanted = process->io_priority;

    if (!wanted) {
        *plan = (struct io_priority_plan){ .has_priority = false };
        return OK;
    }
    int32_t priority = wanted->priority.value;
    if (!wanted->priority.present)
        return error_config(field, "is required");
    if (priority < 0 || priority > PRIORITY_MOST)
        return error_config(field, "%d is not between 0 and %d", priority, PRIORITY_MOST);
    int class = classes[wanted->class_];
    *plan = (struct io_priority_plan){ true, class << IOPRIO_CLASS_SHIFT | priority };
    return OK;
}

fallible io_priority_apply(const struct io_priority_plan *plan, pid_t pid)
{
    const int mask = (1 << IOPRIO_CLASS_SHIFT) - 1;

    if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, plan->value)) {
        struct error *error = error_system("class %d, priority %d",
                                           plan->value >> IOPRIO_CLASS_SHIFT, plan->value & mask);
        return error->number == EPERM
                   ? error_hint(error, "it needs CAP_SYS_NICE outside of any user namespace")
                   : error;
    }
    long got = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, pid);
    if (got < 0)
        return error_system("read it back");
    if (got != plan->value)
        return error_new(ERROR_READ_BACK, "0x%x: the kernel says 0x%lx", (unsigned) plan->value,
                         (unsigned long) got);
    return OK;
}
