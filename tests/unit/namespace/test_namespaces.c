/* SPDX-License-Identifier: Apache-2.0 */
/* namespace/namespaces: linux.namespaces. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/process/checks.h"

#include "libocispec/linux.h"
#include "namespace/namespaces.h"
#include "os/syscalls.h"

static const struct {
    uint8_t type;
    uint64_t flag;
    const char *name;
    const char *own; /* of the caller */
} types[] = {
    { OCI_NSTYPE_PID, CLONE_NEWPID, "pid", "/proc/self/ns/pid" },
    { OCI_NSTYPE_NETWORK, CLONE_NEWNET, "network", "/proc/self/ns/net" },
    { OCI_NSTYPE_MOUNT, CLONE_NEWNS, "mount", "/proc/self/ns/mnt" },
    { OCI_NSTYPE_IPC, CLONE_NEWIPC, "ipc", "/proc/self/ns/ipc" },
    { OCI_NSTYPE_UTS, CLONE_NEWUTS, "uts", "/proc/self/ns/uts" },
    { OCI_NSTYPE_CGROUP, CLONE_NEWCGROUP, "cgroup", "/proc/self/ns/cgroup" },
    { OCI_NSTYPE_USER, CLONE_NEWUSER, "user", "/proc/self/ns/user" },
    { OCI_NSTYPE_TIME, CLONE_NEWTIME, "time", "/proc/self/ns/time" },
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
        assert_string_equal(namespaces_file(types[i].flag),
                            types[i].own + strlen("/proc/self/ns/"));
        assert_ok(plan(list, 1, &made));
        assert_true(made.created == types[i].flag);
        assert_true(made.own == types[i].flag);
    }
    assert_null(namespaces_name(0));
    assert_null(namespaces_file(0));
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
    struct namespaces_plan made = { .created = 7 };
    assert_error(plan(list, 3, &made), ERROR_CONFIG, "linux.namespaces[2].type",
                 "\"pid\" stands in linux.namespaces[1] already");
    assert_true(made.created == 7);
}

static void refuses_paths(void **state) /* [N3] */
{
    (void) state;
    struct oci_namespace joined = { OCI_NSTYPE_NETWORK, "netns/x" }, *list[] = { &joined };
    struct namespaces_plan made;
    assert_error(plan(list, 1, &made), ERROR_CONFIG, "linux.namespaces[0].path",
                 "not an absolute path");
    joined.path = "";
    assert_error(plan(list, 1, &made), ERROR_CONFIG, "linux.namespaces[0].path",
                 "not an absolute path");
    joined.path = "/nowhere/at/all";
    assert_error(plan(list, 1, &made), ERROR_SYSTEM, "linux.namespaces[0].path",
                 "open the network namespace \"/nowhere/at/all\"");
}

static void refuses_what_is_no_such_namespace(void **state) /* [N4] */
{
    (void) state;
    struct oci_namespace joined = { OCI_NSTYPE_UTS, "/proc/self/ns/net" }, *list[] = { &joined };
    struct namespaces_plan made;
    assert_error(plan(list, 1, &made), ERROR_CONFIG, "linux.namespaces[0].path",
                 "is a namespace of type network, not uts");
    joined.path = "/dev/null";
    assert_error(plan(list, 1, &made), ERROR_CONFIG, "linux.namespaces[0].path",
                 "\"/dev/null\" is no namespace");
}

static void takes_the_callers_own_for_none(void **state) /* [N6] */
{
    (void) state;
    for (size_t i = 0; i < LENGTH(types); i++) {
        struct oci_namespace entry = { types[i].type, types[i].own }, *list[] = { &entry };
        struct namespaces_plan made;
        assert_ok(plan(list, 1, &made));
        assert_true(made.created == 0 && made.own == 0 && made.joined_count == 0);
    }
}

/* A child in another uts namespace, which waits until it is killed. */
static pid_t live_elsewhere(void)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        byte = unshare(CLONE_NEWUTS) ? 'n' : 'y';
        _exit(write(ready[1], &byte, 1) == 1 ? pause() : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    if (byte == 'y')
        return pid;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    skip();
    return -1;
}

static void opens_another(void **state) /* [N3] */
{
    (void) state;
    char path[64];
    struct stat wanted, found;
    pid_t pid = live_elsewhere();
    snprintf(path, sizeof(path), "/proc/%d/ns/uts", (int) pid);
    struct oci_namespace own = { OCI_NSTYPE_IPC, NULL }, joined = { OCI_NSTYPE_UTS, path };
    struct oci_namespace *list[] = { &own, &joined };
    struct namespaces_plan made;
    assert_ok(plan(list, 2, &made));
    assert_true(made.created == CLONE_NEWIPC && made.own == (CLONE_NEWIPC | CLONE_NEWUTS));
    assert_int_equal(made.joined_count, 1);
    assert_true(made.joined[0].flag == CLONE_NEWUTS && made.joined[0].index == 1);
    assert_int_equal(stat(path, &wanted) | fstat(made.joined[0].fd, &found), 0);
    assert_int_equal(wanted.st_ino, found.st_ino);
    int fd = made.joined[0].fd;
    namespaces_close(&made);
    namespaces_close(&made);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_type),
        cmocka_unit_test(adds_them_up),
        cmocka_unit_test(refuses_a_type_twice),
        cmocka_unit_test(refuses_paths),
        cmocka_unit_test(refuses_what_is_no_such_namespace),
        cmocka_unit_test(takes_the_callers_own_for_none),
        cmocka_unit_test(opens_another),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("namespace/namespaces", tests, NULL, NULL);
}
