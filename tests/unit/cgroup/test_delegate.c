/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/delegate: when a cgroup is given away, and which files of it. */
#include "tests/unit/cgroup/tree.h"

#include "cgroup/delegate.h"
#include "libocispec/config.h"

static bool is_wanted(const char *type, const char *destination, const char *option)
{
    const char *options[] = { "nosuid", option };
    struct oci_mount proc = { .destination = "/proc", .type = "proc" };
    struct oci_mount mount = { .destination = destination,
                               .type = type,
                               .source = "cgroup",
                               .options = { options, option ? 2 : 1 } };
    struct oci_mount *mounts[] = { &proc, &mount };
    const struct oci_config config = { .mounts = { mounts, 2 } };
    return delegate_is_wanted(&config);
}

static void only_what_can_be_written(void **state) /* [CG8] [CG9] */
{
    (void) state;
    assert_true(is_wanted("cgroup", "/sys/fs/cgroup", NULL));
    assert_true(is_wanted("cgroup", "/sys/fs/cgroup", "rw"));
    assert_true(is_wanted("cgroup2", "/sys/fs/cgroup", "relatime"));
    assert_false(is_wanted("cgroup", "/sys/fs/cgroup", "ro"));
    assert_false(is_wanted("cgroup", "/sys/fs/cgroup2", NULL));
    assert_false(is_wanted("bind", "/sys/fs/cgroup", NULL));
    assert_true(is_wanted("cgroup", "/sys//fs/./cgroup/", NULL));
    assert_true(is_wanted("cgroup", "sys/fs/x/../cgroup", NULL));
    assert_false(is_wanted("cgroup", "/sys/fs/cgroup/x", NULL));
    assert_false(is_wanted("cgroup", "/sys/fs/cgroup", "nodev,ro,noexec"));
    assert_true(is_wanted("cgroup", "/sys/fs/cgroup", "nodev,ro,rw"));
    assert_false(is_wanted("cgroup", "/sys/fs/cgroup", "rro"));
    assert_true(is_wanted("cgroup", "/sys/fs/cgroup", "rro,rrw"));
    assert_true(is_wanted("cgroup", "/sys/fs/cgroup", "rro,rw"));
    assert_false(is_wanted("cgroup", "/sys/fs/cgroup", "ro,rrw"));
    assert_true(is_wanted("cgroup", "/sys/fs/cgroup", "nosuid,row,noro"));
    assert_false(is_wanted("cgroup", "/sys/fs/cgroup", "nodev,rbind"));
    assert_false(is_wanted("cgroup", "/sys/fs/cgroup", "bind"));
    assert_false(is_wanted(NULL, "/sys/fs/cgroup", NULL));
    const struct oci_config none = { .mounts = { NULL, 0 } };
    assert_false(delegate_is_wanted(&none));
}

static bool is_wanted_of_two(struct oci_mount *first, struct oci_mount *second)
{
    struct oci_mount *mounts[] = { first, second };
    const struct oci_config config = { .mounts = { mounts, 2 } };
    return delegate_is_wanted(&config);
}

/* Of several mounts on the place the last is seen. */
static void what_is_there_in_the_end(void **state)
{
    (void) state;
    const char *read_only[] = { "remount,ro" }, *nothing[] = { "remount" };
    struct oci_mount cgroup = { .destination = "/sys/fs/cgroup", .type = "cgroup" };
    struct oci_mount tmpfs = { .destination = "/sys/fs/cgroup/", .type = "tmpfs" };
    struct oci_mount remount = { .destination = "/sys/fs/cgroup", .options = { read_only, 1 } };
    assert_true(is_wanted_of_two(&tmpfs, &cgroup));
    assert_false(is_wanted_of_two(&cgroup, &tmpfs));
    assert_false(is_wanted_of_two(&cgroup, &remount));
    assert_false(is_wanted_of_two(&tmpfs, &remount));
    remount.options.v = nothing;
    assert_true(is_wanted_of_two(&cgroup, &remount));
    assert_false(is_wanted_of_two(&tmpfs, &remount));
}

static uid_t owner_of(const char *name)
{
    struct stat status;
    assert_int_equal(fstatat(tree_directory, name, &status, 0), 0);
    return status.st_uid;
}

/* cgroup.threads is not there, and memory.max is none of his. */
static void gives_what_the_kernel_lists(void **state) /* [CG10] [CG11] */
{
    (void) state;
    if (geteuid() != 0)
        skip();
    put_file("cgroup.procs", "");
    put_file("cgroup.subtree_control", "");
    put_file("memory.max", "");
    put_file("cgroup.freeze", "");
    assert_ok(delegate_give(tree_directory, 1234));
    assert_int_equal(owner_of("."), 1234);
    assert_int_equal(owner_of("cgroup.procs"), 1234);
    assert_int_equal(owner_of("cgroup.subtree_control"), 1234);
    assert_int_equal(owner_of("memory.max"), 0);
    assert_int_equal(owner_of("cgroup.freeze"), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_can_be_written),
        cmocka_unit_test(what_is_there_in_the_end),
        cmocka_unit_test_setup_teardown(gives_what_the_kernel_lists, make_tree, remove_tree),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/delegate", tests, NULL, NULL);
}
