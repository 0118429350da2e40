/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/seccomp_rules: random profiles for three architectures, and random calls; what the
 * program says of each must be what the rules say, read one by one.  The numbers are made from a
 * fixed seed, so that a failure comes again.
 */
#include "tests/unit/security/filter.h"

#include <seccomp.h>

enum { PROFILES = 150, CALLS = 400, RULES_MOST = 10, ARGS_MOST = 3, LARGE = 2 };

static const char *const names[] = {
    "read",   "write", "lseek",  "clone",   "personality",
    "socket", "mmap",  "getuid", "openat2", "ioctl",
};

/* Three by which this machine could call, or is told it could; those of 64 bits are LARGE. */
static const struct {
    uint8_t name;
    uint32_t token;
} architectures[] = {
    { OCI_SCMP_ARCH_X86_64, SCMP_ARCH_X86_64 },
    { OCI_SCMP_ARCH_AARCH64, SCMP_ARCH_AARCH64 },
    { OCI_SCMP_ARCH_ARM, SCMP_ARCH_ARM },
};

static uint64_t seed = 20240229;

static uint32_t roll(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t) (seed >> 33) % below;
}

/* What calls of 32 bits mean for larger values is libseccomp's business: they are not asked of a
 * profile that has some. */
static bool has_large_values;

/* Few values, so that calls often meet a condition at its edge; in both halves. */
static uint64_t roll_value(void)
{
    static const uint64_t values[] = { 0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
    return values[roll(LENGTH(values))] |
           (has_large_values && roll(2) ? values[roll(LENGTH(values))] << 32 : 0);
}

struct profile {
    struct oci_syscall rules[RULES_MOST], *pointers[RULES_MOST];
    struct oci_syscall_arg args[RULES_MOST][ARGS_MOST], *arg_pointers[RULES_MOST][ARGS_MOST];
    const char *names[RULES_MOST];
    struct oci_seccomp seccomp;
};

/* Each name stands in one rule, or only equality is asked for: libseccomp (2.5.4) mixes up the
 * branches of several rules for one call that compare more than one argument in other ways.  Every
 * name has one action, so that it does not matter which of its rules holds. */
static bool has_many_rules;

static uint8_t roll_operator(void)
{
    if (has_many_rules)
        return roll(2) ? OCI_SCMP_OP_EQ : OCI_SCMP_OP_MASKED_EQ;
    return (uint8_t) roll(OCI_SCMP_OP_MASKED_EQ + 1);
}

static void make_rule(struct profile *profile, uint32_t i)
{
    uint32_t name = has_many_rules ? roll(LENGTH(names)) : i, first = roll(4),
             count = roll(ARGS_MOST + 1);
    struct oci_syscall *rule = &profile->rules[i];

    profile->names[i] = names[name];
    for (uint32_t j = 0; j < count; j++) {
        uint8_t op = roll_operator();
        uint64_t value = roll_value();
        profile->args[i][j] =
            (struct oci_syscall_arg){ first + j, value, { roll_value() & value, true }, op };
        profile->arg_pointers[i][j] = &profile->args[i][j];
    }
    *rule = (struct oci_syscall){ { &profile->names[i], 1 },
                                  OCI_SCMP_ACT_ERRNO,
                                  { 100 + name, true },
                                  { profile->arg_pointers[i], count } };
    profile->pointers[i] = rule;
}

static void make_profile(struct profile *profile)
{
    static uint8_t all[LENGTH(architectures)];

    has_large_values = roll(2);
    has_many_rules = roll(2);
    for (size_t i = 0; i < LENGTH(architectures); i++)
        all[i] = architectures[i].name;
    profile->seccomp = (struct oci_seccomp){
        .default_action = roll(2) ? OCI_SCMP_ACT_ALLOW : OCI_SCMP_ACT_KILL_PROCESS,
        .architectures = { all, LENGTH(all) },
        .syscalls = { profile->pointers, 1 + roll(RULES_MOST) },
    };
    for (uint32_t i = 0; i < profile->seccomp.syscalls.n; i++)
        make_rule(profile, i);
}

static bool holds(const struct oci_syscall_arg *arg, const struct seccomp_data *data)
{
    uint64_t value = data->args[arg->index], wanted = arg->value;

    switch (arg->op) {
    case OCI_SCMP_OP_NE:
        return value != wanted;
    case OCI_SCMP_OP_LT:
        return value < wanted;
    case OCI_SCMP_OP_LE:
        return value <= wanted;
    case OCI_SCMP_OP_EQ:
        return value == wanted;
    case OCI_SCMP_OP_GE:
        return value >= wanted;
    case OCI_SCMP_OP_GT:
        return value > wanted;
    default:
        return (value & wanted) == arg->value_two.value;
    }
}

/* The number of NAME there; a name that is not there has none that a call could have. */
static bool is_call(const char *name, uint32_t token, int number)
{
    int own = seccomp_syscall_resolve_name_arch(token, name);
    return own >= 0 && own == number;
}

static uint32_t expect(const struct profile *profile, const struct seccomp_data *data, size_t place)
{
    for (uint32_t i = 0; i < profile->seccomp.syscalls.n; i++) {
        const struct oci_syscall *rule = &profile->rules[i];
        bool is_met = is_call(rule->names.v[0], architectures[place].token, data->nr);
        for (uint32_t j = 0; j < rule->args.n; j++)
            is_met &= holds(rule->args.v[j], data);
        if (is_met)
            return SECCOMP_RET_ERRNO | rule->errno_ret.value;
    }
    return profile->seccomp.default_action == OCI_SCMP_ACT_ALLOW ? SECCOMP_RET_ALLOW
                                                                 : SECCOMP_RET_KILL_PROCESS;
}

static void ask(const struct profile *profile, const struct seccomp_plan *filter)
{
    size_t place = roll(has_large_values ? LARGE : LENGTH(architectures));
    int number =
        seccomp_syscall_resolve_name_arch(architectures[place].token, names[roll(LENGTH(names))]);
    struct seccomp_data data = { .nr = number < 0 ? 600 : number,
                                 .arch = architectures[place].token };
    for (int i = 0; i < 6; i++)
        data.args[i] = roll_value();

    uint32_t said = judge(filter, &data), expected = expect(profile, &data, place);
    if (said != expected)
        fail_msg("call %d of architecture %x with %llx %llx %llx %llx %llx %llx: %x, not %x",
                 data.nr, data.arch, data.args[0], data.args[1], data.args[2], data.args[3],
                 data.args[4], data.args[5], said, expected);
}

static void says_what_the_rules_say(void **state) /* [S4] [S14] [S16] [S17] [S18] */
{
    (void) state;
    static struct profile profile;
    uint32_t longest = 0;

    for (int i = 0; i < PROFILES; i++) {
        struct seccomp_plan filter;
        make_profile(&profile);
        assert_ok(seccomp_plan(&profile.seccomp, false, fresh_arena(), &filter));
        for (int j = 0; j < CALLS; j++)
            ask(&profile, &filter);
        longest = filter.length > longest ? filter.length : longest;
    }
    assert_true(longest > 100);
    assert_int_equal(LENGTH(names), RULES_MOST);
}

static void kills_what_no_architecture_is_for(void **state) /* [S4] (T67) */
{
    (void) state;
    static const uint32_t strange[] = { 0, AUDIT_ARCH_S390X, AUDIT_ARCH_I386, UINT32_MAX };
    static struct profile profile;
    struct seccomp_plan filter;

    make_profile(&profile);
    assert_ok(seccomp_plan(&profile.seccomp, false, fresh_arena(), &filter));
    for (size_t i = 0; i < LENGTH(strange); i++)
        assert_int_equal(judge(&filter, &(struct seccomp_data){ .arch = strange[i] }),
                         SECCOMP_RET_KILL_THREAD);
    /* x32, which is no number of x86_64. */
    const struct seccomp_data x32 = { .nr = 0x40000000, .arch = AUDIT_ARCH_X86_64 };
    assert_int_equal(judge(&filter, &x32), SECCOMP_RET_KILL_THREAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_the_rules_say),
        cmocka_unit_test(kills_what_no_architecture_is_for),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("security/seccomp_rules", tests, NULL, NULL);
}
