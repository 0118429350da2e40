/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/scope*: names, and all that becomes a property of a scope. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/cgroup.h"
#include "cgroup/device_program.h"
#include "cgroup/limits.h"
#include "cgroup/scope.h"
#include "cgroup/scope_text.h"
#include "libocispec/arena.h"
#include "libocispec/schema.h"

enum { ROUNDS = 20000 };

static char memory[1 << 20] __attribute__((aligned(4096)));
static struct arena arena;
static struct scope_text text;

static int set_up(void **state)
{
    (void) state;
    memset(memory, 0, arena.used);
    arena = (struct arena){ .base = memory, .size = sizeof(memory) };
    text = (struct scope_text){ .arena = &arena };
    return 0;
}

static void assert_ok(struct error *error)
{
    if (error)
        fail_msg("%s", error->text);
}

static void assert_refused(struct error *error, const char *part)
{
    assert_non_null(error);
    if (error->code != ERROR_CONFIG || !strstr(error->text, part))
        fail_msg("code %d: %s", error->code, error->text);
    error_forget(error);
}

static const char *written(void)
{
    return text.v ? text.v : "";
}

/* What is written since the last call. */
static void assert_written(const char *expected)
{
    assert_string_equal(written(), expected);
    text = (struct scope_text){ .arena = &arena };
}

static struct scope_plan parsed(const char *asked)
{
    struct scope_plan plan = { .unit = NULL };
    assert_ok(scope_name(asked, "id", &arena, &plan));
    return plan;
}

static void knows_names(void **state) /* [E3.systemd.1] [E3.systemd.2] [E3.systemd.3] */
{
    (void) state;
    static const struct {
        const char *asked, *slice, *unit;
    } names[] = {
        { "machine.slice:libpod:12ab", "machine.slice", "libpod-12ab.scope" },
        { "user.slice:libpod:12ab", "user.slice", "libpod-12ab.scope" },
        { "system.slice:docker:12ab", "system.slice", "docker-12ab.scope" },
        { "kubepods-pod1.slice:crio:12ab", "kubepods-pod1.slice", "crio-12ab.scope" },
        { "a-b-c.slice:cri-containerd:x", "a-b-c.slice", "cri-containerd-x.scope" },
        { "-.slice:p:n", "-.slice", "p-n.scope" },
        { "-:p:n", "-.slice", "p-n.scope" },
        { "system.slice::n", "system.slice", "n.scope" },
        { "s.slice:p:n\\x2bm", "s.slice", "p-n\\x2bm.scope" },
        { "s.slice:p:n@1", "s.slice", "p-n@1.scope" },
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct scope_plan plan = parsed(names[i].asked);
        assert_string_equal(plan.slice, names[i].slice);
        assert_string_equal(plan.unit, names[i].unit);
    }
    const char *slice = parsed(":p:n").slice;
    assert_true(!strcmp(slice, "system.slice") || !strcmp(slice, "user.slice"));
}

static void refuses_names(void **state) /* [CG5] */
{
    (void) state;
    static const struct {
        const char *asked, *part;
    } names[] = {
        { "/a/b", "three parts" },
        { "a.slice:b", "three parts" },
        { "a:b:c:d", "three parts" },
        { "a.slice:b:", "name is empty" },
        { "a:b:c", "not the name of a slice" },
        { ".slice:b:c", "not the name of a slice" },
        { "a--b.slice:p:n", "dash" },
        { "-a.slice:p:n", "dash" },
        { "a-.slice:p:n", "dash" },
        { "a b.slice:p:n", "character" },
        { "a@b.slice:p:n", "character" },
        { "a.slice:p:n m", "character" },
        { "a.slice:p:n+m", "character" },
        { "a.slice:p:b.slice", "cannot hold" },
        { "a.slice:@p:n", "begins with @" },
        { "a.slice:p:n\nunit x", "character" },
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct scope_plan plan = { .unit = NULL };
        assert_refused(scope_name(names[i].asked, "id", &arena, &plan), names[i].part);
    }
    static char longest[300];
    memset(longest, 'a', sizeof(longest) - 1);
    memcpy(longest, "s.slice:p:", 10);
    struct scope_plan plan = { .unit = NULL };
    assert_refused(scope_name(longest, "id", &arena, &plan), "255");
}

static void has_a_name_for_every_id(void **state)
{
    (void) state;
    struct scope_plan plan = { .unit = NULL };
    assert_ok(scope_name(NULL, "A+b_c.d-1", &arena, &plan));
    assert_string_equal(plan.unit, "tare-A\\x2bb_c.d-1.scope");
}

static void finds_the_scope_in_a_path(void **state)
{
    (void) state;
    assert_int_equal(scope_path_length("a.scope", "/s.slice/a.scope", 8), 16);
    assert_int_equal(scope_path_length("a.scope", "/s.slice/a.scope/container", 16), 16);
    assert_int_equal(scope_path_length("a.scope", "/a.scope.slice/a.scope/x", 22), 22);
}

static void turns_limits_into_properties(void **state)
{
    (void) state;
    static const struct {
        const char *file, *value, *expected;
    } limits[] = {
        { "cpu.weight", "59", "property CPUWeight t\n=t 59\n" },
        { "cpu.weight.nice", "-20", "property CPUWeight t\n=t 8668\n" },
        { "cpu.weight.nice", "0", "property CPUWeight t\n=t 100\n" },
        { "cpu.weight.nice", "5\n", "" },
        { "cpu.weight.nice", "5", "property CPUWeight t\n=t 33\n" },
        { "cpu.weight.nice", "19", "property CPUWeight t\n=t 1\n" },
        { "cpu.weight.nice", "20", "" },
        { "cpu.weight.nice", "-21", "" },
        { "cpu.weight.nice", "-", "" },
        { "cpu.idle", "1", "property CPUWeight t\n=t 0\n" },
        { "cpu.idle", "0", "property CPUWeight t\n=t 18446744073709551615\n" },
        { "cpu.max", "50000 100000",
          "property CPUQuotaPerSecUSec t\n=t 500000\nproperty CPUQuotaPeriodUSec t\n=t 100000\n" },
        { "cpu.max", "50500 200000", /* 25.25 %, rounded up */
          "property CPUQuotaPerSecUSec t\n=t 260000\nproperty CPUQuotaPeriodUSec t\n=t 200000\n" },
        { "cpu.max", "1000", "property CPUQuotaPerSecUSec t\n=t 10000\n" },
        { "cpu.max", "max", "property CPUQuotaPerSecUSec t\n=t 18446744073709551615\n" },
        { "cpu.max", "max 5000",
          "property CPUQuotaPerSecUSec t\n=t 18446744073709551615\n"
          "property CPUQuotaPeriodUSec t\n=t 5000\n" },
        { "cpuset.cpus", "0-1,9", "property AllowedCPUs ay\na y\n=y 3\n=y 2\n.\n" },
        { "cpuset.mems", "0", "property AllowedMemoryNodes ay\na y\n=y 1\n.\n" },
        { "cpuset.cpus", "\n", "" },
        { "memory.max", "max", "property MemoryMax t\n=t 18446744073709551615\n" },
        { "memory.max", "67108864", "property MemoryMax t\n=t 67108864\n" },
        { "memory.high", "1G", "property MemoryHigh t\n=t 1073741824\n" },
        { "memory.low", "4096", "property MemoryLow t\n=t 4096\n" },
        { "memory.min", "4096", "property MemoryMin t\n=t 4096\n" },
        { "memory.swap.max", "0", "property MemorySwapMax t\n=t 0\n" },
        { "pids.max", "0", "property TasksMax t\n=t 1\n" }, /* [PI3] */
        { "pids.max", "50", "property TasksMax t\n=t 50\n" },
        { "io.weight", "default 300", "property IOWeight t\n=t 300\n" },
        { "io.weight", "8:0 300",
          "property IODeviceWeight a(st)\na (st)\nr st\n=s /dev/block/8:0\n=t 300\n.\n.\n" },
        { "io.max", "8:0 rbps=1048576 wiops=max",
          "property IOReadBandwidthMax a(st)\na (st)\nr st\n=s /dev/block/8:0\n=t 1048576\n.\n.\n"
          "property IOWriteIOPSMax a(st)\na (st)\nr st\n=s /dev/block/8:0\n"
          "=t 18446744073709551615\n.\n.\n" },
        { "io.bfq.weight", "default 20", "property IOWeight t\n=t 102\n" },
        { "io.bfq.weight", "1", "property IOWeight t\n=t 1\n" },
        { "io.bfq.weight", "8:0 1000",
          "property IODeviceWeight a(st)\na (st)\nr st\n=s /dev/block/8:0\n=t 10000\n.\n.\n" },
        { "io.bfq.weight", "8:0 default", "" },
        { "io.latency", "8:0 target=75000",
          "property IODeviceLatencyTargetUSec a(st)\na (st)\nr st\n=s /dev/block/8:0\n"
          "=t 75000\n.\n.\n" },
        { "io.latency", "8:0 target=0",
          "property IODeviceLatencyTargetUSec a(st)\na (st)\nr st\n=s /dev/block/8:0\n"
          "=t 18446744073709551615\n.\n.\n" },
        { "io.latency", "8:0 75000", "" },
        { "hugetlb.2MB.max", "0", "" },
        { "memory.high", "nonsense", "" },
    };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        const struct limit limit = { .file = limits[i].file, .value = limits[i].value };
        assert_ok(scope_add_limit(&limit, &text));
        assert_written(limits[i].expected);
    }
    const struct limit either = { .file = "io.bfq.weight",
                                  .value = "default 100",
                                  .other_file = "io.weight",
                                  .other_value = "default 910" };
    assert_ok(scope_add_limit(&either, &text));
    assert_written("property IOWeight t\n=t 910\nproperty IOWeight t\n=t 910\n");
    const struct limit period = { .file = "cpu.max", .value = "max 5000", .keeps_quota = true };
    assert_ok(scope_add_limit(&period, &text));
    assert_written("property CPUQuotaPeriodUSec t\n=t 5000\n");
}

#define RESET "property DeviceAllow a(ss)\na (ss)\n.\n"
#define ALL_DEVICES                                                                                \
    "property DeviceAllow a(ss)\na (ss)\n"                                                         \
    "r ss\n=s char-*\n=s rwm\n.\nr ss\n=s block-*\n=s rwm\n.\n.\n"

static void allows_no_fewer_devices_than_the_rules(void **state)
{
    (void) state;
    const struct device_rule rules[] = {
        { .allows = true, .type = BPF_DEVCG_DEV_CHAR, .access = DEVICE_ACCESS_ALL },
        { .allows = false, .access = DEVICE_ACCESS_ALL },
        { .allows = true,
          .type = BPF_DEVCG_DEV_CHAR,
          .access = BPF_DEVCG_ACC_READ,
          .has_major = true,
          .major = 10,
          .has_minor = true,
          .minor = 200 },
        { .allows = false,
          .type = BPF_DEVCG_DEV_CHAR,
          .access = BPF_DEVCG_ACC_READ,
          .has_major = true,
          .major = 10 },
        { .allows = true,
          .type = BPF_DEVCG_DEV_BLOCK,
          .access = DEVICE_ACCESS_ALL,
          .has_major = true,
          .major = 7 },
        { .allows = true, .access = BPF_DEVCG_ACC_MKNOD },
        { .allows = true,
          .type = BPF_DEVCG_DEV_CHAR,
          .access = BPF_DEVCG_ACC_WRITE,
          .has_minor = true,
          .minor = 3 },
        { .allows = true, .access = DEVICE_ACCESS_ALL },
    };
    struct device_rules_plan plan = { .rules = rules, .rule_count = 7 };

    assert_ok(scope_add_devices(&plan, &text));
    assert_written("property DevicePolicy s\n=s strict\n" RESET
                   "property DeviceAllow a(ss)\na (ss)\n"
                   "r ss\n=s /dev/char/10:200\n=s r\n.\n"
                   "r ss\n=s block-7\n=s rwm\n.\n"
                   "r ss\n=s char-*\n=s m\n.\nr ss\n=s block-*\n=s m\n.\n"
                   "r ss\n=s char-*\n=s w\n.\n.\n");
    plan.rule_count = 8;
    assert_ok(scope_add_devices(&plan, &text));
    assert_written("property DevicePolicy s\n=s auto\n" RESET ALL_DEVICES);
    plan.rule_count = 0;
    assert_ok(scope_add_devices(&plan, &text));
    assert_written("property DevicePolicy s\n=s auto\n" RESET ALL_DEVICES);
}

static void reads_values(void **state)
{
    (void) state;
    static const struct {
        const char *value, *expected;
    } values[] = {
        { "15", "i\n=i 15\n" },
        { " -15 ", "i\n=i -15\n" },
        { "uint64 10000000", "t\n=t 10000000\n" },
        { "uint64 18446744073709551615", "t\n=t 18446744073709551615\n" },
        { "int64 -9223372036854775808", "x\n=x -9223372036854775808\n" },
        { "byte 255", "y\n=y 255\n" },
        { "true", "b\n=b 1\n" },
        { "boolean false", "b\n=b 0\n" },
        { "1.5", "d\n=d 1.5\n" },
        { "double 2", "d\n=d 2\n" },
        { "'inactive-or-failed'", "s\n=s inactive-or-failed\n" },
        { "\"it's\"", "s\n=s it's\n" },
        { "'a\\'b\\\\'", "s\n=s a'b\\\n" },
        { "['a', 'b']", "as\na s\n=s a\n=s b\n.\n" },
        { "@as []", "as\na s\n.\n" },
        { "@t 5", "t\n=t 5\n" },
        { "[uint64 1, 2]", "at\na t\n=t 1\n=t 2\n.\n" },
        { "[('/dev/null', 'r')]", "a(ss)\na (ss)\nr ss\n=s /dev/null\n=s r\n.\n.\n" },
        { "('a', uint64 5)", "(st)\nr st\n=s a\n=t 5\n.\n" },
        { "[[1], [2, 3]]", "aai\na ai\na i\n=i 1\n.\na i\n=i 2\n=i 3\n.\n.\n" },
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const char *fault = "none";
        assert_ok(scope_add_variant("P", values[i].value, &text, &fault));
        if (fault)
            fail_msg("%s: %s", values[i].value, fault);
        assert_memory_equal(written(), "property P ", 11);
        assert_string_equal(written() + 11, values[i].expected);
        text = (struct scope_text){ .arena = &arena };
    }
}

static void refuses_values(void **state)
{
    (void) state;
    static const char *const values[] = {
        "",
        " ",
        "nothing",
        "15 16",
        "'a",
        "\"a'",
        "'a\nb'",
        "'a\\",
        "'\\n'",
        "uint32 -1",
        "byte 256",
        "2147483648",
        "uint64 -1",
        "--1",
        "1e",
        "[",
        "[]",
        "[1",
        "[1,]",
        "[1 2]",
        "[1, 'a']",
        "()",
        "(1",
        "(1 2)",
        "<1>",
        "{'a': 1}",
        "@",
        "@a",
        "@s 1",
        "@as [1]",
        "uint64 'a'",
        "string 5",
        "boolean 1",
        "uint64",
        "[[[[[[1]]]]]]",
        "0x10",
        "objectpath '/'",
        "uint64 18446744073709551616",
        "1)",
        "((((((1))))))",
        "[(1, 'a'), ('a', 1)]",
        "uint64 uint64 uint64 uint64 uint64 1",
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const char *fault = NULL;
        assert_ok(scope_add_variant("P", values[i], &text, &fault));
        if (!fault)
            fail_msg("taken: %s, as %s", values[i], written());
        assert_written("");
    }
}

/* Whatever it is: it ends, and it writes whole lines or nothing. */
static void survives_anything(void **state)
{
    (void) state;
    static const char letters[] = "[](),'\"\\@ auints64dby05-+.e\n<{";
    char value[24];

    srandom(1);
    for (int i = 0; i < ROUNDS; i++) {
        size_t length = (size_t) random() % (sizeof(value) - 1);
        const char *fault = NULL;
        for (size_t k = 0; k < length; k++)
            value[k] = letters[(size_t) random() % (sizeof(letters) - 1)];
        value[length] = '\0';
        set_up(NULL);
        assert_ok(scope_add_variant("P", value, &text, &fault));
        if (fault)
            assert_string_equal(written(), "");
        else
            assert_int_equal(written()[text.length - 1], '\n');
    }
}

static struct error *annotate(const char *key, const char *value)
{
    struct oci_string_entry entry = { key, value };
    const struct oci_string_map map = { &entry, 1 };
    return scope_add_annotations(&map, &text);
}

static void takes_annotations(void **state)
{
    (void) state;
    assert_ok(annotate("org.systemd.property.KillSignal", "15"));
    assert_written("property KillSignal i\n=i 15\n");
    assert_ok(annotate("org.systemd.property.TimeoutStopUSec", "uint64 5"));
    assert_written("property TimeoutStopUSec t\n=t 5\n");
    assert_ok(annotate("org.systemd.property.TimeoutStopSec", "7"));
    assert_written("property TimeoutStopUSec t\n=t 7000000\n");
    assert_ok(annotate("org.systemd.propertyX", "nothing"));
    assert_written("");

    assert_refused(annotate("org.systemd.property.KillSignal", "SIGTERM"), "neither a type nor");
    assert_refused(annotate("org.systemd.property.TimeoutStopSec", "'a'"),
                   "whole number of seconds");
    assert_refused(annotate("org.systemd.property.", "1"), "not the name of a property");
    assert_refused(annotate("org.systemd.property.a b", "1"), "not the name of a property");
    assert_refused(annotate("org.systemd.property.a\nunit x", "1"), "not the name of a property");
    static const char *const refused[] = {
        "Slice",         "PIDs",      "Delegate",         "Description",
        "FailureAction", "OnFailure", "OnSuccessJobMode", "Requires",
        "BindsTo",       "PartOf",    "Conflicts"
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        char key[64];
        snprintf(key, sizeof(key), "org.systemd.property.%s", refused[i]);
        assert_refused(annotate(key, "'x'"), refused[i]);
    }
}

static void names_the_subgroup(void **state)
{
    (void) state;
    struct scope_plan plan = { .unit = NULL };
    static const char *const faults[] = { "..", ".", "a/b", "/", "a\nb" };

    assert_ok(scope_name_subgroup(NULL, &arena, &plan));
    assert_string_equal(plan.subgroup, "container");
    assert_ok(scope_name_subgroup("payload", &arena, &plan));
    assert_string_equal(plan.subgroup, "payload");
    assert_ok(scope_name_subgroup("", &arena, &plan));
    assert_string_equal(plan.subgroup, "");
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        assert_refused(scope_name_subgroup(faults[i], &arena, &plan), "name of a cgroup");
}

#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, set_up, NULL, NULL                                                         \
    }

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST("knows slice:prefix:name [CG1]", knows_names),
        TEST("refuses what is no such name [CG5]", refuses_names),
        TEST("has a name for every id", has_a_name_for_every_id),
        TEST("finds the scope in a path", finds_the_scope_in_a_path),
        TEST("turns limits into properties [PI3]", turns_limits_into_properties),
        TEST("allows no fewer devices than the rules", allows_no_fewer_devices_than_the_rules),
        TEST("reads values in the text format of GVariant", reads_values),
        TEST("refuses what is no value", refuses_values),
        TEST("survives anything", survives_anything),
        TEST("takes annotations for properties", takes_annotations),
        TEST("names the cgroup in the scope (T61)", names_the_subgroup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
