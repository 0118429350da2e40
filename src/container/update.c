/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update: other limits for a container that is there (runc's and crun's command; the specification
 * has none).
 *
 * All that can be known is checked before the first write.  What the kernel alone knows, such as
 * whether a disk is there, may still make a later write fail: then the earlier ones are taken back.
 * Device rules and schemata come behind these, so that they never have to be, and limits on memory
 * come last: the kernel kills for them, and whom it has killed stays dead.  The config.json that is
 * kept stays as it was: it says what the container was made from, and its cgroup says what holds.
 */
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/before.h"
#include "cgroup/cgroup.h"
#include "cgroup/device_rules.h"
#include "cgroup/file.h"
#include "cgroup/intel_rdt.h"
#include "cgroup/limits.h"
#include "cgroup/scope.h"
#include "cgroup/scope_text.h"
#include "container/container.h"
#include "launch/privilege.h"
#include "launch/resctrl.h"
#include "libocispec/config.h"
#include "os/interrupts.h"

enum { NAME_SIZE = 160 };

struct change {
    int cgroup;
    struct limits_plan limits;
    bool has_devices;
    struct device_rules_plan devices;
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

/* The scope of a container whose cgroup systemd has made. */
static fallible set_scope(const struct container *container, const struct scope_text *properties)
{
    const struct record *record = &container->record;
    const struct scope_owner owner = { record->id, container->store->directory, record->created };
    struct scope scope;

    try(scope_find(record->scope, &owner, container->arena, &scope));
    return scope_set(&scope, properties);
}

/* A change may say only one of quota and period: what holds is written by now. */
static fallible add_limit(const struct limit *limit, int cgroup, struct scope_text *properties)
{
    char now[NAME_SIZE];
    const struct limit whole = { .file = limit->file, .value = now };

    if (!text_equal(limit->file, "cpu.max"))
        return scope_add_limit(limit, properties);
    try(cgroup_file_read(cgroup, limit->file, now, sizeof(now)));
    return scope_add_limit(&whole, properties);
}

/* Limits on memory are for themselves, and last. */
static fallible change_scope(const struct container *container, const struct change *change,
                             bool is_last)
{
    struct scope_text properties = { .arena = container->arena };

    if (!container->record.scope)
        return OK;
    for (const struct limit *limit = change->limits.first; limit; limit = limit->next)
        if (limit->is_last == is_last)
            try(add_limit(limit, change->cgroup, &properties));
    if (!is_last && change->has_devices && !change->devices.is_optional)
        try(scope_add_devices(&change->devices, &properties));
    return properties.length ? set_scope(container, &properties) : OK;
}

/* What was "file text" becomes a property again.  Which device rules there were nobody knows, but
 * our program, which has not been replaced: the scope's allows all then. */
static fallible change_scope_back(const struct container *container, const struct change *change,
                                  const struct oci_string_array *before)
{
    const struct device_rules_plan none = { .program = NULL };
    struct scope_text properties = { .arena = container->arena };
    char file[NAME_SIZE];

    for (uint32_t i = 0; i < before->n; i++) {
        size_t length = strcspn(before->v[i], " ");
        text_format(file, sizeof(file), "%.*s", (int) length, before->v[i]);
        const struct limit limit = { .file = file, .value = before->v[i] + length + 1 };
        if (before->v[i][length])
            try(scope_add_limit(&limit, &properties));
    }
    if (change->has_devices && !change->devices.is_optional)
        try(scope_add_devices(&none, &properties));
    return properties.length ? set_scope(container, &properties) : OK;
}

static void undo(const struct container *container, const struct change *change,
                 const struct oci_string_array *before)
{
    struct error *error =
        container->record.scope ? change_scope_back(container, change, before) : OK;

    if (error)
        log_warning("give back the limits of the scope: %s", error->text);
    error_forget(error);
    before_undo(change->cgroup, before);
}

/* A scope that cannot be changed is known before anything else is. */
static fallible check_scope(const struct container *container)
{
    const struct scope_text nothing = { .arena = container->arena };
    return container->record.scope ? set_scope(container, &nothing) : OK;
}

static fallible write_all(const struct container *container, const struct change *change)
{
    try(limits_apply(&change->limits, change->cgroup));
    try(change_scope(container, change, false));
    if (change->has_devices)
        try(device_rules_replace(&change->devices, change->cgroup));
    if (change->intel_rdt.schemata)
        try(resctrl_change(&change->intel_rdt));
    try(change_scope(container, change, true));
    return limits_apply_last(&change->limits, change->cgroup);
}

static fallible apply(struct container *container, const struct change *change)
{
    const struct record *record = &container->record;
    struct oci_string_array before;

    if (change->limits.first)
        try(limits_enable_controllers(&change->limits, record->cgroup_mount, record->cgroup_path));
    try(limits_check_files(&change->limits, change->cgroup));
    try(check_scope(container));
    try(before_note(&change->limits, change->cgroup, container->arena, &before));
    try(remember(container, &before));
    struct error *error = write_all(container, change);
    if (error)
        undo(container, change, &before);
    return error;
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
    struct change change = { .cgroup = -1 };

    try(check_status(container));
    try(open_cgroup(&container->record, &change.cgroup));
    struct error *error = change_in(container, linux_, &change);
    close_fd(&change.cgroup);
    return error;
}
