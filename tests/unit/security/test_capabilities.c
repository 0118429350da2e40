/* SPDX-License-Identifier: Apache-2.0 */
/* security/capabilities: process.capabilities. */
#include <linux/capability.h>
#include <sys/prctl.h>

#include "tests/unit/process/checks.h"

#include "libocispec/process.h"
#include "os/proc.h"
#include "process/user.h"
#include "security/capabilities.h"

#define BIT(number) (UINT64_C(1) << (number))
#define NAMES(...)                                                                                 \
    {                                                                                              \
        .v = (const char *[]){ __VA_ARGS__ },                                                      \
        .n = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *),                       \
    }

static const char *const all[] = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};

static struct capabilities_plan own;

static int read_own(void **state)
{
    (void) state;
    struct error *error = capabilities_read(&own);
    return error != NULL;
}

static struct error *plan(struct oci_capabilities *sets, struct capabilities_plan *made)
{
    struct oci_process process = { .capabilities = sets };
    fresh_arena();
    return capabilities_plan(&process, false, made);
}

/* Whoever comes into a user namespace has all of them there, whatever tare may do outside. */
static void grants_all_in_a_user_namespace(void **state) /* [C2] [C4] [N13] */
{
    (void) state;
    const uint32_t n = (uint32_t) own.last < LENGTH(all) ? (uint32_t) own.last + 1 : LENGTH(all);
    struct oci_string_array list = { (const char **) all, n };
    struct oci_capabilities sets = { .bounding = list, .permitted = list, .effective = list };
    const struct oci_process process = { .capabilities = &sets };
    struct capabilities_plan made;
    const uint64_t wanted = (UINT64_C(1) << n) - 1;

    fresh_arena();
    assert_ok(capabilities_plan(&process, true, &made));
    assert_true(made.bounding == wanted && made.permitted == wanted && made.effective == wanted);
    assert_int_equal(warnings, 0);
}

static void reads_what_the_kernel_says(void **state)
{
    (void) state;
    const struct {
        const char *name;
        uint64_t got;
    } rows[] = {
        { "CapInh:", own.inheritable }, { "CapPrm:", own.permitted }, { "CapEff:", own.effective },
        { "CapBnd:", own.bounding },    { "CapAmb:", own.ambient },
    };
    char line[128], name[sizeof(line)];
    unsigned long long mask = 0;
    unsigned found = 0;
    FILE *file = fopen("/proc/self/status", "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, "%127s %llx", name, &mask) != 2)
            continue;
        for (size_t i = 0; i < LENGTH(rows); i++) {
            if (!text_equal(rows[i].name, name))
                continue;
            assert_true(mask == rows[i].got);
            found++;
        }
    }
    fclose(file);
    assert_int_equal(found, 5);
    assert_true(own.last >= CAP_AUDIT_READ && own.last < 64);
}

static void knows_every_name(void **state)
{
    (void) state;
    assert_int_equal(LENGTH(all), 41);
    for (uint32_t i = 0; i < LENGTH(all); i++) {
        const char *name = all[i];
        struct oci_capabilities sets = { .bounding = { &name, 1 } };
        struct capabilities_plan made;
        assert_ok(plan(&sets, &made));
        bool is_ours = own.bounding & BIT(i);
        assert_true(made.bounding == (is_ours ? BIT(i) : 0));
        assert_int_equal(warnings, is_ours ? 0 : 1);
        if (!is_ours)
            assert_non_null(strstr(last_warning, name));
    }
}

static void leaves_out_unknown_names(void **state) /* [C7] */
{
    (void) state;
    static const char *const bad[] = { "CAP_NOPE",   "",          "CHOWN",         "cap_chown",
                                       "Cap_Chown",  "CAP_",      "CAP_0",         "CAP_63",
                                       "CAP_64",     "0",         "ALL",           "CAP_CHOWN ",
                                       " CAP_CHOWN", "CAP_chown", "CAP_4294967296" };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        const char *name = bad[i];
        struct oci_capabilities sets = { .ambient = { &name, 1 } };
        struct capabilities_plan made;
        assert_ok(plan(&sets, &made));
        assert_true(made.ambient == 0);
        assert_warned(1, "process.capabilities.ambient[0]: ");
        assert_non_null(strstr(last_warning, "left out"));
    }
}

static void takes_absent_sets_as_empty(void **state) /* [C1] */
{
    (void) state;
    struct oci_capabilities none = { 0 }, *cases[] = { NULL, &none };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct capabilities_plan made = { 1, 1, 1, 1, 1, 1 };
        assert_ok(plan(cases[i], &made));
        assert_true(!made.bounding && !made.effective && !made.inheritable && !made.permitted);
        assert_true(!made.ambient);
        assert_int_equal(made.last, own.last);
        assert_int_equal(warnings, 0);
    }
}

static void needs_effective_to_be_permitted(void **state)
{
    (void) state;
    struct oci_capabilities sets = {
        .bounding = NAMES("CAP_KILL", "CAP_CHOWN"),
        .permitted = NAMES("CAP_CHOWN"),
        .effective = NAMES("CAP_CHOWN", "CAP_KILL"),
    };
    struct capabilities_plan made;
    assert_error(plan(&sets, &made), ERROR_CONFIG, "process.capabilities.effective",
                 "CAP_KILL is not among the permitted");
}

static void needs_inheritable_to_be_bounded(void **state)
{
    (void) state;
    if (!((own.permitted & ~own.inheritable) & BIT(CAP_KILL)))
        skip();
    struct oci_capabilities sets = { .permitted = NAMES("CAP_KILL"),
                                     .inheritable = NAMES("CAP_KILL") };
    struct capabilities_plan made;
    assert_error(plan(&sets, &made), ERROR_CONFIG, "process.capabilities.inheritable",
                 "CAP_KILL is not in the bounding set");
}

static void leaves_out_ambient_without_its_conditions(void **state) /* [C6] */
{
    (void) state;
    need_root();
    struct oci_capabilities sets = {
        .bounding = NAMES("CAP_KILL", "CAP_CHOWN", "CAP_FOWNER"),
        .permitted = NAMES("CAP_KILL", "CAP_CHOWN"),
        .inheritable = NAMES("CAP_KILL", "CAP_FOWNER"),
        .ambient = NAMES("CAP_KILL", "CAP_CHOWN", "CAP_FOWNER"),
    };
    struct capabilities_plan made;
    assert_ok(plan(&sets, &made));
    assert_true(made.ambient == BIT(CAP_KILL));
    assert_warned(2, "CAP_FOWNER is not both permitted and inheritable");
}

static void leaves_out_what_tare_lacks(void **state) /* [C7] */
{
    (void) state;
    uint64_t lacking = ~(own.bounding | own.permitted | own.inheritable) & (BIT(LENGTH(all)) - 1);
    if (!lacking || own.last < (int) LENGTH(all) - 1)
        skip();
    const char *name = all[__builtin_ctzll(lacking)];
    const struct oci_string_array list = { &name, 1 };
    struct oci_capabilities sets = { list, list, list, list, list };
    struct capabilities_plan made;
    assert_ok(plan(&sets, &made));
    assert_true(!made.bounding && !made.effective && !made.inheritable && !made.permitted);
    assert_true(!made.ambient);
    assert_int_equal(warnings, 5);
    assert_non_null(strstr(last_warning, name));
}

/* The status of this process, as it is now. */
static const char *read_status(void)
{
    static char text[4096];
    must(proc_read_own("status", text, sizeof(text)));
    return text;
}

/* With the status, and without. */
static void claim_difference(const struct capabilities_plan *wanted, const char *words)
{
    claim_error(capabilities_verify(wanted, read_status()), ERROR_READ_BACK, words);
    claim_error(capabilities_verify(wanted, NULL), ERROR_READ_BACK, words);
    claim_error(capabilities_verify(wanted, "CapInh:\t00"), ERROR_READ_BACK, words);
}

/* Carries a plan out as init does, and compares. */
static void carry_out(const struct capabilities_plan *wanted, uint32_t uid)
{
    struct capabilities_plan got;
    must(capabilities_bound(wanted));
    must(user_apply(&(struct user_plan){ .uid = uid, .gid = uid, .umask = 022 }, &(bool){ false }));
    must(capabilities_apply(wanted));
    must(capabilities_verify(wanted, read_status()));
    must(capabilities_verify(wanted, NULL));
    must(capabilities_read(&got));
    claim(got.bounding == wanted->bounding);
    claim(got.effective == wanted->effective);
    claim(got.permitted == wanted->permitted);
    claim(got.inheritable == wanted->inheritable);
    claim(got.ambient == wanted->ambient);
    claim(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) == 0);
}

static const struct capabilities_plan *some_sets(void)
{
    static struct capabilities_plan sets;
    sets = (struct capabilities_plan){
        .bounding = BIT(CAP_CHOWN) | BIT(CAP_KILL) | BIT(CAP_NET_RAW) | BIT(CAP_AUDIT_WRITE),
        .permitted = BIT(CAP_CHOWN) | BIT(CAP_KILL) | BIT(CAP_NET_RAW),
        .effective = BIT(CAP_CHOWN) | BIT(CAP_NET_RAW),
        .inheritable = BIT(CAP_NET_RAW) | BIT(CAP_CHOWN),
        .ambient = BIT(CAP_NET_RAW),
        .last = own.last,
    };
    return &sets;
}

static void become_user(void)
{
    carry_out(some_sets(), 1000);
}

static void stay_root(void)
{
    carry_out(some_sets(), 0);
}

static void lose_all(void)
{
    carry_out(&(struct capabilities_plan){ .last = own.last }, 1000);
}

static void keep_all(void)
{
    struct capabilities_plan sets = own;
    sets.bounding = sets.effective = sets.inheritable = sets.ambient = own.permitted & own.bounding;
    sets.permitted = sets.effective;
    carry_out(&sets, 4294967294);
}

static void shed_ambient(void)
{
    /* What the caller of tare had ambient or inheritable is not the container's. */
    carry_out(some_sets(), 0);
    struct capabilities_plan sets = *some_sets();
    sets.inheritable = sets.ambient = 0;
    sets.bounding = some_sets()->bounding;
    must(capabilities_apply(&sets));
    struct capabilities_plan got;
    must(capabilities_read(&got));
    claim(got.inheritable == 0 && got.ambient == 0);
}

static void applies_and_reads_back(void **state) /* [C2] [C3] [C4] [C5] [C6] (R14) */
{
    (void) state;
    need_root();
    assert_in_child(become_user);
    assert_in_child(stay_root);
    assert_in_child(lose_all);
    assert_in_child(keep_all);
    assert_in_child(shed_ambient);
}

static void miss_bounding(void)
{
    /* As if something had been added behind our back. */
    struct capabilities_plan sets = *some_sets();
    must(capabilities_bound(&sets));
    sets.bounding &= ~BIT(CAP_AUDIT_WRITE);
    must(capabilities_apply(&sets));
    claim_difference(&sets, "the bounding set has capability 29");
    sets.bounding |= BIT(CAP_AUDIT_WRITE) | BIT(CAP_SYS_BOOT);
    claim_difference(&sets, "the bounding set lacks capability 22");
}

static void notices_a_difference(void **state) /* (R14) */
{
    (void) state;
    need_root();
    assert_in_child(miss_bounding);
}

static void bound_without_right(void)
{
    carry_out(&(struct capabilities_plan){ .last = own.last }, 1000);
    must(capabilities_bound(&(struct capabilities_plan){ .last = own.last }));
}

static void bound_in_vain(void)
{
    struct capabilities_plan sets = { .bounding = BIT(CAP_KILL), .last = own.last };
    carry_out(&sets, 1000);
    claim_error(capabilities_bound(&(struct capabilities_plan){ .last = own.last }), ERROR_SYSTEM,
                "drop capability 5 from the bounding set");
}

static void drops_only_what_is_there(void **state)
{
    (void) state;
    need_root();
    assert_in_child(bound_without_right);
    assert_in_child(bound_in_vain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_all_in_a_user_namespace),
        cmocka_unit_test(reads_what_the_kernel_says),
        cmocka_unit_test(knows_every_name),
        cmocka_unit_test(leaves_out_unknown_names),
        cmocka_unit_test(takes_absent_sets_as_empty),
        cmocka_unit_test(needs_effective_to_be_permitted),
        cmocka_unit_test(needs_inheritable_to_be_bounded),
        cmocka_unit_test(leaves_out_ambient_without_its_conditions),
        cmocka_unit_test(leaves_out_what_tare_lacks),
        cmocka_unit_test(applies_and_reads_back),
        cmocka_unit_test(notices_a_difference),
        cmocka_unit_test(drops_only_what_is_there),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("security/capabilities", tests, read_own, NULL);
}
