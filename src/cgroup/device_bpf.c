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
#include "os/self.h"
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

fallible device_rules_apply(const struct device_rules_plan *plan, int cgroup)
{
    auto_close int program = -1;

    if (!plan->program)
        return OK;
    try(load(plan, &program));
    if (program < 0)
        return OK;
    return error_field(bpf_attach_device(program, cgroup), "linux.resources.devices");
}

fallible device_rules_replace(const struct device_rules_plan *plan, int cgroup)
{
    auto_close int program = -1;

    if (!plan->program)
        return device_rules_remove(cgroup);
    try(load(plan, &program));
    if (program < 0)
        return OK;
    return error_field(bpf_replace_devices(program, cgroup), "linux.resources.devices");
}

fallible device_rules_remove(int cgroup)
{
    struct error *refused = bpf_detach_devices(cgroup);
    if (!is_forbidden(refused) || (self_user() == 0 && user_namespace_is_initial()))
        return refused; /* who may not look has not attached one */
    error_forget(refused);
    return OK;
}
