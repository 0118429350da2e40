/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/limits: what an update plans beside the limits that hold, on plain files. */
#include "tests/unit/cgroup/tree.h"

#include "base/list.h"
#include "base/text.h"
#include "cgroup/limits.h"
#include "libocispec/resources.h"

static struct oci_cpu cpu;
static struct oci_memory memory_;
static struct oci_pids pids;

static const struct oci_resources resources = { .cpu = &cpu, .memory = &memory_, .pids = &pids };

static int begin(void **state)
{
    cpu = (struct oci_cpu){ .shares = { 0, false } };
    memory_ = (struct oci_memory){ .limit = { 0, false } };
    pids = (struct oci_pids){ .limit = { 0, false } };
    empty_arena();
    return make_tree(state);
}

static struct error *plan(struct limits_plan *made)
{
    return limits_plan_change(&resources, tree_directory, &arena, made);
}

/* "file=value file=value" */
static void assert_planned(const char *wanted)
{
    struct limits_plan made;
    char text[512] = "";
    assert_ok(plan(&made));
    for (const struct limit *limit = made.first; limit; limit = limit->next) {
        size_t used = strlen(text);
        text_format(text + used, sizeof(text) - used, "%s%s=%s", used ? " " : "", limit->file,
                    limit->value);
    }
    assert_string_equal(text, wanted);
}

static void assert_refused(const char *field, const char *text)
{
    struct limits_plan made = { .last = (void *) -1 };
    struct error *error = plan(&made);
    assert_non_null(error);
    assert_string_equal(error->field, field);
    assert_ptr_equal(made.last, (void *) -1);
    assert_error(error, ERROR_CONFIG, text);
}

static void swap_goes_with_the_limit_that_holds(void **state) /* [ME4] */
{
    (void) state;
    put_file("memory.max", "1048576\n");
    memory_.swap = (struct oci_opt_i64){ 3 << 20, true };
    assert_planned("memory.swap.max=2097152");
    memory_.swap.value = 1 << 20;
    assert_planned("memory.swap.max=0");
    memory_.swap.value = 1000;
    assert_refused("linux.resources.memory.swap", "1000 is below linux.resources.memory.limit");
    memory_.limit = (struct oci_opt_i64){ 500, true };
    assert_planned("memory.swap.max=500 memory.max=500");
}

static void swap_needs_a_limit(void **state) /* [ME4] */
{
    (void) state;
    memory_.swap = (struct oci_opt_i64){ 5 << 20, true };
    assert_refused("linux.resources.memory.swap", "needs linux.resources.memory.limit beside it");
    put_file("memory.max", "max\n");
    assert_refused("linux.resources.memory.swap", "needs linux.resources.memory.limit beside it");
}

static void the_limit_alone_leaves_swap(void **state) /* [ME5] */
{
    (void) state;
    put_file("memory.max", "1048576\n");
    put_file("memory.swap.max", "4096\n");
    memory_.limit = (struct oci_opt_i64){ 2 << 20, true };
    assert_planned("memory.max=2097152");
}

static void burst_and_quota_go_with_what_holds(void **state) /* [CP5] [CP6] */
{
    (void) state;
    put_file("cpu.max", "20000 100000\n");
    put_file("cpu.max.burst", "5000\n");
    cpu.quota = (struct oci_opt_i64){ 5000, true };
    assert_planned("cpu.max=5000");
    cpu.quota.value = 4999;
    assert_refused("linux.resources.cpu.quota",
                   "4999 is below linux.resources.cpu.burst, which is 5000");
    cpu.burst = (struct oci_opt_u64){ 0, true };
    assert_planned("cpu.max.burst=0 cpu.max=4999");
    cpu.quota.present = false;
    cpu.quota.value = 0;
    cpu.burst.value = 20000;
    assert_planned("cpu.max.burst=0 cpu.max.burst=20000");
    cpu.burst.value = 20001;
    assert_refused("linux.resources.cpu.burst", "20001 is above linux.resources.cpu.quota, 20000");
    put_file("cpu.max", "max 100000\n");
    assert_planned("cpu.max.burst=0 cpu.max.burst=20001");
    cpu.quota = (struct oci_opt_i64){ -1, true };
    assert_planned("cpu.max.burst=0 cpu.max=max cpu.max.burst=20001");
}

static void an_idle_cgroup_has_no_weight(void **state) /* [CP2] [CP11] */
{
    (void) state;
    cpu.shares = (struct oci_opt_u64){ 1024, true };
    assert_planned("cpu.weight=100");
    put_file("cpu.idle", "0\n");
    assert_planned("cpu.weight=100");
    put_file("cpu.idle", "1\n");
    assert_refused("linux.resources.cpu.shares", "the weight of an idle cgroup is fixed");
    cpu.idle = (struct oci_opt_i64){ 0, true };
    assert_planned("cpu.idle=0 cpu.weight=100");
}

static void zero_processes_are_unset(void **state) /* [PI3] */
{
    (void) state;
    pids.limit = (struct oci_opt_i64){ 0, true };
    assert_planned("");
    pids.limit.value = 1;
    assert_planned("pids.max=1");
}

/* The kernel kills for it, so nothing may fail behind it. */
static void memory_is_written_last(void **state) /* [ME5] */
{
    (void) state;
    static const char *const first[] = { "memory.low", "pids.max", "memory.high" };
    static const char *const last[] = { "memory.swap.max", "memory.max" };
    struct oci_string_entry unified = { "memory.high", "1M" };
    struct oci_resources all = resources;
    struct limits_plan made;
    all.unified = (struct oci_string_map){ &unified, 1 };
    memory_.limit = (struct oci_opt_i64){ 4096, true };
    memory_.swap = (struct oci_opt_i64){ 12288, true };
    memory_.reservation = (struct oci_opt_i64){ 8192, true };
    pids.limit = (struct oci_opt_i64){ 5, true };
    assert_ok(limits_plan_change(&all, tree_directory, &arena, &made));
    for (size_t i = 0; i < LENGTH(first); i++)
        put_file(first[i], "");
    for (size_t i = 0; i < LENGTH(last); i++)
        put_file(last[i], "");
    watch_tree();
    assert_ok(limits_apply(&made, tree_directory));
    assert_writes(first, LENGTH(first));
    assert_ok(limits_apply_last(&made, tree_directory));
    assert_writes(last, LENGTH(last));
}

/* The one that wins is the only one written: a lower one before it would kill for nothing. */
static void memory_is_written_once(void **state) /* [UN1] */
{
    (void) state;
    struct oci_string_entry unified[] = { { "memory.max", "2M\n1G" }, { "memory.low", "5" } };
    struct oci_resources all = resources;
    struct limits_plan made;
    all.unified = (struct oci_string_map){ unified, 2 };
    memory_.limit = (struct oci_opt_i64){ 4096, true };
    assert_ok(limits_plan_change(&all, tree_directory, &arena, &made));
    assert_string_equal(made.first->value, "1G");
    assert_true(made.first->is_last);
    assert_string_equal(made.first->field, "linux.resources.unified.memory.max");
    assert_string_equal(made.first->next->file, "memory.low");
    assert_null(made.first->next->next);
    unified[0].value = "much"; /* which the kernel will refuse */
    assert_ok(limits_plan_change(&all, tree_directory, &arena, &made));
    assert_string_equal(made.first->value, "much");
    assert_false(made.first->is_last);
}

static void files_are_looked_for_before(void **state) /* [UN1] */
{
    (void) state;
    struct oci_string_entry unified = { "memory.nosuch", "1" };
    struct oci_block_io block_io = { .weight = { 100, true } };
    struct oci_resources all = resources;
    struct limits_plan made;
    all.unified = (struct oci_string_map){ &unified, 1 };
    all.block_io = &block_io;
    memory_.limit = (struct oci_opt_i64){ -1, true }; /* needs no file */
    pids.limit = (struct oci_opt_i64){ 5, true };
    put_file("pids.max", "");
    put_file("io.weight", "");
    watch_tree();
    assert_ok(limits_plan_change(&all, tree_directory, &arena, &made));
    struct error *error = limits_check_files(&made, tree_directory);
    assert_non_null(error);
    assert_string_equal(error->field, "linux.resources.unified.memory.nosuch");
    assert_string_equal(error->hint, "this kernel's cgroups have no such file");
    assert_error(error, ERROR_CGROUP, "write '1' to memory.nosuch");
    assert_writes(NULL, 0);
    put_file("memory.nosuch", "");
    assert_ok(limits_check_files(&made, tree_directory));
    assert_int_equal(unlinkat(tree_directory, "io.weight", 0), 0);
    assert_error(limits_check_files(&made, tree_directory), ERROR_CGROUP,
                 "linux.resources.blockIO.weight: write 'default 910' to io.weight");
}

static void what_is_in_use_can_be_checked(void **state) /* [ME11] */
{
    (void) state;
    struct oci_string_entry unified = { "memory.max", "1M" };
    struct limits_plan made;
    memory_.limit = (struct oci_opt_i64){ 2 << 20, true };
    memory_.swap = (struct oci_opt_i64){ 3 << 20, true };
    assert_ok(plan(&made));
    assert_ok(limits_check_use(&made, tree_directory)); /* no controller yet, so nothing is used */
    put_file("memory.current", "2097152\n");
    put_file("memory.swap.current", "1048576\n");
    assert_ok(limits_check_use(&made, tree_directory));

    put_file("memory.current", "2097153\n");
    struct error *error = limits_check_use(&made, tree_directory);
    assert_non_null(error);
    assert_string_equal(error->field, "linux.resources.memory.limit");
    assert_error(error, ERROR_CONFIG,
                 "2097152 bytes are below what is in use, 2097153 (memory.current)");

    put_file("memory.current", "1048577\n");
    put_file("memory.swap.current", "1048577\n");
    assert_error(limits_check_use(&made, tree_directory), ERROR_CONFIG,
                 "linux.resources.memory.swap: 1048576 bytes are below what is in use, 1048577");

    put_file("memory.swap.current", "0\n");
    const struct oci_resources by_name = { .unified = { &unified, 1 } };
    assert_ok(limits_plan_change(&by_name, tree_directory, &arena, &made));
    assert_error(limits_check_use(&made, tree_directory), ERROR_CONFIG,
                 "linux.resources.unified.memory.max: 1048576 bytes are below");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(swap_goes_with_the_limit_that_holds, begin, remove_tree),
        cmocka_unit_test_setup_teardown(swap_needs_a_limit, begin, remove_tree),
        cmocka_unit_test_setup_teardown(the_limit_alone_leaves_swap, begin, remove_tree),
        cmocka_unit_test_setup_teardown(burst_and_quota_go_with_what_holds, begin, remove_tree),
        cmocka_unit_test_setup_teardown(an_idle_cgroup_has_no_weight, begin, remove_tree),
        cmocka_unit_test_setup_teardown(zero_processes_are_unset, begin, remove_tree),
        cmocka_unit_test_setup_teardown(memory_is_written_last, begin, remove_tree),
        cmocka_unit_test_setup_teardown(memory_is_written_once, begin, remove_tree),
        cmocka_unit_test_setup_teardown(files_are_looked_for_before, begin, remove_tree),
        cmocka_unit_test_setup_teardown(what_is_in_use_can_be_checked, begin, remove_tree),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/limits_change", tests, NULL, NULL);
}
