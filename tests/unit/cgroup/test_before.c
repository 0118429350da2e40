/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/before: what a cgroup was is noted, and given back to it; on plain files and real ones. */
#include "tests/unit/cgroup/tree.h"

#include "cgroup/before.h"
#include "cgroup/delegate.h"
#include "cgroup/limits.h"
#include "cgroup/read_back.h"

static struct limit limits[] = {
    { .file = "pids.max", .value = "3" },
    { .file = "io.max", .value = "8:0 rbps=5" },
    { .file = "io.max", .value = "8:16 wbps=5" },
    { .file = "io.max", .value = "8:0 wbps=7" },
    { .file = "io.bfq.weight",
      .value = "8:0 9",
      .other_file = "io.weight",
      .other_value = "8:0 1" },
    { .file = "io.weight", .value = "7" },
    { .file = "rdma.max", .value = "a hca_handle=1" },
    { .file = "cpuset.cpus", .value = "0" },
    { .file = "memory.swap.max", .value = "0", .is_optional = true },
    { .file = "misc.max", .value = "sev 3" },
    { .file = "misc.max", .value = "sev_es 4" },
    { .file = "io.latency", .value = "8:0 target=5" },
    { .file = "io.latency", .value = "8:16 target=5" },
};

enum { LIMITS = sizeof(limits) / sizeof(limits[0]) };

static struct oci_string_array note(int directory, size_t count)
{
    struct oci_string_array values = { .n = 0 };
    for (size_t i = 0; i < count; i++)
        limits[i].next = i + 1 < count ? &limits[i + 1] : NULL;
    const struct limits_plan plan = { limits, &limits[count - 1] };
    assert_ok(before_note(&plan, directory, &arena, &values));
    return values;
}

static void notes_what_will_change(void **state)
{
    (void) state;
    static const char *const expected[] = {
        "pids.max max",
        "io.max 8:0 rbps=1 wbps=max riops=max wiops=max",
        "io.max 8:16 rbps=max wbps=max riops=max wiops=max",
        "io.weight 8:0 default",
        "io.weight default 100",
        "rdma.max a hca_handle=max hca_object=max",
        "cpuset.cpus ",
        "misc.max sev max",
        "misc.max sev_es 10",
        "io.latency 8:0 target=75",
        "io.latency 8:16 target=0",
    };
    empty_arena();
    put_file("pids.max", "max\n");
    put_file("io.max", "7:0 rbps=4 wbps=max riops=max wiops=max\n"
                       "8:0 rbps=1 wbps=max riops=max wiops=max\n");
    put_file("io.weight", "default 100\n");
    put_file("rdma.max", "ab hca_handle=2 hca_object=max\n");
    put_file("cpuset.cpus", "\n");
    put_file("misc.max", "sev max\nsev_es 10\n");
    put_file("io.latency", "8:0 target=75\n");
    const struct oci_string_array values = note(tree_directory, LIMITS);
    for (uint32_t i = 0; i < values.n && i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_string_equal(values.v[i], expected[i]);
    assert_int_equal(values.n, sizeof(expected) / sizeof(expected[0]));
}

/* A line for each of COUNT disks, of which only the last has another limit. */
static void put_disks(unsigned count)
{
    static char text[1 << 18];
    size_t length = 0;
    for (unsigned i = 1; i < count; i++)
        length +=
            (size_t) snprintf(text + length, sizeof(text) - length,
                              "253:%u rbps=1000000000 wbps=1000000000 riops=max wiops=max\n", i);
    snprintf(text + length, sizeof(text) - length, "8:0 rbps=7 wbps=max riops=max wiops=max\n");
    put_file("io.max", text);
}

static void reads_of_many_disks_all_or_none(void **state)
{
    (void) state;
    static char more[1 << 17];
    struct limit limit = { .field = "linux.resources.unified.io.max",
                           .file = "io.max",
                           .value = "8:0 rbps=5" };
    const struct limits_plan plan = { &limit, &limit };
    struct oci_string_array values;
    empty_arena();
    put_disks(300);
    assert_ok(before_note(&plan, tree_directory, &arena, &values));
    assert_int_equal(values.n, 1);
    assert_string_equal(values.v[0], "io.max 8:0 rbps=7 wbps=max riops=max wiops=max");
    assert_ok(read_back(tree_directory, "io.max", "8:0 rbps=7"));

    put_disks(2000);
    struct error *error = before_note(&plan, tree_directory, &arena, &values);
    assert_non_null(error);
    assert_int_equal(error->number, EFBIG);
    assert_string_equal(error->field, "linux.resources.unified.io.max");
    assert_error(error, ERROR_CGROUP, "read io.max, of which 32766 bytes are read at most");
    assert_error(read_back(tree_directory, "io.max", "8:0 rbps=7"), ERROR_CGROUP, "read io.max");

    /* One that can no longer be judged is given back. */
    const char *noted = "io.max 8:0 rbps=max wbps=max riops=max wiops=max";
    values = (struct oci_string_array){ &noted, 1 };
    before_undo(tree_directory, &values);
    int file = openat(tree_directory, "io.max", O_RDONLY | O_CLOEXEC);
    assert_true(read(file, more, sizeof(more)) > 0);
    close(file);
    assert_true(!strncmp(more, "8:0 rbps=max", strlen("8:0 rbps=max")));
}

/* On a real cgroup; cgroup.max.depth stands for what needs a controller. */
static void gives_it_back(void **state)
{
    (void) state;
    const struct cgroup_plan plan = plan_own("before");
    uint32_t kept;
    int directory;
    char text[32];
    struct stat status;
    struct oci_string_array owners;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    write_to(directory, "cgroup.max.depth", "5");
    limits[0] = (struct limit){ .file = "cgroup.max.depth", .value = "9" };
    const struct oci_string_array values = note(directory, 1);
    write_to(directory, "cgroup.max.depth", "9");
    assert_int_equal(fchownat(directory, "cgroup.procs", 77, (gid_t) -1, 0), 0);
    assert_ok(delegate_note(directory, &arena, &owners));
    assert_ok(delegate_give(directory, 1234));
    assert_ok(before_restore(plan.mount, plan.path, &values, &owners));
    int file = openat(directory, "cgroup.max.depth", O_RDONLY | O_CLOEXEC);
    ssize_t length = read(file, text, sizeof(text) - 1);
    close(file);
    assert_true(length > 0);
    text[length] = '\0';
    assert_string_equal(text, "5\n");
    assert_int_equal(fstat(directory, &status), 0);
    assert_int_equal(status.st_uid, 0);
    assert_int_equal(fstatat(directory, "cgroup.procs", &status, 0), 0);
    assert_int_equal(status.st_uid, 77);
    assert_int_equal(fstatat(directory, "cgroup.subtree_control", &status, 0), 0);
    assert_int_equal(status.st_uid, 0);
    close(directory);
    remove_own(NULL);
}

/* Only what is no longer so is written: of files that are the same, nothing. */
static void undoes_what_was_changed(void **state)
{
    (void) state;
    static const char *const writes[] = { "pids.max", "io.max", "cpuset.cpus" };
    static const char *values[] = {
        "pids.max max",
        "memory.max 4096",
        "cpu.max max 100000",
        "io.max 8:0 rbps=1 wbps=max riops=max wiops=max",
        "io.max 8:16 rbps=max wbps=max riops=max wiops=max",
        "io.weight 8:0 default",
        "io.bfq.weight default 100",
        "cpuset.cpus ",
        "cpuset.mems ",
        "misc.max sev 10",
    };
    const struct oci_string_array noted = { values, sizeof(values) / sizeof(values[0]) };
    put_file("pids.max", "3\n");
    put_file("memory.max", "4096\n");
    put_file("cpu.max", "max 100000\n");
    put_file("io.max", "8:0 rbps=5 wbps=max riops=max wiops=max\n");
    put_file("io.weight", "default 100\n");
    put_file("io.bfq.weight", "default 100\n8:0 3\n");
    put_file("cpuset.cpus", "0");
    put_file("cpuset.mems", "\n");
    put_file("misc.max", "sev_es 4\nsev 10\n");
    watch_tree();
    before_undo(tree_directory, &noted);
    assert_writes(writes, sizeof(writes) / sizeof(writes[0]));
    assert_file("pids.max", "max");
    assert_file("cpuset.cpus", "\n");
    assert_file("memory.max", "4096\n");
}

static void adds_what_was_not_noted(void **state)
{
    (void) state;
    static const char *first[] = { "pids.max max", "io.max 8:0 rbps=1 wbps=max", "misc.max sev 1" };
    static const char *later[] = {
        "pids.max 7",           "io.max 8:0 rbps=9 wbps=max",
        "io.max 8:16 rbps=max", "misc.max sev_es 2",
        "io.max.x 8:0",         "memory.max 4096",
        "cpuset.cpus ",
    };
    static const char *const expected[] = {
        "pids.max max",   "io.max 8:0 rbps=1 wbps=max",
        "misc.max sev 1", "io.max 8:16 rbps=max",
        "io.max.x 8:0",   "memory.max 4096",
        "cpuset.cpus ",
    };
    struct oci_string_array values = { first, 3 };
    const struct oci_string_array more = { later, 7 };
    empty_arena();
    assert_ok(before_add(&values, &more, &arena));
    assert_int_equal(values.n, sizeof(expected) / sizeof(expected[0]));
    for (uint32_t i = 0; i < values.n; i++)
        assert_string_equal(values.v[i], expected[i]);
    assert_ok(before_add(&values, &more, &arena));
    assert_int_equal(values.n, sizeof(expected) / sizeof(expected[0]));
}

static void writes_nowhere_else(void **state)
{
    (void) state;
    const struct cgroup_plan plan = plan_own("before");
    static const char *bad_owners[] = { "../x 0", ".. 0", " 0", "cgroup.procs -1" };
    static const struct oci_string_array none;
    static const char *bad[] = { "../x 1", "cgroup.max.depth", "", "/tmp/x 1" };
    uint32_t kept;
    int directory;
    assert_ok(cgroup_create(&plan, &kept, &directory));
    close(directory);
    for (size_t i = 0; i < 4; i++) {
        const struct oci_string_array values = { &bad[i], 1 };
        assert_ok(before_restore(plan.mount, plan.path, &values, &none));
        const struct oci_string_array owners = { &bad_owners[i], 1 };
        assert_ok(before_restore(plan.mount, plan.path, &none, &owners));
    }
    remove_own(NULL);
    const struct oci_string_array values = { bad, 4 };
    assert_ok(before_restore(plan.mount, plan.path, &values, &values));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(notes_what_will_change, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(reads_of_many_disks_all_or_none, make_tree, remove_tree),
        cmocka_unit_test(gives_it_back),
        cmocka_unit_test_setup_teardown(undoes_what_was_changed, make_tree, remove_tree),
        cmocka_unit_test(adds_what_was_not_noted),
        cmocka_unit_test(writes_nowhere_else),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/before", tests, NULL, remove_own);
}
