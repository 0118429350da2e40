/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.cpu, but for its sets: cpu.weight, cpu.max, cpu.max.burst, cpu.idle.  While a
 * cgroup is idle its weight is fixed, and a burst must never be above the quota: what may be in the
 * way is reset first. */

#include "base/text.h"
#include "cgroup/cpu_weight.h"
#include "cgroup/file.h"
#include "cgroup/limit_list.h"
#include "libocispec/resources.h"

enum { QUOTA_LEAST = 1000, PERIOD_LEAST = 1000, PERIOD_MOST = 1000000 }; /* us, of the kernel */

static const char shares_field[] = "linux.resources.cpu.shares";
static const char quota_field[] = "linux.resources.cpu.quota";
static const char period_field[] = "linux.resources.cpu.period";
static const char burst_field[] = "linux.resources.cpu.burst";
static const char idle_field[] = "linux.resources.cpu.idle";

static fallible refuse_version_1(const struct oci_cpu *cpu)
{
    const char *field = cpu->realtime_runtime.value ? "linux.resources.cpu.realtimeRuntime"
                                                    : "linux.resources.cpu.realtimePeriod";

    if (!cpu->realtime_runtime.value && !cpu->realtime_period.value)
        return OK;
    return error_hint(error_unsupported(field, "cgroup v2 has no budget for realtime processes"),
                      "leave it out; cpu.quota (cpu.max) limits all others, and process.scheduler "
                      "makes a process realtime");
}

/* Quota and burst, each as asked for or else as it holds.  A quota that is none is UINT64_MAX. */
static fallible find_both(const struct oci_cpu *cpu, int cgroup, uint64_t *quota, uint64_t *burst)
{
    *quota = cpu->quota.value > 0 ? (uint64_t) cpu->quota.value : UINT64_MAX;
    *burst = cpu->burst.value;
    if (cgroup >= 0 && !cpu->quota.value)
        try(cgroup_file_read_number(cgroup, "cpu.max", UINT64_MAX, quota));
    if (cgroup >= 0 && !cpu->burst.present)
        try(cgroup_file_read_number(cgroup, "cpu.max.burst", 0, burst));
    return OK;
}

static fallible check_burst(const struct oci_cpu *cpu, int cgroup)
{
    uint64_t quota, burst;

    if (!cpu->quota.value && !cpu->burst.value)
        return OK;
    try(find_both(cpu, cgroup, &quota, &burst));
    if (burst <= quota)
        return OK;
    if (!cpu->burst.present)
        return error_hint(error_config(quota_field, "%llu is below %s, which is %llu",
                                       (unsigned long long) quota, burst_field,
                                       (unsigned long long) burst),
                          "lower the burst as well");
    return error_config(burst_field, "%llu is above %s, %llu", (unsigned long long) burst,
                        quota_field, (unsigned long long) quota);
}

/* Of an idle cgroup the kernel would refuse it. */
static fallible check_weight(const struct oci_cpu *cpu, int cgroup)
{
    uint64_t is_idle = 0;

    if (cgroup >= 0 && cpu->shares.value && !cpu->idle.present)
        try(cgroup_file_read_number(cgroup, "cpu.idle", 0, &is_idle));
    if (!is_idle)
        return OK;
    return error_hint(error_config(shares_field, "the weight of an idle cgroup is fixed"),
                      "set cpu.idle to 0 as well");
}

static fallible check_values(const struct oci_cpu *cpu, int cgroup)
{
    if (cpu->quota.value > 0 && cpu->quota.value < QUOTA_LEAST)
        return error_config(quota_field, "%lld us are below the kernel's least, %d",
                            (long long) cpu->quota.value, QUOTA_LEAST);
    bool has_period = cpu->period.value;
    if (has_period && (cpu->period.value < PERIOD_LEAST || cpu->period.value > PERIOD_MOST))
        return error_config(period_field, "%llu us are not between %d and %d",
                            (unsigned long long) cpu->period.value, PERIOD_LEAST, PERIOD_MOST);
    if (cpu->idle.value != 0 && cpu->idle.value != 1)
        return error_config(idle_field, "%lld is neither 0 nor 1", (long long) cpu->idle.value);
    try(check_weight(cpu, cgroup));
    return check_burst(cpu, cgroup);
}

static fallible add_idle(struct limit_list *list, uint64_t value)
{
    const struct limit limit = { .field = idle_field, .controller = "cpu", .file = "cpu.idle" };
    return limit_list_add_number(list, limit, value);
}

static fallible add_weight(struct limit_list *list, const struct oci_cpu *cpu)
{
    const struct limit limit = { .field = shares_field, .controller = "cpu", .file = "cpu.weight" };
    uint64_t shares = cpu->shares.value;

    if (cpu->idle.present && (shares || !cpu->idle.value))
        try(add_idle(list, 0));
    if (shares)
        try(limit_list_add_number(list, limit, cpu_weight_of_shares(shares)));
    return cpu->idle.value ? add_idle(list, 1) : OK;
}

static fallible add_maximum(struct limit_list *list, const struct oci_cpu *cpu)
{
    struct limit limit = { .field = quota_field, .controller = "cpu", .file = "cpu.max" };
    char quota[24] = "max", text[48];

    if (!cpu->quota.value && !cpu->period.value)
        return OK;
    if (cpu->quota.value > 0)
        text_format(quota, sizeof(quota), "%lld", (long long) cpu->quota.value);
    limit.value = quota;
    if (cpu->period.value) {
        text_format(text, sizeof(text), "%s %llu", quota, (unsigned long long) cpu->period.value);
        limit.value = text;
    }
    limit.is_optional = cpu->quota.value < 0 && !cpu->period.value;
    if (!cpu->quota.value) {
        limit.field = period_field;
        limit.keeps_quota = true;
    }
    return limit_list_add(list, &limit);
}

static fallible add_burst(struct limit_list *list, uint64_t value)
{
    const struct limit limit = { .field = burst_field,
                                 .controller = "cpu",
                                 .file = "cpu.max.burst",
                                 .is_optional = value == 0 };
    return limit_list_add_number(list, limit, value);
}

fallible cpu_plan(const struct oci_resources *resources, struct limit_list *list)
{
    const struct oci_cpu *cpu = resources->cpu;

    if (!cpu)
        return OK;
    try(refuse_version_1(cpu));
    try(check_values(cpu, list->cgroup));
    try(add_weight(list, cpu));
    if (cpu->burst.present)
        try(add_burst(list, 0));
    try(add_maximum(list, cpu));
    return cpu->burst.value ? add_burst(list, cpu->burst.value) : OK;
}
