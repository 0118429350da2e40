/* SPDX-License-Identifier: Apache-2.0 */
/* namespace/sysctl: linux.sysctl. */
#include <errno.h>
#include <sched.h>

#include "tests/unit/process/checks.h"

#include "libocispec/schema.h"
#include "namespace/sysctl.h"

static const struct sysctl_context nothing_new, everything_new = { .namespaces = UINT64_MAX };

static struct error *plan(const char *key, const char *value, const struct sysctl_context *context,
                          struct sysctl_plan *made)
{
    struct oci_string_entry entry = { key, value };
    const struct oci_string_map map = { &entry, 1 };
    return sysctl_plan(&map, context, fresh_arena(), made);
}

static void allows_what_has_a_namespace(void **state) /* [SY1] [SY2] (R13) */
{
    (void) state;
    static const struct {
        const char *key, *path;
        uint64_t namespace;
    } cases[] = {
        { "kernel.msgmax", "sys/kernel/msgmax", CLONE_NEWIPC },
        { "kernel.msgmnb", "sys/kernel/msgmnb", CLONE_NEWIPC },
        { "kernel.msgmni", "sys/kernel/msgmni", CLONE_NEWIPC },
        { "kernel.sem", "sys/kernel/sem", CLONE_NEWIPC },
        { "kernel.shmall", "sys/kernel/shmall", CLONE_NEWIPC },
        { "kernel.shmmax", "sys/kernel/shmmax", CLONE_NEWIPC },
        { "kernel.shmmni", "sys/kernel/shmmni", CLONE_NEWIPC },
        { "kernel.shm_rmid_forced", "sys/kernel/shm_rmid_forced", CLONE_NEWIPC },
        { "kernel.msg_next_id", "sys/kernel/msg_next_id", CLONE_NEWIPC },
        { "kernel.sem_next_id", "sys/kernel/sem_next_id", CLONE_NEWIPC },
        { "kernel.shm_next_id", "sys/kernel/shm_next_id", CLONE_NEWIPC },
        { "kernel.auto_msgmni", "sys/kernel/auto_msgmni", CLONE_NEWIPC },
        { "kernel/shmmax", "sys/kernel/shmmax", CLONE_NEWIPC },
        { "fs.mqueue.msg_max", "sys/fs/mqueue/msg_max", CLONE_NEWIPC },
        { "fs/mqueue/msg_max", "sys/fs/mqueue/msg_max", CLONE_NEWIPC },
        { "net.ipv4.ip_forward", "sys/net/ipv4/ip_forward", CLONE_NEWNET },
        { "net/ipv4/ip_forward", "sys/net/ipv4/ip_forward", CLONE_NEWNET },
        { "net.ipv4.conf.eth0/100.forwarding", "sys/net/ipv4/conf/eth0.100/forwarding",
          CLONE_NEWNET },
        { "net/ipv4/conf/eth0.100/forwarding", "sys/net/ipv4/conf/eth0.100/forwarding",
          CLONE_NEWNET },
        { "net.ipv4.conf.a-b_c:1.mtu", "sys/net/ipv4/conf/a-b_c:1/mtu", CLONE_NEWNET },
        { "kernel.domainname", "sys/kernel/domainname", CLONE_NEWUTS },
        { "user.max_net_namespaces", "sys/user/max_net_namespaces", CLONE_NEWUSER },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct sysctl_context context = { .namespaces = cases[i].namespace };
        struct sysctl_plan made;
        assert_ok(plan(cases[i].key, "1 2", &context, &made));
        assert_int_equal(made.n, 1);
        assert_string_equal(made.v[0].path, cases[i].path);
        assert_string_equal(made.v[0].key, cases[i].key);
        assert_string_equal(made.v[0].value, "1 2");
        context.namespaces = ~cases[i].namespace;
        assert_error(plan(cases[i].key, "1 2", &context, &made), ERROR_CONFIG, NULL, "needs a new");
    }
}

static void refuses_what_is_the_hosts(void **state) /* [SY2] (T64) */
{
    (void) state;
    static const char *const keys[] = {
        "kernel.core_pattern",
        "kernel/core_pattern",
        "kernel.msgmaxx",
        "kernel.sem.x",
        "kernel.shm",
        "vm.swappiness",
        "fs.file-max",
        "fs.mqueue",
        "fs.mqueuex.y",
        "kernel.pid_max",
        "kernel.ns_last_pid",
        "dev.cdrom.info",
        "abi.vsyscall32",
        "debug.exception-trace",
        "net",
        "nets.ipv4.x",
        "sunrpc.x",
        "kernel",
        "kernel.modprobe",
        "crypto.fips_enabled",
    };
    for (size_t i = 0; i < LENGTH(keys); i++) {
        char field[128];
        struct sysctl_plan made = { .n = 7 };
        snprintf(field, sizeof(field), "linux.sysctl.%s", keys[i]);
        assert_error(plan(keys[i], "1", &everything_new, &made), ERROR_CONFIG, field,
                     "belongs to the host");
        assert_int_equal(made.n, 7);
    }
}

static void refuses_what_is_no_name(void **state) /* (T64) */
{
    (void) state;
    static const char *const keys[] = {
        "",
        ".",
        "/",
        "..",
        "net..x",
        "net.",
        ".net.x",
        "net//x",
        "net/",
        "/net/x",
        "net/../kernel/core_pattern",
        "net/./x",
        "net/..",
        "net.x.//.kernel.core_pattern",
        "net.//",
        "net.x=1+kernel.core_pattern",
        "kernel.shm_rmid_forced=1+kernel.core_pattern",
        "net.ipv4.ip_forward\nkernel.core_pattern",
        "net.ipv4.ip_forward ",
        " net.ipv4.ip_forward",
        "net.a+b",
        "net.a=b",
        "net.a%b",
        "net.a\\b",
        "net.\xc3\xa9",
        "net.a\tb",
        "net.*",
    };
    for (size_t i = 0; i < LENGTH(keys); i++) {
        struct sysctl_plan made;
        assert_error(plan(keys[i], "1", &everything_new, &made), ERROR_CONFIG, NULL,
                     "is not the name of a kernel setting");
    }
}

static void knows_what_has_a_field(void **state) /* [SY2] */
{
    (void) state;
    struct sysctl_plan made;
    assert_error(plan("kernel.hostname", "x", &everything_new, &made), ERROR_CONFIG,
                 "linux.sysctl.kernel.hostname", "use hostname");

    struct sysctl_context context = { .namespaces = CLONE_NEWUTS, .domainname = "a" };
    assert_ok(plan("kernel.domainname", "a", &context, &made));
    assert_error(plan("kernel.domainname", "b", &context, &made), ERROR_CONFIG,
                 "linux.sysctl.kernel.domainname", "\"b\" is not the same as domainname \"a\"");
    assert_error(plan("kernel/domainname", "b", &context, &made), ERROR_CONFIG,
                 "linux.sysctl.kernel/domainname", "\"b\" is not the same as domainname \"a\"");
}

static void refuses_values_of_no_or_more_lines(void **state) /* (T64) */
{
    (void) state;
    struct sysctl_plan made;
    assert_error(plan("net.x", "1\n2", &everything_new, &made), ERROR_CONFIG, "linux.sysctl.net.x",
                 "more than one line");
    assert_error(plan("net.x", "1\n", &everything_new, &made), ERROR_CONFIG, NULL,
                 "more than one line");
    assert_error(plan("net.x", "", &everything_new, &made), ERROR_CONFIG, NULL, "is empty");
}

static void keeps_the_order(void **state)
{
    (void) state;
    struct oci_string_entry entries[] = { { "net.b", "1" },
                                          { "net.a", "2" },
                                          { "kernel.sem", "3" } };
    const struct oci_string_map map = { entries, 3 }, none = { 0 };
    struct sysctl_plan made;
    assert_ok(sysctl_plan(&map, &everything_new, fresh_arena(), &made));
    assert_int_equal(made.n, 3);
    assert_string_equal(made.v[0].key, "net.b");
    assert_string_equal(made.v[1].key, "net.a");
    assert_string_equal(made.v[2].key, "kernel.sem");
    assert_ok(sysctl_plan(&none, &nothing_new, fresh_arena(), &made));
    assert_int_equal(made.n, 0);
    assert_ok(sysctl_apply(&made, false));
}

static int read_number(const char *path)
{
    int number = -1;
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%d", &number) != 1)
        number = -1;
    if (file)
        fclose(file);
    return number;
}

static void write_settings(void)
{
    struct sysctl_setting settings[] = {
        { "sys/kernel/shmmni", "777", "kernel.shmmni" },
        { "sys/kernel/domainname", "written", "kernel.domainname" },
    };
    int before = read_number("/proc/sys/kernel/shmmni");
    claim(before > 0 && before != 777);
    claim(unshare(CLONE_NEWIPC | CLONE_NEWUTS) == 0);
    must(sysctl_apply(&(struct sysctl_plan){ settings, 2 }, false));
    claim(read_number("/proc/sys/kernel/shmmni") == 777);
    settings[0].value = "778";
    must(sysctl_apply(&(struct sysctl_plan){ settings, 1 }, true));
    claim(read_number("/proc/sys/kernel/shmmni") == 778);
    char name[65] = "";
    claim(getdomainname(name, sizeof(name)) == 0 && text_equal(name, "written"));

    struct sysctl_setting missing = { "sys/kernel/tare_none", "1", "kernel.tare_none" };
    struct error *error = sysctl_apply(&(struct sysctl_plan){ &missing, 1 }, true);
    claim(error && error->number == ENOENT && strstr(error->hint, "no such setting"));
    claim(text_equal(error->field, "linux.sysctl.kernel.tare_none"));
    claim_error(error, ERROR_SYSTEM, "sysctl kernel.tare_none = \"1\"");

    struct sysctl_setting bad = { "sys/kernel/shmmni", "many", "kernel.shmmni" };
    error = sysctl_apply(&(struct sysctl_plan){ &bad, 1 }, true);
    claim(error && error->number == EINVAL && strstr(error->hint, "value"));
    claim_error(error, ERROR_SYSTEM, "sysctl kernel.shmmni = \"many\"");
}

static void writes_in_its_own_namespaces(void **state) /* [SY1] */
{
    (void) state;
    need_root();
    int before = read_number("/proc/sys/kernel/shmmni");
    assert_in_child(write_settings);
    assert_int_equal(read_number("/proc/sys/kernel/shmmni"), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_what_has_a_namespace),
        cmocka_unit_test(refuses_what_is_the_hosts),
        cmocka_unit_test(refuses_what_is_no_name),
        cmocka_unit_test(knows_what_has_a_field),
        cmocka_unit_test(refuses_values_of_no_or_more_lines),
        cmocka_unit_test(keeps_the_order),
        cmocka_unit_test(writes_in_its_own_namespaces),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("namespace/sysctl", tests, NULL, NULL);
}
