/* SPDX-License-Identifier: Apache-2.0 */
/* security/seccomp: linux.seccomp, judged by what the program says of calls. */
#include <sys/syscall.h>

#include "tests/unit/security/filter.h"

#include <seccomp.h>

#include "libocispec/features.h"

static const uint32_t native_action[] = {
    [OCI_SCMP_ACT_KILL] = SECCOMP_RET_KILL_THREAD,
    [OCI_SCMP_ACT_KILL_PROCESS] = SECCOMP_RET_KILL_PROCESS,
    [OCI_SCMP_ACT_KILL_THREAD] = SECCOMP_RET_KILL_THREAD,
    [OCI_SCMP_ACT_TRAP] = SECCOMP_RET_TRAP,
    [OCI_SCMP_ACT_ERRNO] = SECCOMP_RET_ERRNO | 1,
    [OCI_SCMP_ACT_TRACE] = SECCOMP_RET_TRACE | 1,
    [OCI_SCMP_ACT_ALLOW] = SECCOMP_RET_ALLOW,
    [OCI_SCMP_ACT_LOG] = SECCOMP_RET_LOG,
    [OCI_SCMP_ACT_NOTIFY] = SECCOMP_RET_USER_NOTIF,
};

static struct seccomp_plan plan(const struct oci_seccomp *seccomp)
{
    struct seccomp_plan made;
    assert_ok(seccomp_plan(seccomp, false, fresh_arena(), &made));
    assert_non_null(made.program);
    return made;
}

static uint32_t call(const struct seccomp_plan *filter, const char *name, uint64_t first)
{
    const struct seccomp_data data = {
        .nr = seccomp_syscall_resolve_name(name),
        .arch = seccomp_arch_native(),
        .args = { first },
    };
    return judge(filter, &data);
}

static void no_seccomp_is_no_filter(void **state) /* [S1] */
{
    (void) state;
    struct seccomp_plan made = { .length = 7, .has_listener = true };
    assert_ok(seccomp_plan(NULL, false, fresh_arena(), &made));
    assert_true(!made.program && !made.length && !made.has_listener);
}

static void knows_every_action(void **state) /* [S2] [S12] [S25] */
{
    (void) state;
    for (uint8_t action = 0; action <= OCI_SCMP_ACT_NOTIFY; action++) {
        uint8_t other = action == OCI_SCMP_ACT_ALLOW ? OCI_SCMP_ACT_LOG : OCI_SCMP_ACT_ALLOW;
        struct oci_syscall rule = { .names = NAMES("read", "write"), .action = action };
        struct oci_seccomp seccomp = { .default_action = other,
                                       .syscalls = RULES(&rule),
                                       .listener_path = "/agent" };
        struct seccomp_plan filter = plan(&seccomp);
        assert_int_equal(call(&filter, "read", 0), native_action[action]);
        assert_int_equal(call(&filter, "write", 0), native_action[action]);
        assert_int_equal(call(&filter, "close", 0), native_action[other]);
        assert_int_equal(filter.has_listener, action == OCI_SCMP_ACT_NOTIFY);

        rule.action = other;
        seccomp.default_action = action;
        filter = plan(&seccomp);
        assert_int_equal(call(&filter, "read", 0), native_action[other]);
        assert_int_equal(call(&filter, "close", 0), native_action[action]);
        assert_int_equal(filter.has_listener, action == OCI_SCMP_ACT_NOTIFY);
    }
}

static void has_exactly_the_actions_of_the_profile(void **state)
{
    (void) state;
    struct oci_syscall rule = { .names = NAMES("read"), .action = OCI_SCMP_ACT_LOG };
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ERRNO, .syscalls = RULES(&rule) };
    struct seccomp_plan filter = plan(&seccomp);
    for (uint32_t i = 0; i < filter.length; i++) {
        uint32_t value = filter.program[i].k;
        if (filter.program[i].code == (BPF_RET | BPF_K) && value != SECCOMP_RET_KILL_THREAD)
            assert_true(value == SECCOMP_RET_LOG || value == (SECCOMP_RET_ERRNO | 1));
    }
    /* A number that nobody has. */
    const struct seccomp_data unknown = { .nr = 5000, .arch = seccomp_arch_native() };
    assert_int_equal(judge(&filter, &unknown), SECCOMP_RET_ERRNO | 1);
}

static void gives_the_errno_that_was_asked_for(void **state) /* [S3] [S13] */
{
    (void) state;
    static const struct {
        uint8_t action;
        uint32_t value, code;
    } rows[] = {
        { OCI_SCMP_ACT_ERRNO, 0, SECCOMP_RET_ERRNO },
        { OCI_SCMP_ACT_ERRNO, 38, SECCOMP_RET_ERRNO | 38 },
        { OCI_SCMP_ACT_ERRNO, 4095, SECCOMP_RET_ERRNO | 4095 },
        { OCI_SCMP_ACT_TRACE, 0, SECCOMP_RET_TRACE },
        { OCI_SCMP_ACT_TRACE, 65535, SECCOMP_RET_TRACE | 65535 },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct oci_syscall rule = { .names = NAMES("read"),
                                    .action = rows[i].action,
                                    .errno_ret = { rows[i].value, true } };
        struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ALLOW,
                                       .syscalls = RULES(&rule) };
        struct seccomp_plan filter = plan(&seccomp);
        assert_int_equal(call(&filter, "read", 0), rows[i].code);

        seccomp = (struct oci_seccomp){ .default_action = rows[i].action,
                                        .default_errno_ret = { rows[i].value, true } };
        filter = plan(&seccomp);
        assert_int_equal(call(&filter, "read", 0), rows[i].code);
    }
}

static void expect_refusal(const struct oci_seccomp *seccomp, enum error_code code,
                           const char *field, const char *words)
{
    struct seccomp_plan made = { .length = 7 };
    assert_error(seccomp_plan(seccomp, false, fresh_arena(), &made), code, field, words);
    assert_int_equal(made.length, 7);
}

static void refuses_wrong_rules(void **state) /* [S7] [S9] [S11] [S13] [S15] */
{
    (void) state;
    struct oci_syscall_arg good = { .index = 5 }, bad = { .index = 6 };
    struct oci_syscall first = { .names = NAMES("read"), .action = OCI_SCMP_ACT_LOG };
    struct oci_syscall rule = first;
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ALLOW,
                                   .syscalls = RULES(&first, &rule) };

    rule.args = (struct oci_syscall_arg_array) ARGS(&good, &bad);
    expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.syscalls[1].args[1].index",
                   "6 is above 5");
    rule = (struct oci_syscall){ .action = OCI_SCMP_ACT_ALLOW };
    expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.syscalls[1].names", "there is no name");

    rule = first;
    rule.errno_ret = (struct oci_opt_u32){ 0, true };
    for (uint8_t action = 0; action <= OCI_SCMP_ACT_NOTIFY; action++) {
        rule.action = action;
        seccomp.listener_path = "/agent";
        if (action != OCI_SCMP_ACT_ERRNO && action != OCI_SCMP_ACT_TRACE)
            expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.syscalls[1].errnoRet",
                           "takes no errno");
    }
    rule.action = OCI_SCMP_ACT_ERRNO;
    rule.errno_ret.value = 4096;
    expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.syscalls[1].errnoRet", "above 4095");
    rule.action = OCI_SCMP_ACT_TRACE;
    rule.errno_ret.value = 65536;
    expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.syscalls[1].errnoRet", "above 65535");
}

static void refuses_a_contradiction(void **state)
{
    (void) state;
    struct oci_syscall_arg arg = { .value = 3, .op = OCI_SCMP_OP_EQ };
    struct oci_syscall first = { NAMES("read"), OCI_SCMP_ACT_LOG, { 0 }, ARGS(&arg) };
    struct oci_syscall second = { NAMES("read"), OCI_SCMP_ACT_TRAP, { 0 }, ARGS(&arg) };
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ALLOW,
                                   .syscalls = RULES(&first, &second) };
    expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.syscalls[1]",
                   "an earlier entry gives read another action");
}

static void refuses_wrong_listeners(void **state) /* [S5] [S7] [S9] */
{
    (void) state;
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_NOTIFY };
    expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.listenerPath", "is missing");
    seccomp.listener_path = "";
    expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.listenerPath", "is missing");
    seccomp.default_action = OCI_SCMP_ACT_ALLOW;
    seccomp.listener_metadata = "words";
    expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.listenerMetadata", "listenerPath");
    seccomp.listener_path = "/agent";
    assert_false(plan(&seccomp).has_listener);
    seccomp.flags =
        (struct oci_enum_array) ENUMS(OCI_SCMP_FLAG_LOG, OCI_SCMP_FLAG_WAIT_KILLABLE_RECV);
    expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.flags[1]",
                   "needs an action SCMP_ACT_NOTIFY");
}

static void gives_the_flags_to_the_kernel(void **state) /* [S5] */
{
    (void) state;
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ALLOW };
    assert_int_equal(plan(&seccomp).flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
    seccomp.flags = (struct oci_enum_array){ .v = (uint8_t[1]){ 0 }, .n = 0 };
    assert_int_equal(plan(&seccomp).flags, 0);
    seccomp.flags = (struct oci_enum_array) ENUMS(OCI_SCMP_FLAG_TSYNC, OCI_SCMP_FLAG_LOG);
    assert_int_equal(plan(&seccomp).flags, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG);
    /* The thread that hands the listener over must not be filtered. */
    seccomp.default_action = OCI_SCMP_ACT_NOTIFY;
    seccomp.listener_path = "/agent";
    assert_int_equal(plan(&seccomp).flags,
                     SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_LOG);
}

static void leaves_out_what_is_unknown(void **state) /* [S4] [S11] */
{
    (void) state;
    struct oci_syscall rule = { .names = NAMES("no_such_call", "read"),
                                .action = OCI_SCMP_ACT_TRAP };
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ALLOW, .syscalls = RULES(&rule) };
    struct seccomp_plan filter = plan(&seccomp);
    assert_warned(1, "linux.seccomp.syscalls[0].names[0]: \"no_such_call\" is unknown");
    assert_int_equal(call(&filter, "read", 0), SECCOMP_RET_TRAP);

    /* One of them is of the other byte order, whatever we are. */
    seccomp.architectures = (struct oci_enum_array) ENUMS(OCI_SCMP_ARCH_MIPS, OCI_SCMP_ARCH_MIPSEL);
    filter = plan(&seccomp);
    assert_warned(2, "is unknown");
    assert_int_equal(call(&filter, "read", 0), SECCOMP_RET_TRAP);
}

static void skips_the_default_action(void **state)
{
    (void) state;
    struct oci_syscall same = { .names = NAMES("read"), .action = OCI_SCMP_ACT_ERRNO };
    struct oci_syscall other = { .names = NAMES("write"),
                                 .action = OCI_SCMP_ACT_ERRNO,
                                 .errno_ret = { 2, true } };
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ERRNO,
                                   .default_errno_ret = { 1, true },
                                   .syscalls = RULES(&same, &other) };
    struct seccomp_plan filter = plan(&seccomp);
    assert_warned(0, "");
    assert_int_equal(call(&filter, "read", 0), SECCOMP_RET_ERRNO | 1);
    assert_int_equal(call(&filter, "write", 0), SECCOMP_RET_ERRNO | 2);
}

static void takes_any_of_several_conditions_on_one_argument(void **state) /* [S14] */
{
    (void) state;
    struct oci_syscall_arg low = { .value = 3, .op = OCI_SCMP_OP_LE };
    struct oci_syscall_arg high = { .value = 9, .op = OCI_SCMP_OP_GE };
    struct oci_syscall_arg second = { .index = 1, .value = 1, .op = OCI_SCMP_OP_EQ };
    struct oci_syscall rule = {
        NAMES("read"), OCI_SCMP_ACT_TRAP, { 0 }, ARGS(&low, &high, &second)
    };
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ALLOW, .syscalls = RULES(&rule) };
    struct seccomp_plan filter = plan(&seccomp);
    assert_warned(1, "linux.seccomp.syscalls[0].args: with several conditions on one argument");
    assert_int_equal(call(&filter, "read", 3), SECCOMP_RET_TRAP);
    assert_int_equal(call(&filter, "read", 4), SECCOMP_RET_ALLOW);
    assert_int_equal(call(&filter, "read", 9), SECCOMP_RET_TRAP);
}

/* What the entries say of ioctl(0, SECOND, THIRD). */
static uint32_t decide(struct oci_syscall *entries, uint32_t count, uint64_t second, uint64_t third)
{
    const char *names[] = { "ioctl" };
    struct oci_syscall *pointers[4];
    for (uint32_t i = 0; i < count; i++) {
        entries[i].names = (struct oci_string_array){ names, 1 };
        pointers[i] = &entries[i];
    }
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_KILL,
                                   .syscalls = { pointers, count } };
    struct seccomp_plan filter = plan(&seccomp);
    const struct seccomp_data data = {
        .nr = SYS_ioctl,
        .arch = seccomp_arch_native(),
        .args = { 0, second, third },
    };
    return judge(&filter, &data);
}

/* In both orders. */
static void expect_decision(const struct oci_syscall *a, const struct oci_syscall *b,
                            uint64_t second, uint32_t expected)
{
    struct oci_syscall forth[] = { *a, *b }, back[] = { *b, *a };
    assert_int_equal(decide(forth, 2, second, 7), expected);
    assert_int_equal(decide(back, 2, second, 7), expected);
}

static void hears_the_narrowest_entry(void **state) /* [S10] [S14] */
{
    (void) state;
    struct oci_syscall_arg five = { 1, 5, { 0 }, OCI_SCMP_OP_EQ };
    struct oci_syscall_arg seven = { 2, 7, { 0 }, OCI_SCMP_OP_EQ };
    struct oci_syscall_arg nibble = { 1, 0xf, { 5, true }, OCI_SCMP_OP_MASKED_EQ };
    struct oci_syscall_arg octet = { 1, 0xff, { 5, true }, OCI_SCMP_OP_MASKED_EQ };
    struct oci_syscall_arg from_3 = { 1, 3, { 0 }, OCI_SCMP_OP_GE };
    struct oci_syscall_arg above_3 = { 1, 3, { 0 }, OCI_SCMP_OP_GT };
    struct oci_syscall_arg from_4 = { 1, 4, { 0 }, OCI_SCMP_OP_GE };
    struct oci_syscall_arg below_9 = { 1, 9, { 0 }, OCI_SCMP_OP_LT };
    struct oci_syscall_arg to_9 = { 1, 9, { 0 }, OCI_SCMP_OP_LE };
    struct oci_syscall_arg to_8 = { 1, 8, { 0 }, OCI_SCMP_OP_LE };
    struct oci_syscall_arg not_9 = { 1, 9, { 0 }, OCI_SCMP_OP_NE };
    /* Of each two the first one is narrower, and 5 meets both. */
    struct oci_syscall_arg *const pairs[][2] = {
        { &five, &nibble },  { &five, &from_3 },   { &five, &not_9 },     { &octet, &nibble },
        { &nibble, &to_9 },  { &from_4, &from_3 }, { &above_3, &from_3 }, { &to_8, &to_9 },
        { &below_9, &to_9 }, { &to_9, &from_3 },   { &from_3, &not_9 },   { &seven, &five },
    };
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        struct oci_syscall_arg *narrow[] = { pairs[i][0] }, *wide[] = { pairs[i][1] };
        struct oci_syscall log = { .action = OCI_SCMP_ACT_LOG, .args = { narrow, 1 } };
        struct oci_syscall trap = { .action = OCI_SCMP_ACT_TRAP, .args = { wide, 1 } };
        expect_decision(&log, &trap, 5, SECCOMP_RET_LOG);
    }
    struct oci_syscall both = { .action = OCI_SCMP_ACT_LOG, .args = ARGS(&not_9, &seven) };
    struct oci_syscall one = { .action = OCI_SCMP_ACT_TRAP, .args = ARGS(&seven) };
    expect_decision(&both, &one, 5, SECCOMP_RET_TRAP); /* it begins with a later argument */
    expect_decision(&both, &one, 9, SECCOMP_RET_TRAP);
    struct oci_syscall more = { .action = OCI_SCMP_ACT_LOG, .args = ARGS(&five, &seven) };
    struct oci_syscall less = { .action = OCI_SCMP_ACT_TRAP, .args = ARGS(&five) };
    expect_decision(&more, &less, 5, SECCOMP_RET_LOG);
}

static void hears_an_entry_without_conditions_first(void **state) /* [S10] */
{
    (void) state;
    struct oci_syscall_arg five = { 1, 5, { 0 }, OCI_SCMP_OP_EQ };
    struct oci_syscall narrow = { .action = OCI_SCMP_ACT_LOG, .args = ARGS(&five) };
    struct oci_syscall trap = { .action = OCI_SCMP_ACT_TRAP };
    struct oci_syscall allow = { .action = OCI_SCMP_ACT_ALLOW };
    expect_decision(&narrow, &trap, 5, SECCOMP_RET_TRAP);
    struct oci_syscall all[] = { narrow, allow, trap };
    assert_int_equal(decide(all, 3, 5, 0), SECCOMP_RET_ALLOW);
}

static void refuses_a_program_that_is_too_long(void **state)
{
    (void) state;
    enum { RULES_MOST = 1500 };
    static struct oci_syscall_arg args[RULES_MOST], *pointers[RULES_MOST];
    static struct oci_syscall rules[RULES_MOST], *all[RULES_MOST];
    const char *names[] = { "read" };
    for (uint32_t i = 0; i < RULES_MOST; i++) {
        args[i] = (struct oci_syscall_arg){ .value = (uint64_t) i << 32 | i, .op = OCI_SCMP_OP_EQ };
        pointers[i] = &args[i];
        rules[i] =
            (struct oci_syscall){ { names, 1 }, OCI_SCMP_ACT_TRAP, { 0 }, { &pointers[i], 1 } };
        all[i] = &rules[i];
    }
    struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_ALLOW,
                                   .syscalls = { all, RULES_MOST } };
    expect_refusal(&seccomp, ERROR_CONFIG, "linux.seccomp.syscalls", "at most 4096");
}

static void describes_itself(void **state) /* [F10] [F11] */
{
    (void) state;
    struct arena *arena = fresh_arena();
    struct oci_f_seccomp features;
    assert_ok(seccomp_describe(arena, &features));
    assert_true(features.enabled.value && features.enabled.present);
    assert_int_equal(features.actions.n, 9);
    assert_int_equal(features.operators.n, 7);
    assert_int_equal(features.known_flags.n, 4);
    assert_true(features.supported_flags.n >= 3 && features.archs.n >= 19);
    for (uint32_t i = 0; i < features.archs.n; i++) {
        uint8_t architecture;
        assert_true(oci_enum_value(&oci_scmp_arch_names, features.archs.v[i], &architecture));
        struct oci_seccomp seccomp = { .default_action = OCI_SCMP_ACT_LOG,
                                       .architectures = ENUMS(architecture) };
        struct seccomp_plan made;
        assert_ok(seccomp_plan(&seccomp, false, arena, &made));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_seccomp_is_no_filter),
        cmocka_unit_test(knows_every_action),
        cmocka_unit_test(has_exactly_the_actions_of_the_profile),
        cmocka_unit_test(gives_the_errno_that_was_asked_for),
        cmocka_unit_test(refuses_wrong_rules),
        cmocka_unit_test(refuses_a_contradiction),
        cmocka_unit_test(refuses_wrong_listeners),
        cmocka_unit_test(gives_the_flags_to_the_kernel),
        cmocka_unit_test(leaves_out_what_is_unknown),
        cmocka_unit_test(skips_the_default_action),
        cmocka_unit_test(takes_any_of_several_conditions_on_one_argument),
        cmocka_unit_test(hears_the_narrowest_entry),
        cmocka_unit_test(hears_an_entry_without_conditions_first),
        cmocka_unit_test(refuses_a_program_that_is_too_long),
        cmocka_unit_test(describes_itself),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("security/seccomp", tests, NULL, NULL);
}
