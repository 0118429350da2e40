/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/limits: the order and the content of the writes, on plain files. */
#include "tests/unit/cgroup/tree.h"

#include "base/list.h"
#include "cgroup/limits.h"
#include "libocispec/resources.h"

/* Files of the kernel keep nothing of what was there; these are empty before. */
static void put_files(const char *const *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_file(files[i], "");
}

static struct limits_plan plan(const struct oci_resources *resources)
{
    struct limits_plan made;
    empty_arena();
    assert_ok(limits_plan(resources, true, &arena, &made));
    return made;
}

static struct limits_plan list(struct limit *limit)
{
    limit->field = "linux.resources.unified.x";
    return (struct limits_plan){ limit, limit };
}

static void writes_in_order(void **state) /* [ME5] [CP11] [UN1] */
{
    (void) state;
    static const char *const files[] = {
        "cpuset.cpus", "cpu.idle",   "cpu.weight",      "cpu.max",
        "io.max",      "memory.low", "memory.swap.max", "memory.max",
    };
    static const char *const writes[] = {
        "cpuset.cpus",     "cpu.idle",   "cpu.weight", "cpu.idle", "cpu.max",     "io.max",
        "memory.swap.max", "memory.low", "memory.max", "pids.max", "memory.high",
    };
    struct oci_pids pids = { .limit = { 0, true } };
    struct oci_cpu cpu = {
        .shares = { 512, true }, .quota = { 5000, true }, .cpus = "0", .idle = { 1, true }
    };
    struct oci_memory memory_ = { .limit = { 1 << 20, true },
                                  .swap = { 3 << 20, true },
                                  .reservation = { 1 << 16, true } };
    struct oci_throttle_device device = { 8, 0, { 1000, true } }, *devices[] = { &device };
    struct oci_block_io block_io = { .throttle_read_bps_device = { devices, 1 } };
    struct oci_string_entry unified = { "memory.high", "1M" };
    const struct oci_resources resources = { .unified = { &unified, 1 },
                                             .pids = &pids,
                                             .cpu = &cpu,
                                             .memory = &memory_,
                                             .block_io = &block_io };
    const struct limits_plan made = plan(&resources);
    put_files(files, LENGTH(files));
    put_file("pids.max", "");
    put_file("memory.high", "");
    put_file("cpuset.cpus.effective", "0\n");
    watch_tree();
    assert_ok(limits_apply(&made, tree_directory));
    assert_writes(writes, LENGTH(writes));
    assert_file("cpu.weight", "59");
    assert_file("cpu.idle", "1");
    assert_file("cpu.max", "5000");
    assert_file("io.max", "8:0 rbps=1000");
    assert_file("memory.swap.max", "2097152");
    assert_file("memory.max", "1048576");
    assert_file("memory.low", "65536");
    assert_file("memory.high", "1M");
    assert_file("pids.max", "0");
}

static void keeps_the_quota(void **state) /* [CP4] */
{
    (void) state;
    struct oci_cpu cpu = { .period = { 20000, true } };
    const struct oci_resources resources = { .cpu = &cpu };
    const struct limits_plan made = plan(&resources);
    put_file("cpu.max", "7000 10000");
    assert_ok(limits_apply(&made, tree_directory));
    assert_file("cpu.max", "7000 20000");
}

static void takes_the_other_file(void **state) /* [IO2] */
{
    (void) state;
    struct oci_block_io block_io = { .weight = { 100, true } };
    const struct oci_resources resources = { .block_io = &block_io };
    const struct limits_plan made = plan(&resources);
    put_file("io.weight", "");
    assert_ok(limits_apply(&made, tree_directory));
    assert_file("io.weight", "default 910");
    put_file("io.weight", "");
    put_file("io.bfq.weight", "");
    assert_ok(limits_apply(&made, tree_directory));
    assert_file("io.bfq.weight", "default 100");
    assert_file("io.weight", "default 910");
    assert_int_equal(unlinkat(tree_directory, "io.weight", 0), 0);
    assert_ok(limits_apply(&made, tree_directory));
}

static void goes_without_what_holds_anyway(void **state) /* [ME5] */
{
    (void) state;
    struct limit limit = {
        .controller = "memory", .file = "memory.swap.max", .value = "0", .is_optional = true
    };
    const struct limits_plan made = list(&limit);
    assert_ok(limits_apply(&made, tree_directory));
    limit.is_optional = false;
    struct error *error = limits_apply(&made, tree_directory);
    assert_non_null(error);
    assert_int_equal(error->number, ENOENT);
    assert_string_equal(error->field, "linux.resources.unified.x");
    assert_string_equal(error->hint, "this kernel's cgroups have no such file");
    assert_error(error, ERROR_CGROUP, "linux.resources.unified.x: write '0' to memory.swap.max");
}

/* The kernel has taken the write, and still says something else. */
static void believes_no_write(void **state)
{
    (void) state;
    struct limit limit = { .file = "pids.max", .value = "10" };
    const struct limits_plan made = list(&limit);
    put_file("pids.max", "9999");
    assert_error(limits_apply(&made, tree_directory), ERROR_READ_BACK,
                 "linux.resources.unified.x: '10' was written to pids.max, and the kernel says "
                 "'1099'");
}

/* A set that the cgroups above do not have is taken by the kernel, and not in force. */
static void looks_at_what_is_in_force(void **state) /* [CP9] */
{
    (void) state;
    struct limit limit = { .file = "cpuset.cpus", .value = "2-3" };
    const struct limits_plan made = list(&limit);
    put_file("cpuset.cpus", "");
    put_file("cpuset.cpus.effective", "3\n");
    assert_ok(limits_apply(&made, tree_directory));
    put_file("cpuset.cpus", "");
    put_file("cpuset.cpus.effective", "0-1\n");
    struct error *error = limits_apply(&made, tree_directory);
    assert_non_null(error);
    assert_string_equal(error->hint, "the cgroups above leave none of them to it");
    assert_error(error, ERROR_READ_BACK, "cpuset.cpus.effective");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_in_order, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(keeps_the_quota, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(takes_the_other_file, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(goes_without_what_holds_anyway, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(believes_no_write, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(looks_at_what_is_in_force, make_tree, remove_tree),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/limits_apply", tests, NULL, NULL);
}
