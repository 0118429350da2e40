/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update: other limits for a container that is there (runc's and crun's command; the specification
 * has none).
 *
 * All that can be known is checked before the first write.  What the kernel alone knows, such as
 * whether a disk is there, may still make a later write fail: then the earlier ones are taken back.
 * Limits on memory come last: the kernel kills for them, and whom it has killed stays dead.  Until
 * they are there the old device rules hold as well as the new.  Schemata alone are not taken back
 * when a limit on memory fails behind them.  The config.json that is kept stays as it was: it says
 * what the container was made from, and its cgroup says what holds.
 */
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/before.h"
#include "cgroup/cgroup.h"
#include "cgroup/device_rules.h"
#include "cgroup/intel_rdt.h"
#include "cgroup/limits.h"
#include "container/container.h"
#include "container/scope.h"
#include "launch/privilege.h"
#include "launch/resctrl.h"
#include "libocispec/config.h"
#include "os/interrupts.h"

struct change {
    int cgroup;
    const struct oci_config *config; /* the container's own */
    struct limits_plan limits;
    bool has_devices;
    struct device_rules_plan devices;
    int device_program; /* that stands beside the old one; -1 */
    struct intel_rdt_plan intel_rdt;
};

static fallible check_status(const struct container *container)
{
    switch (container->status) {
    case CONTAINER_CREATED:
    case CONTAINER_RUNNING:
    case CONTAINER_PAUSED:
        return OK;
    case CONTAINER_CREATING:
        return error_new(ERROR_STATE, "cannot update a container that was not created completely");
    case CONTAINER_STOPPED:
        break;
    }
    return error_new(ERROR_STATE, "container not running");
}

static fallible open_cgroup(const struct record *record, int *cgroup)
{
    return record->cgroup_path ? cgroup_open(record->cgroup_mount, record->cgroup_path, cgroup)
                               : OK;
}

static fallible check_cgroup(const struct change *change)
{
    if (change->cgroup >= 0 || (!change->limits.first && !change->has_devices))
        return OK;
    return error_hint(error_new(ERROR_STATE, "the container has no cgroup of its own"),
                      "what is limited is a cgroup: create the container with one");
}

/* Where the update does not say it, the config of the container does. */
static bool checks_use(const struct oci_resources *resources, const struct oci_config *config)
{
    const struct oci_resources *before = config->linux_ ? config->linux_->resources : NULL;

    if (resources->memory && resources->memory->check_before_update.present)
        return resources->memory->check_before_update.value;
    return before && before->memory && before->memory->check_before_update.value;
}

static bool has_user_namespace(const struct oci_linux *linux_)
{
    bool has_one = false;

    for (uint32_t i = 0; linux_ && i < linux_->namespaces.n; i++)
        has_one |= linux_->namespaces.v[i]->type == OCI_NSTYPE_USER;
    return has_one;
}

static fallible check_binds(const struct container *container, const struct oci_config *config)
{
    auto_close int bundle = open(container->record.bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (bundle < 0)
        return error_errno(ERROR_BUNDLE, "open the bundle %s", container->record.bundle);
    return device_rules_check_binds(config, bundle);
}

/* The devices of the config stay allowed, as at create. */
static fallible plan_devices(const struct container *container, const struct oci_config *config,
                             struct oci_resources *resources, struct change *change)
{
    struct oci_linux linux_ = { .resources = resources };
    struct oci_config changed = *config;

    if (!resources->devices.n)
        return OK;
    if (config->linux_)
        linux_.devices = config->linux_->devices;
    changed.linux_ = &linux_;
    try(device_rules_plan(&linux_, container->arena, &change->devices));
    change->devices.is_optional = privilege_needs_no_rules(has_user_namespace(config->linux_));
    change->has_devices = true;
    return change->devices.is_optional ? check_binds(container, &changed) : OK;
}

static fallible plan(const struct container *container, struct oci_linux *linux_,
                     struct change *change)
{
    struct oci_resources *resources = linux_->resources;
    struct oci_config *config;

    try(container_read_config(&container->entry, container->arena, &config));
    change->config = config;
    try(limits_plan_change(resources, change->cgroup, container->arena, &change->limits));
    try(plan_devices(container, config, resources, change));
    try(check_cgroup(change));
    try(resctrl_plan_change(&container->record, linux_, container->arena, &change->intel_rdt));
    try(limits_check_controllers(&change->limits, container->record.cgroup_mount,
                                 container->arena));
    return checks_use(resources, config) ? limits_check_use(&change->limits, change->cgroup) : OK;
}

/* Delete gives a cgroup back as it was before create: what was not changed until now is noted. */
static fallible remember(struct container *container, const struct oci_string_array *before)
{
    struct record *record = &container->record;

    if (!record_keeps_cgroup(record))
        return OK;
    try(before_add(&record->cgroup_before, before, container->arena));
    return record_save(&container->entry, record, container->arena);
}

static fallible note_devices(struct container *container, struct oci_opt_bool has_others)
{
    container->record.has_other_devices = has_others;
    return record_save(&container->entry, &container->record, container->arena);
}

static struct scope_update of_scope(const struct container *container, const struct change *change)
{
    return (struct scope_update){
        .container = container,
        .config = change->config,
        .cgroup = change->cgroup,
        .limits = &change->limits,
        .devices = change->has_devices ? &change->devices : NULL,
    };
}

static void undo(const struct container *container, const struct change *change,
                 const struct oci_string_array *before)
{
    const struct scope_update scope = of_scope(container, change);

    struct error *error = device_rules_take_back(change->device_program, change->cgroup);
    if (error)
        log_warning("take the new device rules back: %s", error_line(error));
    error_forget(error);
    update_scope_undo(&scope, before);
    before_undo(change->cgroup, before);
}

static fallible write_all(const struct container *container, struct change *change)
{
    const struct scope_update scope = of_scope(container, change);
    bool has_begun;

    try(limits_apply(&change->limits, change->cgroup));
    try(update_scope_set(&scope, false));
    if (change->has_devices)
        try(device_rules_add(&change->devices, change->cgroup, &change->device_program));
    if (change->intel_rdt.schemata)
        try(resctrl_change(&change->intel_rdt));
    try(update_scope_set(&scope, true));
    try(limits_apply_last(&change->limits, change->cgroup));
    if (!change->has_devices)
        return OK;
    struct error *error =
        device_rules_settle(&change->devices, change->cgroup, change->device_program, &has_begun);
    /* An old one is gone: so that there are rules in any case, the new one stays. */
    if (error && has_begun)
        close_fd(&change->device_program);
    return error;
}

/* That the scope has other devices is noted before it has them, and until it has them no more. */
static fallible write_noted(struct container *container, struct change *change,
                            const struct oci_string_array *before)
{
    const struct oci_opt_bool had_others = container->record.has_other_devices;
    bool is_new = container->record.scope && change->has_devices && !had_others.value;

    if (is_new)
        try(note_devices(container, (struct oci_opt_bool){ true, true }));
    struct error *failed = write_all(container, change);
    if (!failed)
        return OK;
    container->record.has_other_devices = had_others; /* what is given back depends on it */
    undo(container, change, before);
    struct error *error = is_new ? note_devices(container, had_others) : OK;
    if (error)
        log_warning("note that the devices are those of before: %s", error_line(error));
    error_forget(error);
    return failed;
}

static fallible apply(struct container *container, struct change *change)
{
    const struct scope_update scope = of_scope(container, change);
    const struct record *record = &container->record;
    struct oci_string_array before;

    if (change->limits.first)
        try(limits_enable_controllers(&change->limits, record->cgroup_mount, record->cgroup_path));
    try(limits_check_files(&change->limits, change->cgroup));
    try(update_scope_check(&scope));
    try(before_note(&change->limits, change->cgroup, container->arena, &before));
    try(remember(container, &before));
    return write_noted(container, change, &before);
}

static fallible change_in(struct container *container, struct oci_linux *linux_,
                          struct change *change)
{
    struct interrupts interrupts;

    try(plan(container, linux_, change));
    try(interrupts_hold(&interrupts));
    struct error *error = apply(container, change);
    interrupts_release(&interrupts);
    return error;
}

fallible container_update(struct container *container, struct oci_linux *linux_)
{
    struct change change = { .cgroup = -1, .device_program = -1 };

    try(check_status(container));
    try(open_cgroup(&container->record, &change.cgroup));
    struct error *error = change_in(container, linux_, &change);
    close_fd(&change.device_program);
    close_fd(&change.cgroup);
    return error;
}
