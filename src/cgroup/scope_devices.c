/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.devices with the systemd driver: DevicePolicy and DeviceAllow
 * (systemd.resource-control(5)).
 *
 * systemd attaches a program of its own to the scope, and both have to allow an access.  A list of
 * what is allowed cannot say what our rules can, an exception: theirs is the wider one.
 */
#include "base/text.h"
#include "cgroup/device_program.h"
#include "cgroup/scope_text.h"

enum { DEVICE_SIZE = 48, ACCESS_SIZE = 4 };

static bool matches_all(const struct device_rule *rule)
{
    return !rule->type && !rule->has_major && !rule->has_minor && rule->access == DEVICE_ACCESS_ALL;
}

static fallible add_allowed(const struct device_rule *rule, uint8_t type, struct scope_text *text)
{
    const char *kind = type == BPF_DEVCG_DEV_BLOCK ? "block" : "char";
    char device[DEVICE_SIZE], access[ACCESS_SIZE] = "";

    if (rule->has_major && rule->has_minor)
        text_format(device, sizeof(device), "/dev/%s/%u:%u", kind, rule->major, rule->minor);
    else if (rule->has_major)
        text_format(device, sizeof(device), "%s-%u", kind, rule->major);
    else
        text_format(device, sizeof(device), "%s-*", kind);
    text_format(access, sizeof(access), "%s%s%s", rule->access & BPF_DEVCG_ACC_READ ? "r" : "",
                rule->access & BPF_DEVCG_ACC_WRITE ? "w" : "",
                rule->access & BPF_DEVCG_ACC_MKNOD ? "m" : "");
    return scope_text_add(text, "r ss\n=s %s\n=s %s\n.\n", device, access);
}

static fallible add_rule(const struct device_rule *rule, struct scope_text *text)
{
    if (!rule->allows)
        return OK;
    if (rule->type != BPF_DEVCG_DEV_BLOCK)
        try(add_allowed(rule, BPF_DEVCG_DEV_CHAR, text));
    return rule->type != BPF_DEVCG_DEV_CHAR ? add_allowed(rule, BPF_DEVCG_DEV_BLOCK, text) : OK;
}

/* The list comes behind an empty one, which takes away what was there before.  It says so where all
 * is allowed: without a list systemd would let its program be, as it was. */
static fallible add_list(const struct device_rule *rules, uint32_t count, struct scope_text *text)
{
    try(scope_text_add(text, "property DeviceAllow a(ss)\na (ss)\n.\n"));
    try(scope_text_add(text, "property DeviceAllow a(ss)\na (ss)\n"));
    for (uint32_t i = 0; i < count; i++)
        try(add_rule(&rules[i], text));
    return scope_text_add(text, ".\n");
}

fallible scope_add_devices(const struct device_rules_plan *plan, struct scope_text *text)
{
    static const struct device_rule all = { .allows = true, .access = DEVICE_ACCESS_ALL };
    bool allows_all = !plan->rule_count;
    uint32_t first = 0; /* what stands before a rule for all counts no more */

    for (uint32_t i = 0; i < plan->rule_count; i++)
        if (matches_all(&plan->rules[i])) {
            allows_all = plan->rules[i].allows;
            first = i + 1;
        }
    try(scope_text_add_string(text, "DevicePolicy", allows_all ? "auto" : "strict"));
    return allows_all ? add_list(&all, 1, text)
                      : add_list(plan->rules + first, plan->rule_count - first, text);
}
