/* SPDX-License-Identifier: Apache-2.0 */
/* namespace/namespaces: linux.namespaces. */
#include <sched.h>

#include "tests/unit/process/checks.h"

#include "libocispec/linux.h"
#include "namespace/namespaces.h"
#include "os/syscalls.h"

static const struct {
    uint8_t type;
    uint64_t flag;
    const char *name;
    bool is_supported;
} types[] = {
    { OCI_NSTYPE_PID, CLONE_NEWPID, "pid", true },
    { OCI_NSTYPE_NETWORK, CLONE_NEWNET, "network", true },
    { OCI_NSTYPE_MOUNT, CLONE_NEWNS, "mount", true },
    { OCI_NSTYPE_IPC, CLONE_NEWIPC, "ipc", true },
    { OCI_NSTYPE_UTS, CLONE_NEWUTS, "uts", true },
    { OCI_NSTYPE_CGROUP, CLONE_NEWCGROUP, "cgroup", true },
    { OCI_NSTYPE_USER, CLONE_NEWUSER, "user", false },
    { OCI_NSTYPE_TIME, CLONE_NEWTIME, "time", false },
};

static struct error *plan(struct oci_namespace **list, uint32_t n, struct namespaces_plan *made)
{
    const struct oci_linux linux_ = { .namespaces = { list, n } };
    return namespaces_plan(&linux_, made);
}

static void knows_every_type(void **state) /* [N2] [N5] */
{
    (void) state;
    for (size_t i = 0; i < LENGTH(types); i++) {
        struct oci_namespace entry = { .type = types[i].type }, *list[] = { &entry };
        struct namespaces_plan made = { 0 };
        assert_string_equal(namespaces_name(types[i].flag), types[i].name);
        struct error *error = plan(list, 1, &made);
        if (types[i].is_supported) {
            assert_ok(error);
            assert_true(made.created == types[i].flag);
        } else {
            assert_error(error, ERROR_UNSUPPORTED, "linux.namespaces[0].type", types[i].name);
        }
    }
    assert_null(namespaces_name(0));
    assert_null(namespaces_name(CLONE_NEWNS | CLONE_NEWPID));
}

static void adds_them_up(void **state) /* [N1] [N6] */
{
    (void) state;
    struct oci_namespace pid = { OCI_NSTYPE_PID, NULL }, mount = { OCI_NSTYPE_MOUNT, NULL };
    struct oci_namespace *list[] = { &pid, &mount };
    struct namespaces_plan made;
    assert_ok(plan(list, 2, &made));
    assert_true(made.created == (CLONE_NEWPID | CLONE_NEWNS));
    assert_ok(plan(NULL, 0, &made));
    assert_true(made.created == 0);
    made.created = 1;
    assert_ok(namespaces_plan(NULL, &made));
    assert_true(made.created == 0);
}

static void refuses_a_type_twice(void **state) /* [N7] */
{
    (void) state;
    struct oci_namespace pid = { OCI_NSTYPE_PID, NULL }, uts = { OCI_NSTYPE_UTS, NULL };
    struct oci_namespace joined = { OCI_NSTYPE_PID, "/proc/1/ns/pid" };
    struct oci_namespace *list[] = { &uts, &pid, &joined };
    struct namespaces_plan made = { 7 };
    assert_error(plan(list, 3, &made), ERROR_CONFIG, "linux.namespaces[2].type",
                 "\"pid\" stands in linux.namespaces[1] already");
    assert_true(made.created == 7);
}

static void refuses_paths(void **state) /* [N3] */
{
    (void) state;
    struct oci_namespace joined = { OCI_NSTYPE_NETWORK, "/run/netns/x" }, *list[] = { &joined };
    struct namespaces_plan made;
    assert_error(plan(list, 1, &made), ERROR_UNSUPPORTED, "linux.namespaces[0].path",
                 "/run/netns/x");
    joined.path = "netns/x";
    assert_error(plan(list, 1, &made), ERROR_CONFIG, "linux.namespaces[0].path",
                 "not an absolute path");
    joined.path = "";
    assert_error(plan(list, 1, &made), ERROR_CONFIG, "linux.namespaces[0].path",
                 "not an absolute path");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_type),
        cmocka_unit_test(adds_them_up),
        cmocka_unit_test(refuses_a_type_twice),
        cmocka_unit_test(refuses_paths),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("namespace/namespaces", tests, NULL, NULL);
}
