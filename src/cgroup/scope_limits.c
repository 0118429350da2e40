/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources with the systemd driver: limits as properties of the scope
 * (systemd.resource-control(5)).
 *
 * They are made from what is written to the control files, not from config.json: so that a change
 * (`update`), what `unified` says, and what is written back when a change fails are the same.
 */
#include <string.h>

#include "base/list.h"
#include "base/number_set.h"
#include "base/text.h"
#include "cgroup/byte_size.h"
#include "cgroup/limit_list.h"
#include "cgroup/limits.h"
#include "cgroup/scope_text.h"

enum {
    SECOND = 1000000, /* us */
    PERCENT = 10000,  /* us of each second */
    PERIOD = 100000,  /* us, of the kernel, where none is said */
    WORD_SIZE = 64,
};

static const uint64_t unset = UINT64_MAX;

/* The first word of TEXT; what is behind it and a space. */
static const char *take_word(const char *text, char *word)
{
    size_t length = strcspn(text, " \n");

    text_format(word, WORD_SIZE, "%.*s", (int) length, text);
    return text + length + strspn(text + length, " \n");
}

static fallible add_bytes(const char *name, const char *value, struct scope_text *text)
{
    uint64_t bytes;

    return byte_size_parse(value, &bytes) ? scope_text_add_number(text, name, bytes) : OK;
}

static fallible add_number(const char *name, const char *value, struct scope_text *text)
{
    uint64_t number;

    return text_to_unsigned(value, UINT64_MAX, &number) ? scope_text_add_number(text, name, number)
                                                        : OK;
}

/* systemd takes no zero. */
static fallible add_tasks(const char *name, const char *value, struct scope_text *text)
{
    return add_bytes(name, text_equal(value, "0") ? "1" : value, text);
}

/* An idle cgroup has the weight 0; one that is so no longer gets a weight behind this, or none. */
static fallible add_idle(const char *name, const char *value, struct scope_text *text)
{
    return scope_text_add_number(text, name, text_equal(value, "1") ? 0 : unset);
}

/* As the kernel counts them: each step is a quarter more of the CPU than the next. */
static fallible add_nice(const char *name, const char *value, struct scope_text *text)
{
    static const uint16_t weights[] = {
        /* -20 to 19 */
        8668, 7007, 5516, 4519, 3544, 2847, 2271, 1827, 1460, 1164, 932, 744, 596, 479,
        381,  305,  244,  194,  155,  125,  100,  80,   64,   51,   41,  33,  27,  21,
        17,   13,   11,   8,    7,    5,    4,    4,    3,    2,    2,   1,
    };
    bool is_negative = value[0] == '-';
    uint64_t number;

    if (!text_to_unsigned(value + is_negative, is_negative ? 20 : 19, &number))
        return OK;
    size_t place = is_negative ? 20 - (size_t) number : 20 + (size_t) number;
    return scope_text_add_number(text, name, weights[place]);
}

static fallible add_period(const char *value, struct scope_text *text)
{
    return *value ? add_number("CPUQuotaPeriodUSec", value, text) : OK;
}

/* "50000 100000", "max 100000", "max". */
static fallible add_quota(const char *name, const char *value, struct scope_text *text)
{
    char quota[WORD_SIZE], period[WORD_SIZE];
    uint64_t number, every = PERIOD, share = unset;

    take_word(take_word(value, quota), period);
    if (*period && (!text_to_unsigned(period, UINT32_MAX, &every) || !every))
        return OK;
    if (!text_equal(quota, "max")) {
        if (!text_to_unsigned(quota, UINT64_MAX / SECOND - 1, &number))
            return OK;
        share = (number * SECOND + every - 1) / every;
        share = (share + PERCENT - 1) / PERCENT * PERCENT;
    }
    try(scope_text_add_number(text, name, share));
    return add_period(period, text);
}

static bool is_member(const struct number_set *set, uint32_t number)
{
    return set->words[number / NUMBER_SET_WORD_BITS] >> number % NUMBER_SET_WORD_BITS & 1;
}

/* A bit for each number, in bytes, the least first. */
static fallible add_set(const char *name, const char *value, struct scope_text *text)
{
    struct number_set set;
    uint32_t bytes = (NUMBER_SET_MOST + 1) / 8;

    if (!number_set_parse(value, &set) || number_set_is_empty(&set))
        return OK;
    try(scope_text_add(text, "property %s ay\na y\n", name));
    for (bool has_begun = false; bytes > 0; bytes--) {
        for (uint32_t bit = 0; bit < 8; bit++)
            has_begun |= is_member(&set, (bytes - 1) * 8 + bit);
        if (has_begun)
            break;
    }
    for (uint32_t i = 0; i < bytes; i++) {
        uint32_t byte = 0;
        for (uint32_t bit = 0; bit < 8; bit++)
            byte |= (uint32_t) is_member(&set, i * 8 + bit) << bit;
        try(scope_text_add(text, "=y %u\n", byte));
    }
    return scope_text_add(text, ".\n");
}

static fallible add_of_device(const char *name, const char *device, uint64_t value,
                              struct scope_text *text)
{
    return scope_text_add(text,
                          "property %s a(st)\na (st)\nr st\n=s /dev/block/%s\n=t %llu\n.\n.\n",
                          name, device, (unsigned long long) value);
}

/* "default 100", "8:0 100", "100". */
static fallible add_weight(const char *name, const char *value, struct scope_text *text)
{
    char device[WORD_SIZE], weight[WORD_SIZE];
    uint64_t number;

    take_word(take_word(value, device), weight);
    bool is_own = text_equal(device, "default") || !*weight;
    if (!text_to_unsigned(*weight ? weight : device, UINT64_MAX, &number))
        return OK;
    return is_own ? scope_text_add_number(text, name, number)
                  : add_of_device("IODeviceWeight", device, number, text);
}

/* systemd knows no io.bfq.weight, but what it makes of IOWeight. */
static fallible add_bfq_weight(const char *name, const char *value, struct scope_text *text)
{
    char device[WORD_SIZE], weight[WORD_SIZE], changed[2 * WORD_SIZE];
    uint64_t number;

    take_word(take_word(value, device), weight);
    if (!text_to_unsigned(*weight ? weight : device, UINT16_MAX, &number))
        return OK;
    text_format(changed, sizeof(changed), "%s %u", *weight ? device : "default",
                io_convert_weight((unsigned) number));
    return add_weight(name, changed, text);
}

/* "8:0 target=75000", in us; 0 is none. */
static fallible add_latency(const char *name, const char *value, struct scope_text *text)
{
    char device[WORD_SIZE], target[WORD_SIZE];
    uint64_t number;

    take_word(take_word(value, device), target);
    if (!text_starts(target, "target=") ||
        !text_to_unsigned(target + strlen("target="), UINT64_MAX, &number))
        return OK;
    return add_of_device(name, device, number ? number : unset, text);
}

/* "8:0 rbps=1048576 wiops=max" */
static fallible add_throttles(const char *name, const char *value, struct scope_text *text)
{
    static const struct {
        const char *key, *name;
    } keys[] = {
        { "rbps=", "IOReadBandwidthMax" },
        { "wbps=", "IOWriteBandwidthMax" },
        { "riops=", "IOReadIOPSMax" },
        { "wiops=", "IOWriteIOPSMax" },
    };
    char device[WORD_SIZE], word[WORD_SIZE];
    uint64_t rate;

    (void) name;
    for (const char *rest = take_word(value, device); *rest;) {
        rest = take_word(rest, word);
        for (size_t i = 0; i < LENGTH(keys); i++)
            if (text_starts(word, keys[i].key) &&
                byte_size_parse(word + strlen(keys[i].key), &rate))
                try(add_of_device(keys[i].name, device, rate, text));
    }
    return OK;
}

static const struct {
    const char *file, *name;
    struct error *(*add)(const char *name, const char *value, struct scope_text *text);
} properties[] = {
    { "cpu.idle", "CPUWeight", add_idle },
    { "cpu.max", "CPUQuotaPerSecUSec", add_quota },
    { "cpu.weight", "CPUWeight", add_number },
    { "cpu.weight.nice", "CPUWeight", add_nice },
    { "cpuset.cpus", "AllowedCPUs", add_set },
    { "cpuset.mems", "AllowedMemoryNodes", add_set },
    { "io.bfq.weight", "IOWeight", add_bfq_weight },
    { "io.latency", "IODeviceLatencyTargetUSec", add_latency },
    { "io.max", NULL, add_throttles },
    { "io.weight", "IOWeight", add_weight },
    { "memory.high", "MemoryHigh", add_bytes },
    { "memory.low", "MemoryLow", add_bytes },
    { "memory.max", "MemoryMax", add_bytes },
    { "memory.min", "MemoryMin", add_bytes },
    { "memory.swap.max", "MemorySwapMax", add_bytes },
    { "pids.max", "TasksMax", add_tasks },
};

static fallible add_file(const char *file, const char *value, struct scope_text *text)
{
    for (size_t i = 0; i < LENGTH(properties); i++)
        if (text_equal(properties[i].file, file))
            return properties[i].add(properties[i].name, value, text);
    return OK;
}

/* Of a limit for one of two files the property is that of the other, which comes last. */
fallible scope_add_limit(const struct limit *limit, struct scope_text *text)
{
    char word[WORD_SIZE];

    if (limit->keeps_quota)
        return add_period(take_word(limit->value, word), text);
    try(add_file(limit->file, limit->value, text));
    return limit->other_file ? add_file(limit->other_file, limit->other_value, text) : OK;
}

fallible scope_add_limits(const struct limits_plan *plan, struct scope_text *text)
{
    for (const struct limit *limit = plan->first; limit; limit = limit->next)
        try(scope_add_limit(limit, text));
    return OK;
}
