/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/limits: from linux.resources to writes, each table row one config. */
#include "tests/unit/container/config.h"

#include <unistd.h>

#include "cgroup/limits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct error *plan(const char *json, bool is_pids_zero_real, struct limits_plan *made)
{
    struct oci_problem problem = { 0 };
    arena_reset();
    const char *text = quote(json);
    const struct oci_resources *resources =
        oci_decode(&oci_resources_schema, &arena, text, strlen(text), &problem);
    if (!resources)
        fail_msg("%s: %s: %s", json, problem.path, problem.reason);
    return limits_plan(resources, is_pids_zero_real, &arena, made);
}

/* "file=value", with a '?' in front if it may be missing, "|" before what else could be written. */
static void print(const struct limits_plan *made, char *text, size_t size)
{
    text[0] = '\0';
    for (const struct limit *limit = made->first; limit; limit = limit->next) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s%s=%s%s%s%s%s", used ? "; " : "",
                 limit->is_optional ? "?" : "", limit->file, limit->value,
                 limit->other_file ? "|" : "", limit->other_file ? limit->other_file : "",
                 limit->other_file ? "=" : "", limit->other_file ? limit->other_value : "");
    }
}

struct row {
    const char *json, *writes;
};

static void check_rows(const struct row *rows, size_t count)
{
    char text[1024];
    for (size_t i = 0; i < count; i++) {
        struct limits_plan made;
        assert_ok(plan(rows[i].json, true, &made));
        print(&made, text, sizeof(text));
        if (strcmp(text, rows[i].writes) != 0)
            fail_msg("%s:\n  %s\nnot\n  %s", rows[i].json, text, rows[i].writes);
    }
}

// clang-format off
static const struct row nothing[] = {
    { "{}", "" },
    { "{ 'memory': {}, 'cpu': { 'shares': 0 }, 'blockIO': { 'weight': 0 } }", "" },
    { "{ 'memory': { 'limit': 0, 'reservation': 0, 'swap': 0, 'kernel': 0, 'kernelTCP': -1,"
      "  'disableOOMKiller': false, 'useHierarchy': true } }", "" },
    { "{ 'cpu': { 'quota': 0, 'period': 0, 'realtimeRuntime': 0, 'realtimePeriod': 0, 'cpus': '',"
      "  'mems': '' } }", "" },
    { "{ 'pids': {}, 'network': { 'classID': 0, 'priorities': [] }, 'rdma': {}, 'unified': {},"
      "  'hugepageLimits': [], 'blockIO': { 'leafWeight': 0, 'weightDevice': [] } }", "" },
    { "{ 'blockIO': { 'weightDevice': [{ 'major': 8, 'minor': 0, 'weight': 0 }] } }", "" },
};

static const struct row memory_rows[] = {
    { "{ 'memory': { 'limit': 1000000 } }", "memory.max=1000000" },
    { "{ 'memory': { 'limit': -1 } }", "?memory.swap.max=max; ?memory.max=max" },
    { "{ 'memory': { 'reservation': 500 } }", "memory.low=500" },
    { "{ 'memory': { 'reservation': -1 } }", "memory.low=max" },
    { "{ 'memory': { 'limit': 100, 'swap': 300 } }", "memory.swap.max=200; memory.max=100" },
    { "{ 'memory': { 'limit': 100, 'swap': 100 } }", "?memory.swap.max=0; memory.max=100" },
    { "{ 'memory': { 'limit': 100, 'swap': -1 } }", "?memory.swap.max=max; memory.max=100" },
    { "{ 'memory': { 'limit': 100, 'swap': 0 } }", "memory.max=100" },
    { "{ 'memory': { 'limit': -1, 'swap': 50 } }", "memory.swap.max=50; ?memory.max=max" },
    { "{ 'memory': { 'swap': -1 } }", "?memory.swap.max=max" },
    { "{ 'memory': { 'limit': 9223372036854775807 } }", "memory.max=9223372036854775807" },
    { "{ 'memory': { 'limit': 100, 'checkBeforeUpdate': true } }", "memory.max=100" },
};

static const struct row cpu_rows[] = {
    { "{ 'cpu': { 'shares': 1024 } }", "cpu.weight=100" },
    { "{ 'cpu': { 'shares': 2 } }", "cpu.weight=1" },
    { "{ 'cpu': { 'shares': 1 } }", "cpu.weight=1" },
    { "{ 'cpu': { 'shares': 1000000 } }", "cpu.weight=10000" },
    { "{ 'cpu': { 'quota': 50000 } }", "cpu.max=50000" },
    { "{ 'cpu': { 'quota': 50000, 'period': 200000 } }", "cpu.max=50000 200000" },
    { "{ 'cpu': { 'quota': -1 } }", "?cpu.max=max" },
    { "{ 'cpu': { 'quota': -7, 'period': 1000 } }", "cpu.max=max 1000" },
    { "{ 'cpu': { 'period': 200000 } }", "cpu.max=max 200000" },
    { "{ 'cpu': { 'quota': 50000, 'burst': 20000 } }",
      "?cpu.max.burst=0; cpu.max=50000; cpu.max.burst=20000" },
    { "{ 'cpu': { 'quota': 50000, 'burst': 0 } }", "?cpu.max.burst=0; cpu.max=50000" },
    { "{ 'cpu': { 'burst': 50000, 'quota': 50000 } }",
      "?cpu.max.burst=0; cpu.max=50000; cpu.max.burst=50000" },
    { "{ 'cpu': { 'idle': 1 } }", "cpu.idle=1" },
    { "{ 'cpu': { 'idle': 0 } }", "cpu.idle=0" },
    { "{ 'cpu': { 'idle': 1, 'shares': 512 } }", "cpu.idle=0; cpu.weight=59; cpu.idle=1" },
    { "{ 'cpu': { 'idle': 0, 'shares': 512 } }", "cpu.idle=0; cpu.weight=59" },
    { "{ 'cpu': { 'cpus': '0-1,3', 'mems': '0' } }", "cpuset.cpus=0-1,3; cpuset.mems=0" },
};

static const struct row io_rows[] = {
    { "{ 'blockIO': { 'weight': 10 } }", "io.bfq.weight=default 10|io.weight=default 1; ?io.weight=default 1" },
    { "{ 'blockIO': { 'weight': 100 } }", "io.bfq.weight=default 100|io.weight=default 910; ?io.weight=default 910" },
    { "{ 'blockIO': { 'weight': 500 } }", "io.bfq.weight=default 500|io.weight=default 4950; ?io.weight=default 4950" },
    { "{ 'blockIO': { 'weight': 1000 } }", "io.bfq.weight=default 1000|io.weight=default 10000; ?io.weight=default 10000" },
    { "{ 'blockIO': { 'weightDevice': [{ 'major': 8, 'minor': 16, 'weight': 20 }] } }",
      "io.bfq.weight=8:16 20|io.weight=8:16 102" },
    { "{ 'blockIO': { 'throttleReadBpsDevice': [{ 'major': 8, 'minor': 0, 'rate': 1000 },"
      "    { 'major': 259, 'minor': 5, 'rate': 0 }],"
      "  'throttleWriteBpsDevice': [{ 'major': 8, 'minor': 0, 'rate': 18446744073709551615 }],"
      "  'throttleReadIOPSDevice': [{ 'major': 8, 'minor': 0, 'rate': 4294967294 }],"
      "  'throttleWriteIOPSDevice': [{ 'major': 8, 'minor': 0, 'rate': 4294967295 }] } }",
      "io.max=8:0 rbps=1000; ?io.max=259:5 rbps=max; ?io.max=8:0 wbps=max;"
      " io.max=8:0 riops=4294967294; ?io.max=8:0 wiops=max" },
};

static const struct row other_rows[] = {
    { "{ 'pids': { 'limit': 10 } }", "pids.max=10" },
    { "{ 'pids': { 'limit': 1 } }", "pids.max=1" },
    { "{ 'pids': { 'limit': 0 } }", "pids.max=0" },
    { "{ 'pids': { 'limit': -1 } }", "?pids.max=max" },
    { "{ 'rdma': { 'mlx5_0': { 'hcaHandles': 3 }, 'b': { 'hcaObjects': 0 } } }",
      "rdma.max=mlx5_0 hca_handle=3; rdma.max=b hca_object=0" },
    { "{ 'rdma': { 'a': { 'hcaHandles': 2147483646, 'hcaObjects': 4294967295 } } }",
      "rdma.max=a hca_handle=2147483646 hca_object=max" },
    { "{ 'unified': { 'memory.high': '1', 'cgroup.max.depth': '3', 'misc.max': 'x 1' } }",
      "memory.high=1; cgroup.max.depth=3; misc.max=x 1" },
    { "{ 'unified': { 'io.max': '8:0 rbps=1\\n\\n8:16 wbps=2\\n' } }",
      "io.max=8:0 rbps=1; io.max=8:16 wbps=2" },
    { "{ 'unified': { 'cpuset.cpus': '' } }", "cpuset.cpus=\n" },
    { "{ 'unified': { 'memory.of.2040': 'a b' } }", "memory.of.2040=a b" },
    { "{ 'unified': { 'pids.max': '7' }, 'pids': { 'limit': 3 }, 'memory': { 'limit': 4096 },"
      "  'cpu': { 'cpus': '0' } }", "cpuset.cpus=0; memory.max=4096; pids.max=3; pids.max=7" },
};

static const struct {
    const char *json;
    enum error_code code;
    const char *text;
} bad[] = {
    { "{ 'memory': { 'limit': -2 } }", ERROR_CONFIG,
      "linux.resources.memory.limit: -2 is not a number of bytes" },
    { "{ 'memory': { 'reservation': -2 } }", ERROR_CONFIG,
      "linux.resources.memory.reservation: -2 is not a number of bytes" },
    { "{ 'memory': { 'limit': 1, 'swap': -2 } }", ERROR_CONFIG,
      "linux.resources.memory.swap: -2 is not a number of bytes" },
    { "{ 'memory': { 'limit': 100, 'swap': 99 } }", ERROR_CONFIG,
      "linux.resources.memory.swap: 99 is below linux.resources.memory.limit, 100" },
    { "{ 'memory': { 'swap': 99 } }", ERROR_CONFIG,
      "linux.resources.memory.swap: needs linux.resources.memory.limit beside it" },
    { "{ 'memory': { 'kernel': 1 } }", ERROR_UNSUPPORTED,
      "linux.resources.memory.kernel: cgroup v2 has no limit on the kernel's memory alone" },
    { "{ 'memory': { 'kernelTCP': 1 } }", ERROR_UNSUPPORTED,
      "linux.resources.memory.kernelTCP: cgroup v2 has no limit on the kernel's memory alone" },
    { "{ 'memory': { 'swappiness': 101 } }", ERROR_CONFIG,
      "linux.resources.memory.swappiness: 101 is not between 0 and 100" },
    { "{ 'memory': { 'swappiness': 0 } }", ERROR_UNSUPPORTED,
      "linux.resources.memory.swappiness: cgroup v2 has no swappiness of a cgroup" },
    { "{ 'memory': { 'disableOOMKiller': true } }", ERROR_UNSUPPORTED,
      "linux.resources.memory.disableOOMKiller: cgroup v2 cannot do without the OOM killer" },
    { "{ 'memory': { 'useHierarchy': false } }", ERROR_UNSUPPORTED,
      "linux.resources.memory.useHierarchy: cgroup v2 always counts by hierarchy" },
    { "{ 'cpu': { 'quota': 999 } }", ERROR_CONFIG,
      "linux.resources.cpu.quota: 999 us are below the kernel's least, 1000" },
    { "{ 'cpu': { 'period': 999 } }", ERROR_CONFIG,
      "linux.resources.cpu.period: 999 us are not between 1000 and 1000000" },
    { "{ 'cpu': { 'period': 1000001 } }", ERROR_CONFIG,
      "linux.resources.cpu.period: 1000001 us are not between 1000 and 1000000" },
    { "{ 'cpu': { 'quota': 5000, 'burst': 5001 } }", ERROR_CONFIG,
      "linux.resources.cpu.burst: 5001 is above linux.resources.cpu.quota, 5000" },
    { "{ 'cpu': { 'idle': 2 } }", ERROR_CONFIG,
      "linux.resources.cpu.idle: 2 is neither 0 nor 1" },
    { "{ 'cpu': { 'realtimeRuntime': 1 } }", ERROR_UNSUPPORTED,
      "linux.resources.cpu.realtimeRuntime: cgroup v2 has no budget for realtime processes" },
    { "{ 'cpu': { 'realtimePeriod': 1 } }", ERROR_UNSUPPORTED,
      "linux.resources.cpu.realtimePeriod: cgroup v2 has no budget for realtime processes" },
    { "{ 'cpu': { 'cpus': 'a' } }", ERROR_CONFIG,
      "linux.resources.cpu.cpus: 'a' is not a list of numbers" },
    { "{ 'cpu': { 'mems': '0-' } }", ERROR_CONFIG,
      "linux.resources.cpu.mems: '0-' is not a list of numbers" },
    { "{ 'blockIO': { 'weight': 5 } }", ERROR_CONFIG,
      "linux.resources.blockIO.weight: 5 is not between 10 and 1000" },
    { "{ 'blockIO': { 'weight': 1001 } }", ERROR_CONFIG,
      "linux.resources.blockIO.weight: 1001 is not between 10 and 1000" },
    { "{ 'blockIO': { 'leafWeight': 10 } }", ERROR_UNSUPPORTED,
      "linux.resources.blockIO.leafWeight: cgroup v2 has no weight against the cgroups below" },
    { "{ 'blockIO': { 'weightDevice': [{ 'major': 8, 'minor': 0, 'leafWeight': 10 }] } }",
      ERROR_UNSUPPORTED, "linux.resources.blockIO.weightDevice[0].leafWeight: "
      "cgroup v2 has no weight against the cgroups below" },
    { "{ 'blockIO': { 'weightDevice': [{ 'major': 8, 'minor': 0 }] } }", ERROR_CONFIG,
      "linux.resources.blockIO.weightDevice[0]: has neither weight nor leafWeight" },
    { "{ 'blockIO': { 'weightDevice': [{ 'major': 8, 'minor': 0, 'weight': 1 }] } }", ERROR_CONFIG,
      "linux.resources.blockIO.weightDevice[0].weight: 1 is not between 10 and 1000" },
    { "{ 'blockIO': { 'throttleReadBpsDevice': [{ 'major': 8, 'minor': 0 }] } }", ERROR_CONFIG,
      "linux.resources.blockIO.throttleReadBpsDevice[0]: has no rate" },
    { "{ 'blockIO': { 'throttleWriteIOPSDevice': [{ 'major': -8, 'minor': 0, 'rate': 1 }] } }",
      ERROR_CONFIG, "linux.resources.blockIO.throttleWriteIOPSDevice[0]: -8:0 is not a device" },
    { "{ 'hugepageLimits': [{ 'pageSize': '64kB', 'limit': 1 }] }", ERROR_CONFIG,
      "linux.resources.hugepageLimits[0].pageSize: \"64kB\" is not a size of pages" },
    { "{ 'hugepageLimits': [{ 'pageSize': '2M', 'limit': 1 }] }", ERROR_CONFIG,
      "linux.resources.hugepageLimits[0].pageSize: \"2M\" is not a size of pages" },
    { "{ 'hugepageLimits': [{ 'pageSize': '2MB/../x', 'limit': 1 }] }", ERROR_CONFIG,
      "linux.resources.hugepageLimits[0].pageSize: \"2MB/../x\" is not a size of pages" },
    { "{ 'hugepageLimits': [{ 'pageSize': '02MB', 'limit': 1 }] }", ERROR_CONFIG,
      "linux.resources.hugepageLimits[0].pageSize: \"02MB\" is not a size of pages" },
    { "{ 'hugepageLimits': [{ 'pageSize': '2048KB', 'limit': 1 }] }", ERROR_UNSUPPORTED,
      "linux.resources.hugepageLimits[0].pageSize: this kernel has no huge pages of 2048KB" },
    { "{ 'hugepageLimits': [{ 'pageSize': '3MB', 'limit': 1 }] }", ERROR_UNSUPPORTED,
      "linux.resources.hugepageLimits[0].pageSize: this kernel has no huge pages of 3MB" },
    { "{ 'network': { 'classID': 1 } }", ERROR_UNSUPPORTED,
      "linux.resources.network.classID: cgroup v2 has no classes of packets" },
    { "{ 'network': { 'priorities': [{ 'name': 'a', 'priority': 0 }] } }", ERROR_UNSUPPORTED,
      "linux.resources.network.priorities: cgroup v2 has no priorities of packets" },
    { "{ 'pids': { 'limit': -2 } }", ERROR_CONFIG,
      "linux.resources.pids.limit: -2 is not a number of processes" },
    { "{ 'pids': { 'limit': 4194305 } }", ERROR_CONFIG,
      "linux.resources.pids.limit: 4194305 is more than the kernel's most, 4194304" },
    { "{ 'rdma': { 'a': {} } }", ERROR_CONFIG,
      "linux.resources.rdma.a: has neither hcaHandles nor hcaObjects" },
    { "{ 'rdma': { 'a b': { 'hcaHandles': 1 } } }", ERROR_CONFIG,
      "linux.resources.rdma: \"a b\" is not the name of a device" },
    { "{ 'rdma': { '': { 'hcaHandles': 1 } } }", ERROR_CONFIG,
      "linux.resources.rdma: \"\" is not the name of a device" },
    { "{ 'unified': { '': '1' } }", ERROR_CONFIG,
      "linux.resources.unified: the key \"\" is empty" },
    { "{ 'unified': { '../x.y': '1' } }", ERROR_CONFIG,
      "linux.resources.unified.../x.y: the key \"../x.y\" is not the name of a control file" },
    { "{ 'unified': { '..': '1' } }", ERROR_CONFIG,
      "linux.resources.unified...: the key \"..\" does not begin with a controller and a dot" },
    { "{ 'unified': { 'memory': '1' } }", ERROR_CONFIG,
      "linux.resources.unified.memory: the key \"memory\" does not begin with a controller and a "
      "dot" },
    { "{ 'unified': { 'a b.c': '1' } }", ERROR_CONFIG,
      "linux.resources.unified.a b.c: the key \"a b.c\" is not the name of a control file" },
    { "{ 'unified': { 'cgroup.procs': '1' } }", ERROR_CONFIG,
      "linux.resources.unified.cgroup.procs: the key \"cgroup.procs\" is no limit, and is left to "
      "the runtime" },
};
// clang-format on

static void zero_and_absent_ask_for_nothing(void **state) /* [RS0] */
{
    (void) state;
    check_rows(nothing, COUNT(nothing));
    struct limits_plan made = { (void *) -1, (void *) -1 };
    assert_ok(limits_plan(NULL, true, &arena, &made));
    assert_null(made.first);
}

static void converts_memory(void **state) /* [ME2] [ME3] [ME4] [ME5] */
{
    (void) state;
    check_rows(memory_rows, COUNT(memory_rows));
}

static void converts_cpu(void **state) /* [CP2] [CP3] [CP4] [CP5] [CP9] [CP10] [CP11] */
{
    (void) state;
    check_rows(cpu_rows, COUNT(cpu_rows));
}

static void converts_io(void **state) /* [IO2] [IO6] [IO9] [IO10] [IO11] [IO12] [IO14] */
{
    (void) state;
    check_rows(io_rows, COUNT(io_rows));
}

static void converts_the_others(void **state) /* [PI2] [PI3] [RD2] [RD3] [UN1] [UN3] */
{
    (void) state;
    check_rows(other_rows, COUNT(other_rows));
}

static void pids_zero_is_young(void **state) /* [PI3] */
{
    (void) state;
    struct limits_plan made;
    assert_ok(plan("{ 'pids': { 'limit': 0 } }", false, &made));
    assert_null(made.first);
}

/* Both ways to count, the reservation first. */
static void limits_huge_pages(void **state) /* [HP2] [HP3] [HP4] */
{
    (void) state;
    struct limits_plan made;
    char text[256];
    if (access("/sys/kernel/mm/hugepages/hugepages-2048kB", F_OK))
        skip();
    assert_ok(plan("{ 'hugepageLimits': [{ 'pageSize': '2MB', 'limit': 4194304 }] }", true, &made));
    print(&made, text, sizeof(text));
    assert_string_equal(text, "?hugetlb.2MB.rsvd.max=4194304; hugetlb.2MB.max=4194304");
    assert_string_equal(made.first->field, "linux.resources.hugepageLimits[0].limit");
    assert_string_equal(made.first->controller, "hugetlb");
}

static void refuses_what_cannot_be(void **state) /* [RS2] [ME6] [ME8] [CP7] [IO3] [NW1] */
{
    (void) state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct limits_plan made = { NULL, (void *) -1 };
        struct error *error = plan(bad[i].json, true, &made);
        assert_non_null(error);
        assert_string_equal(error->text, bad[i].text);
        assert_int_equal(error->code, bad[i].code);
        assert_true(strncmp(error->text, error->field, strlen(error->field)) == 0);
        assert_ptr_equal(made.last, (void *) -1);
        if (error->code == ERROR_UNSUPPORTED)
            assert_true(error->hint[0]);
        error_forget(error);
    }
}

static void names_controllers(void **state) /* [UN2] */
{
    (void) state;
    struct limits_plan made;
    assert_ok(
        plan("{ 'unified': { 'hugetlb.2MB.max': '0', 'cgroup.max.depth': '1' } }", true, &made));
    assert_string_equal(made.first->controller, "hugetlb");
    assert_string_equal(made.first->field, "linux.resources.unified.hugetlb.2MB.max");
    assert_null(made.first->next->controller);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_and_absent_ask_for_nothing),
        cmocka_unit_test(converts_memory),
        cmocka_unit_test(converts_cpu),
        cmocka_unit_test(converts_io),
        cmocka_unit_test(converts_the_others),
        cmocka_unit_test(pids_zero_is_young),
        cmocka_unit_test(limits_huge_pages),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(names_controllers),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/limits", tests, NULL, NULL);
}
