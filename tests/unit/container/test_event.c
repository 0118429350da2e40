/* SPDX-License-Identifier: Apache-2.0 */
/* container/event: the lines of `events`, from plain files in place of a cgroup. */
#include "tests/unit/cgroup/tree.h"

#include "cgroup/intel_rdt.h"
#include "cgroup/intel_rdt_stats.h"
#include "cgroup/stats.h"
#include "container/event.h"

static const struct intel_rdt_stats *rdt;

static const char *describe(int interfaces)
{
    struct stats stats;
    const struct event_sources sources = { &stats, rdt, interfaces };
    const char *line = NULL;

    empty_arena();
    assert_ok(stats_open(tree_directory, &stats));
    assert_ok(event_describe_stats("web", &sources, &arena, &line));
    stats_close(&stats);
    return line;
}

static void says_that_nothing_is_known(void **state)
{
    (void) state;
    assert_string_equal(
        describe(-1),
        "{\"type\":\"stats\",\"id\":\"web\",\"data\":{"
        "\"cpu\":{\"usage\":{},\"throttling\":{}},\"cpuset\":{},"
        "\"memory\":{\"usage\":{},\"swap\":{}},\"pids\":{},\"blkio\":{},\"hugetlb\":{},"
        "\"intel_rdt\":{}}}\n");
}

static void assert_part(const char *line, const char *part)
{
    if (!strstr(line, part))
        fail_msg("no %s in: %s", part, line);
}

static void tells_of_cpu(void **state)
{
    (void) state;
    put_file("cpu.stat", "usage_usec 3000000000000\nuser_usec 2\nsystem_usec 1\nnr_periods 4\n"
                         "nr_throttled 3\nthrottled_usec 5\n");
    put_file("cpu.pressure", "some avg10=1.50 avg60=0.07 avg300=0.00 total=9\n"
                             "full avg10=0.00 avg60=0.00 avg300=0.00 total=8\n");
    put_file("cpuset.cpus.effective", "0-1,64\n");
    put_file("cpuset.mems.effective", "0\n");
    const char *line = describe(-1);
    assert_part(line, "\"cpu\":{\"usage\":{\"total\":3000000000000000,\"kernel\":1000,"
                      "\"user\":2000},\"throttling\":{\"periods\":4,\"throttledPeriods\":3,"
                      "\"throttledTime\":5000},\"psi\":{\"some\":{\"avg10\":1.50,"
                      "\"avg60\":0.07,\"avg300\":0.00,\"total\":9},\"full\":{");
    assert_part(line, "\"cpuset\":{\"cpus\":[0,1,64],\"mems\":[0]}");
}

static void tells_of_memory(void **state)
{
    (void) state;
    put_file("memory.current", "5000\n");
    put_file("memory.peak", "6000\n");
    put_file("memory.max", "7000\n");
    put_file("memory.swap.current", "11\n");
    put_file("memory.swap.max", "max\n");
    put_file("memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\n");
    put_file("memory.stat", "anon 1\nfile 2\nkernel 3\nsock 4\n");
    put_file("memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
    assert_part(describe(-1),
                "\"memory\":{\"usage\":{\"limit\":7000,\"usage\":5000,\"max\":6000,\"failcnt\":12},"
                "\"swap\":{\"limit\":18446744073709551615,\"usage\":5011},\"cache\":2,"
                "\"kernel\":{\"usage\":3},\"kernelTCP\":{\"usage\":4},"
                "\"raw\":{\"anon\":1,\"file\":2,\"kernel\":3,\"sock\":4},"
                "\"psi\":{\"some\":{\"avg10\":0.00,");
}

static void tells_of_all_else(void **state)
{
    (void) state;
    put_file("pids.current", "3\n");
    put_file("pids.max", "max\n");
    put_file("io.stat", "8:0 rbytes=10 wbytes=0 rios=1 wios=0\n");
    put_file("hugetlb.2MB.current", "4194304\n");
    put_file("hugetlb.2MB.events", "max 2\n");
    const char *line = describe(-1);
    assert_part(line, "\"pids\":{\"current\":3}");
    assert_part(line, "\"blkio\":{\"ioServiceBytesRecursive\":["
                      "{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":10},"
                      "{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":0}],"
                      "\"ioServicedRecursive\":["
                      "{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":1},"
                      "{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":0}]}");
    assert_part(line, "\"hugetlb\":{\"2MB\":{\"usage\":4194304,\"failcnt\":2}}");
    put_file("pids.max", "99\n");
    assert_part(describe(-1), "\"pids\":{\"current\":3,\"limit\":99}");
}

static void tells_of_interfaces(void **state)
{
    (void) state;
    put_file("dev", "Inter-|   Receive   |  Transmit\n face |bytes    packets|bytes\n"
                    "    lo: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n"
                    " \xff: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n"
                    "a\"b: 9 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    int interfaces = openat(tree_directory, "dev", O_RDONLY | O_CLOEXEC);
    const char *line = describe(interfaces);
    close(interfaces);
    assert_part(line, "\"network_interfaces\":[{\"Name\":\"lo\",\"RxBytes\":1,\"RxPackets\":2,"
                      "\"RxErrors\":3,\"RxDropped\":4,\"TxBytes\":5,\"TxPackets\":6,"
                      "\"TxErrors\":7,\"TxDropped\":8},{\"Name\":\"a\\\"b\",\"RxBytes\":9,");
}

/* A container can have as many interfaces as it likes: what else there is to tell is told. */
static void tells_of_the_first_of_many_interfaces(void **state)
{
    (void) state;
    static char many[STATS_TEXT_SIZE + 4096];
    const char *line, *last = NULL;
    int count = 0;

    for (size_t used = 0; used + 128 < sizeof(many); count++)
        used += (size_t) snprintf(many + used, sizeof(many) - used,
                                  "%16s%d: %20d 2 3 4 0 0 0 0 5 6 7 8 0 0 0 %-38d\n", "v", count,
                                  count, 0);
    put_file("dev", many);
    put_file("cpu.stat", "usage_usec 1\n");
    int interfaces = openat(tree_directory, "dev", O_RDONLY | O_CLOEXEC);
    line = describe(interfaces);
    close(interfaces);
    assert_part(line, "\"usage\":{\"total\":1000}");
    assert_part(line, "{\"Name\":\"v0\",\"RxBytes\":0,");
    for (const char *at = line; (at = strstr(at, "\"Name\"")); at++, count--)
        last = at;
    assert_in_range(count, 1, 64);
    assert_part(last, "\"TxDropped\":8}]}}\n");
}

/* The tree as resctrl, whose group "web" is monitored as "web". */
static void make_resctrl(void)
{
    static const char *const directories[] = {
        "info",
        "info/L3",
        "info/MB",
        "web",
        "web/mon_groups",
        "web/mon_groups/web",
        "web/mon_groups/web/mon_data",
        "web/mon_groups/web/mon_data/mon_L3_01",
        "web/mon_groups/web/mon_data/mon_L3_00",
        "web/mon_data",
    };
    static const char *const files[][2] = {
        { "schemata", "    MB:0= 100;1= 100\n    L3:0=fff;1=fff\n" },
        { "web/schemata", "    MB:0=  50;1= 100\n    L3:0=0f0;1=fff\n" },
        { "info/L3/cbm_mask", "fff\n" },
        { "info/L3/min_cbm_bits", "2\n" },
        { "info/L3/num_closids", "16\n" },
        { "info/MB/bandwidth_gran", "10\n" },
        { "info/MB/delay_linear", "1\n" },
        { "info/MB/min_bandwidth", "10\n" },
        { "info/MB/num_closids", "8\n" },
        { "web/mon_groups/web/mon_data/mon_L3_00/llc_occupancy", "4096\n" },
        { "web/mon_groups/web/mon_data/mon_L3_00/mbm_total_bytes", "18446744073709551615\n" },
        { "web/mon_groups/web/mon_data/mon_L3_00/mbm_local_bytes", "1\n" },
        { "web/mon_groups/web/mon_data/mon_L3_01/llc_occupancy", "0\n" },
        { "web/mon_groups/web/mon_data/mon_L3_01/mbm_total_bytes", "Unavailable\n" },
        { "web/mon_groups/web/mon_data/mon_L3_01/mbm_local_bytes", "2\n" },
    };
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        put_directory(directories[i]);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        put_file(files[i][0], files[i][1]);
}

static void tells_of_resctrl(void **state)
{
    (void) state;
    const struct intel_rdt_groups monitored = { "web", "web", true }, plain = { "web", NULL, true };
    struct intel_rdt_stats stats;
    make_resctrl();
    assert_ok(intel_rdt_stats_open(&monitored, tree_directory, &stats));
    rdt = &stats;
    assert_part(describe(-1),
                "\"intel_rdt\":{\"l3_cache_info\":{\"cbm_mask\":\"fff\",\"min_cbm_bits\":2,"
                "\"num_closids\":16},\"l3_cache_schema_root\":\"L3:0=fff;1=fff\","
                "\"l3_cache_schema\":\"L3:0=0f0;1=fff\","
                "\"mem_bw_info\":{\"bandwidth_gran\":10,\"delay_linear\":1,\"min_bandwidth\":10,"
                "\"num_closids\":8},\"mem_bw_schema_root\":\"MB:0= 100;1= 100\","
                "\"mem_bw_schema\":\"MB:0=  50;1= 100\","
                "\"mbm_stats\":[{\"mbm_total_bytes\":18446744073709551615,\"mbm_local_bytes\":1},"
                "{\"mbm_local_bytes\":2}],"
                "\"cmt_stats\":[{\"llc_occupancy\":4096},{\"llc_occupancy\":0}]}");
    intel_rdt_stats_close(&stats);
    assert_ok(intel_rdt_stats_open(&plain, tree_directory, &stats));
    assert_int_equal(stats.node_count, 0);
    intel_rdt_stats_close(&stats);
    assert_part(describe(-1), "\"intel_rdt\":{}");
    rdt = NULL;
}

static void refuses_what_cannot_be(void **state)
{
    (void) state;
    static const char *const files[] = { "memory.current", "cpuset.cpus.effective",
                                         "hugetlb.2MB.current" };
    struct stats stats;
    const struct event_sources sources = { &stats, NULL, -1 };
    const char *line;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        empty_arena();
        put_file(files[i], "x\n");
        assert_ok(stats_open(tree_directory, &stats));
        assert_error(event_describe_stats("web", &sources, &arena, &line), ERROR_CGROUP, "cgroup");
        stats_close(&stats);
        assert_int_equal(unlinkat(tree_directory, files[i], 0), 0);
    }
}

static void needs_memory(void **state)
{
    (void) state;
    const char *line = NULL;
    empty_arena();
    arena.size = 16;
    assert_error(event_describe_oom("web", &arena, &line), ERROR_MEMORY, "");
    empty_arena();
    assert_ok(event_describe_oom("web", &arena, &line));
    assert_string_equal(line, "{\"type\":\"oom\",\"id\":\"web\"}\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(says_that_nothing_is_known),
        TEST(tells_of_cpu),
        TEST(tells_of_memory),
        TEST(tells_of_all_else),
        TEST(tells_of_interfaces),
        TEST(refuses_what_cannot_be),
        TEST(tells_of_resctrl),
        TEST(needs_memory),
        TEST(tells_of_the_first_of_many_interfaces),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("container/event", tests, NULL, NULL);
}
