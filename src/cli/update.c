/* SPDX-License-Identifier: Apache-2.0 */
/* tare update: other limits for a container that is there (runc's and crun's command).  They come
 * from options, or all from a document like linux.resources, as engines send it. */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "cgroup/byte_size.h"
#include "cgroup/cpu_weight.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/visit.h"
#include "container/document.h"
#include "libocispec/linux.h"
#include "os/fd.h"

enum setting_name {
    BLKIO_WEIGHT,
    CPU_BURST,
    CPU_IDLE,
    CPU_PERIOD,
    CPU_QUOTA,
    CPU_RT_PERIOD,
    CPU_RT_RUNTIME,
    CPU_SHARE,
    CPUSET_CPUS,
    CPUSET_MEMS,
    KERNEL_MEMORY,
    KERNEL_MEMORY_TCP,
    L3_CACHE_SCHEMA,
    MEM_BW_SCHEMA,
    MEMORY,
    MEMORY_RESERVATION,
    MEMORY_SWAP,
    PIDS_LIMIT,
    SETTINGS,
};

static const char *file;
static const char *texts[SETTINGS];

// clang-format off
static const struct option options[] = {
    OPTION_VALUE('r', "resources", "FILE", &file,
                 "take all limits from FILE, JSON as linux.resources; - is stdin"),
    OPTION_VALUE(0, "blkio-weight", "WEIGHT", &texts[BLKIO_WEIGHT],
                 "weight of its I/O, 10 to 1000"),
    OPTION_VALUE(0, "cpu-period", "USEC", &texts[CPU_PERIOD],
                 "period of the quota, 1000 to 1000000"),
    OPTION_VALUE(0, "cpu-quota", "USEC", &texts[CPU_QUOTA],
                 "processor time that it may have in a period; -1 for no limit"),
    OPTION_VALUE(0, "cpu-burst", "USEC", &texts[CPU_BURST],
                 "unused quota that may be carried over"),
    OPTION_VALUE(0, "cpu-share", "SHARES", &texts[CPU_SHARE],
                 "share of processor time, 2 to 262144"),
    OPTION_VALUE(0, "cpu-rt-period", "USEC", &texts[CPU_RT_PERIOD],
                 "for cgroup v1 alone: any value but 0 is refused"),
    OPTION_VALUE(0, "cpu-rt-runtime", "USEC", &texts[CPU_RT_RUNTIME],
                 "for cgroup v1 alone: any value but 0 is refused"),
    OPTION_VALUE(0, "cpu-idle", "0|1", &texts[CPU_IDLE],
                 "1: it runs when nobody else wants to"),
    OPTION_VALUE(0, "cpuset-cpus", "LIST", &texts[CPUSET_CPUS],
                 "processors that it may use: 0-3,8"),
    OPTION_VALUE(0, "cpuset-mems", "LIST", &texts[CPUSET_MEMS],
                 "memory nodes that it may use"),
    OPTION_VALUE(0, "memory", "SIZE", &texts[MEMORY],
                 "limit on memory, in bytes, or as 512M or 1.5G; -1 for none"),
    OPTION_VALUE(0, "memory-reservation", "SIZE", &texts[MEMORY_RESERVATION],
                 "memory that others shall not take from it"),
    OPTION_VALUE(0, "memory-swap", "SIZE", &texts[MEMORY_SWAP],
                 "limit on memory and swap together; -1 for none on swap"),
    OPTION_VALUE(0, "kernel-memory", "SIZE", &texts[KERNEL_MEMORY],
                 "for cgroup v1 alone: any value but 0 and -1 is refused"),
    OPTION_VALUE(0, "kernel-memory-tcp", "SIZE", &texts[KERNEL_MEMORY_TCP],
                 "for cgroup v1 alone: any value but 0 and -1 is refused"),
    OPTION_VALUE(0, "pids-limit", "COUNT", &texts[PIDS_LIMIT],
                 "limit on processes; -1 for none"),
    OPTION_VALUE(0, "l3-cache-schema", "SCHEMA", &texts[L3_CACHE_SCHEMA],
                 "part of the L3 cache, where Intel RDT is: L3:0=ff"),
    OPTION_VALUE(0, "mem-bw-schema", "SCHEMA", &texts[MEM_BW_SCHEMA],
                 "part of the memory bandwidth: MB:0=50"),
    {},
};
// clang-format on

static bool take_text(const char *text, void *out)
{
    const char **list = out;
    *list = text;
    return true;
}

static bool take_unsigned_16(const char *text, void *out)
{
    struct oci_opt_u16 *member = out;
    uint64_t number;

    if (!text_to_unsigned(text, UINT16_MAX, &number))
        return false;
    *member = (struct oci_opt_u16){ (uint16_t) number, true };
    return true;
}

static bool take_unsigned(const char *text, void *out)
{
    struct oci_opt_u64 *member = out;
    member->present = text_to_unsigned(text, UINT64_MAX, &member->value);
    return member->present;
}

static bool take_signed(const char *text, void *out)
{
    struct oci_opt_i64 *member = out;
    member->present = text_to_signed(text, INT64_MIN, INT64_MAX, &member->value);
    return member->present;
}

/* "512M", "1.5GiB"; "-1". */
static bool take_size(const char *text, void *out)
{
    struct oci_opt_i64 *member = out;

    if (text[0] == '-')
        return take_signed(text, out);
    member->present = byte_size_parse_words(text, &member->value);
    return member->present;
}

static struct oci_block_io block_io;
static struct oci_cpu cpu;
static struct oci_memory memory;
static struct oci_pids pids;
static struct oci_intel_rdt intel_rdt;
static struct oci_resources limits = {
    .block_io = &block_io, .cpu = &cpu, .memory = &memory, .pids = &pids
};

/* What each option is in config.json. */
// clang-format off
static const struct setting {
    const char *field;
    bool (*take)(const char *text, void *out);
    void *out;
} settings[SETTINGS] = {
    [BLKIO_WEIGHT]       = { "linux.resources.blockIO.weight",      take_unsigned_16, &block_io.weight },
    [CPU_BURST]          = { "linux.resources.cpu.burst",           take_unsigned, &cpu.burst },
    [CPU_IDLE]           = { "linux.resources.cpu.idle",            take_signed, &cpu.idle },
    [CPU_PERIOD]         = { "linux.resources.cpu.period",          take_unsigned, &cpu.period },
    [CPU_QUOTA]          = { "linux.resources.cpu.quota",           take_signed, &cpu.quota },
    [CPU_RT_PERIOD]      = { "linux.resources.cpu.realtimePeriod",  take_unsigned, &cpu.realtime_period },
    [CPU_RT_RUNTIME]     = { "linux.resources.cpu.realtimeRuntime", take_signed, &cpu.realtime_runtime },
    [CPU_SHARE]          = { "linux.resources.cpu.shares",          take_unsigned, &cpu.shares },
    [CPUSET_CPUS]        = { "linux.resources.cpu.cpus",            take_text, &cpu.cpus },
    [CPUSET_MEMS]        = { "linux.resources.cpu.mems",            take_text, &cpu.mems },
    [KERNEL_MEMORY]      = { "linux.resources.memory.kernel",       take_size, &memory.kernel },
    [KERNEL_MEMORY_TCP]  = { "linux.resources.memory.kernelTCP",    take_size, &memory.kernel_tcp },
    [L3_CACHE_SCHEMA]    = { "linux.intelRdt.l3CacheSchema",        take_text, &intel_rdt.l3_cache_schema },
    [MEM_BW_SCHEMA]      = { "linux.intelRdt.memBwSchema",          take_text, &intel_rdt.mem_bw_schema },
    [MEMORY]             = { "linux.resources.memory.limit",        take_size, &memory.limit },
    [MEMORY_RESERVATION] = { "linux.resources.memory.reservation",  take_size, &memory.reservation },
    [MEMORY_SWAP]        = { "linux.resources.memory.swap",         take_size, &memory.swap },
    [PIDS_LIMIT]         = { "linux.resources.pids.limit",          take_signed, &pids.limit },
};
// clang-format on

static const char *name_option(size_t setting)
{
    const struct option *option = options;

    while (option->out != &texts[setting])
        option++;
    return option->name;
}

static fallible read_option(size_t setting)
{
    const char *name = name_option(setting), *text = texts[setting];

    try(options_check_value(name, text));
    if (settings[setting].take(text, settings[setting].out))
        return OK;
    if (settings[setting].take == take_size)
        return error_hint(error_new(ERROR_USAGE, "--%s '%s' is not a number of bytes", name, text),
                          "a number, which K, M, G or T may follow: 512M, 1.5G; -1 means no limit");
    return error_new(ERROR_USAGE, "--%s '%s' is not a whole number, or out of range", name, text);
}

static fallible read_options(void)
{
    bool has_any = file;

    try(options_check_value("resources", file));
    for (size_t i = 0; i < SETTINGS; i++) {
        if (!texts[i])
            continue;
        if (file)
            return error_hint(
                error_new(ERROR_USAGE, "--resources and --%s exclude each other", name_option(i)),
                "the document that --resources names says all that is to change");
        try(read_option(i));
        has_any = true;
    }
    if (has_any)
        return OK;
    return error_hint(error_new(ERROR_USAGE, "there is nothing to update"),
                      "usage: tare update [OPTIONS] <id>, with a limit or --resources FILE");
}

/* Says by which option the field was given. */
static fallible name_culprit(struct error *error)
{
    for (size_t i = 0; error && i < SETTINGS; i++)
        if (texts[i] && text_equal(error->field, settings[i].field))
            return error_within(error, "--%s", name_option(i));
    return error;
}

/* For texts, and where zero is a value as any other, it never is. */
static bool is_unset(const struct setting *setting)
{
    if (setting->take == take_unsigned_16)
        return !((const struct oci_opt_u16 *) setting->out)->value;
    if (setting->take == take_unsigned)
        return setting->out != &cpu.burst && !((const struct oci_opt_u64 *) setting->out)->value;
    if (setting->take == take_signed || setting->take == take_size)
        return setting->out != &cpu.idle && !((const struct oci_opt_i64 *) setting->out)->value;
    return false;
}

/* Documents of engines say so by habit; who types an option means something. */
static void warn_of_options(void)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (texts[i] && is_unset(&settings[i]))
            log_warning("--%s %s changes nothing: 0 means unset", name_option(i), texts[i]);
    if (cpu.shares.value && cpu.shares.value < CPU_SHARES_LEAST)
        log_warning("--cpu-share %s counts as %d, the least", texts[CPU_SHARE], CPU_SHARES_LEAST);
    if (cpu.shares.value > CPU_SHARES_MOST)
        log_warning("--cpu-share %s counts as %d, the most", texts[CPU_SHARE], CPU_SHARES_MOST);
}

static fallible update(struct container *container, struct arena *arena)
{
    struct oci_linux linux_ = { .resources = &limits };

    (void) arena;
    if (intel_rdt.l3_cache_schema || intel_rdt.mem_bw_schema)
        linux_.intel_rdt = &intel_rdt;
    try(name_culprit(container_update(container, &linux_)));
    if (!file)
        warn_of_options();
    return OK;
}

/* It is read before the container is locked: whoever writes it may take their time. */
static fallible read_document(struct arena *arena, struct document *document)
{
    bool is_standard_input = text_equal(file, "-");
    const void *decoded;

    *document = (struct document){ .name = is_standard_input ? "standard input" : file,
                                   .prefix = "linux.resources." };
    if (is_standard_input)
        try(document_read_from(&(struct fd_file){ .fd = STDIN_FILENO }, arena, document));
    else
        try(document_read(AT_FDCWD, file, arena, document));
    try(document_decode(document, &oci_resources_schema, arena, &decoded));
    limits = *(const struct oci_resources *) decoded;
    return OK;
}

static fallible run(struct invocation *invocation)
{
    struct document document;

    try(read_options());
    if (!file)
        return visit_container(invocation, update);
    try(read_document(invocation->arena, &document));
    return document_place(&document, visit_container(invocation, update));
}

const struct command update_command = {
    .name = "update",
    .words = "<id>",
    .about = "change the limits of a container",
    .options = options,
    .run = run,
};
