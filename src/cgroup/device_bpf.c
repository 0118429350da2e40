/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.devices: the program meets the cgroup.
 *
 * In a user namespace nobody may load one, but nobody may make a device node either, so that there
 * the deny rules hold without it.
 */
#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cgroup/device_rules.h"
#include "os/bpf.h"
#include "os/user_namespace.h"

static bool is_forbidden(const struct error *error)
{
    return error && error->number == EPERM;
}

static fallible load(const struct device_rules_plan *plan, int *program)
{
    struct error *refused = bpf_load_device_program(plan->program, plan->length, program);

    if (!plan->is_optional || !is_forbidden(refused))
        return error_field(refused, "linux.resources.devices");
    error_forget(refused);
    log_debug("device rules: the user namespace refuses mknod, and the program as well");
    return OK;
}

fallible device_rules_add(const struct device_rules_plan *plan, int cgroup, int *program)
{
    auto_close int loaded = -1;

    if (!plan->program)
        return OK;
    try(load(plan, &loaded));
    if (loaded < 0)
        return OK;
    try(error_field(bpf_attach_device(loaded, cgroup), "linux.resources.devices"));
    *program = take_fd(&loaded);
    return OK;
}

fallible device_rules_apply(const struct device_rules_plan *plan, int cgroup)
{
    auto_close int program = -1;

    return device_rules_add(plan, cgroup, &program);
}

/* Who may not look has not attached one. */
static fallible detach_all_but(int kept, int cgroup, bool *has_begun)
{
    struct error *refused = bpf_detach_devices(cgroup, kept, has_begun);
    if (!is_forbidden(refused) || user_namespace_is_roots())
        return refused;
    error_forget(refused);
    return OK;
}

fallible device_rules_settle(const struct device_rules_plan *plan, int cgroup, int program,
                             bool *has_begun)
{
    bool is_left_out = plan->program && program < 0;

    *has_begun = false;
    return is_left_out
               ? OK
               : error_field(detach_all_but(program, cgroup, has_begun), "linux.resources.devices");
}

fallible device_rules_take_back(int program, int cgroup)
{
    return program < 0 ? OK : bpf_detach_device(program, cgroup);
}

fallible device_rules_remove(int cgroup)
{
    bool has_begun;

    return detach_all_but(-1, cgroup, &has_begun);
}
