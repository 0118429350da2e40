/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.devices: which devices a container may use.
 *
 * Whatever the config denies, the devices that every container gets and those of linux.devices stay
 * allowed: a config that binds a device means it.  A rule for both types with numbers would mean
 * all devices to some and one device to others: it is refused.
 */
#include "cgroup/device_rules.h"

#include <linux/bpf.h>
#include <string.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/device_program.h"
#include "libocispec/linux.h"

enum { FIELD_SIZE = 96, MAJOR_MAX = (1 << 12) - 1, MINOR_MAX = (1 << 20) - 1, ANY = -1 };

/* config-linux.md#default-devices: null, zero, full, random, urandom; tty, console, ptmx; ptys. */
static const struct {
    uint32_t major;
    int32_t minor;
} defaults[] = {
    { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 }, { 1, 9 }, { 5, 0 }, { 5, 1 }, { 5, 2 }, { 136, ANY },
};

struct rule_list {
    struct device_rule *v;
    uint32_t n;
};

static fallible parse_access(const char *field, const char *access, uint8_t *mask)
{
    uint8_t found = 0;
    if (!access)
        found = DEVICE_ACCESS_ALL;
    else if (!*access)
        return error_config(field, "must not be empty");

    for (const char *at = access; at && *at; at++) {
        uint8_t letter = 0;
        if (*at == 'r')
            letter = BPF_DEVCG_ACC_READ;
        else if (*at == 'w')
            letter = BPF_DEVCG_ACC_WRITE;
        else if (*at == 'm')
            letter = BPF_DEVCG_ACC_MKNOD;
        if (letter == 0)
            return error_config(field, "'%s' has a letter other than r, w and m", access);
        if (found & letter)
            return error_config(field, "'%s' has the letter %c twice", access, *at);
        found |= letter;
    }
    *mask = found;
    return OK;
}

/* -1 stands for every number, by habit of those who write configs. */
static fallible parse_number(const char *field, struct oci_opt_i64 number, int64_t most,
                             bool *has_it, uint32_t *value)
{
    if (!number.present || number.value == ANY)
        return OK;
    if (number.value < 0 || number.value > most)
        return error_config(field, "%lld is not the number of a device (0 to %lld)",
                            (long long) number.value, (long long) most);
    *has_it = true;
    *value = (uint32_t) number.value;
    return OK;
}

/* Whoever denies one of them by its numbers should hear that it stays. */
static void warn_of_default(const struct device_rule *rule, uint32_t index)
{
    if (rule->allows || rule->type != BPF_DEVCG_DEV_CHAR || !rule->has_major)
        return;
    for (size_t i = 0; i < LENGTH(defaults); i++) {
        bool is_minor = defaults[i].minor == ANY ||
                        (rule->has_minor && rule->minor == (uint32_t) defaults[i].minor);
        if (defaults[i].major == rule->major && is_minor)
            log_warning("linux.resources.devices[%u]: a default device stays allowed", index);
    }
}

static fallible parse_rule(const struct oci_cg_device *device, uint32_t index,
                           struct device_rule *rule)
{
    static const uint8_t types[] = { [OCI_CGDEVTYPE_A] = 0,
                                     [OCI_CGDEVTYPE_B] = BPF_DEVCG_DEV_BLOCK,
                                     [OCI_CGDEVTYPE_C] = BPF_DEVCG_DEV_CHAR };
    struct device_rule found = { .allows = device->allow };
    char field[FIELD_SIZE];
    if (device->type.present)
        found.type = types[device->type.value];

    text_format(field, sizeof(field), "linux.resources.devices[%u].access", index);
    try(parse_access(field, device->access, &found.access));
    text_format(field, sizeof(field), "linux.resources.devices[%u].major", index);
    try(parse_number(field, device->major, MAJOR_MAX, &found.has_major, &found.major));
    text_format(field, sizeof(field), "linux.resources.devices[%u].minor", index);
    try(parse_number(field, device->minor, MINOR_MAX, &found.has_minor, &found.minor));

    if (found.type == 0 && (found.has_major || found.has_minor)) {
        text_format(field, sizeof(field), "linux.resources.devices[%u].type", index);
        return error_config(field, "needs to be b or c when numbers are given");
    }
    warn_of_default(&found, index);
    *rule = found;
    return OK;
}

static void add_allowed(struct rule_list *list, uint8_t type, uint32_t major, int64_t minor)
{
    struct device_rule rule = {
        .allows = true, .type = type, .access = DEVICE_ACCESS_ALL, .has_major = true, .major = major
    };
    if (minor != ANY) {
        rule.has_minor = true;
        rule.minor = (uint32_t) minor;
    }
    list->v[list->n++] = rule;
}

/* What is wrong with one of linux.devices is said where it is made. */
static void add_device(struct rule_list *list, const struct oci_device *device)
{
    bool has_numbers = device->major.present && device->minor.present && device->major.value >= 0 &&
                       device->major.value <= MAJOR_MAX && device->minor.value >= 0 &&
                       device->minor.value <= MINOR_MAX;
    if (!has_numbers || device->type == OCI_DEVTYPE_P)
        return;
    uint8_t type = device->type == OCI_DEVTYPE_B ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
    add_allowed(list, type, (uint32_t) device->major.value, device->minor.value);
}

/* The order of the rules is lost to who compiles them. */
static fallible compile(struct rule_list *list, struct arena *arena, struct device_rules_plan *plan)
{
    struct device_rule *rules;

    try_new(rules, arena, list->n);
    memcpy(rules, list->v, list->n * sizeof(*rules));
    try(device_program_compile(list->v, list->n, arena, plan));
    plan->rules = rules;
    plan->rule_count = list->n;
    return OK;
}

fallible device_rules_plan(const struct oci_linux *linux_, struct arena *arena,
                           struct device_rules_plan *plan)
{
    static const struct oci_linux nothing;
    const struct oci_linux *config = linux_ ? linux_ : &nothing;
    static const struct oci_cg_device_array no_rules;
    const struct oci_cg_device_array *asked =
        config->resources ? &config->resources->devices : &no_rules;

    if (asked->n > DEVICE_RULES_MAX)
        return error_config("linux.resources.devices", "%u rules are too many (at most %d)",
                            asked->n, DEVICE_RULES_MAX);
    uint32_t most = DEVICE_RULES_MAX - asked->n;
    if (config->devices.n > most)
        return error_config("linux.devices", "%u devices are too many beside %u device rules",
                            config->devices.n, asked->n);

    struct rule_list list = { .n = 0 };
    try_new(list.v, arena, asked->n + LENGTH(defaults) + config->devices.n);
    for (uint32_t i = 0; i < asked->n; i++)
        try(parse_rule(asked->v[i], i, &list.v[list.n++]));
    for (size_t i = 0; i < LENGTH(defaults); i++)
        add_allowed(&list, BPF_DEVCG_DEV_CHAR, defaults[i].major, defaults[i].minor);
    for (uint32_t i = 0; i < config->devices.n; i++)
        add_device(&list, config->devices.v[i]);
    return compile(&list, arena, plan);
}
