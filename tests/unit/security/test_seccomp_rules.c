/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/seccomp_rules: random profiles and random calls; what the program says of each must be
 * what the evaluator says (tests/unit/security/oracle.h), and where libseccomp is known to be
 * right, what libseccomp says.  The numbers are made from a fixed seed, so that a failure comes
 * again; TARE_SECCOMP_PROFILES says how many profiles, TARE_SECCOMP_SEED which ones.
 */
#include "tests/unit/security/oracle.h"

#include <stdlib.h>

#include "security/syscall_table.h"

enum {
    PROFILES = 1000,
    CALLS = 150,
    RULES_MOST = 12,
    NAMES_MOST = 3,
    LONG_RULES_MOST = 80,
    LONG_NAMES_MOST = 12,
    ARGS_MOST = 4,
    ARGUMENTS = 6,
};

/* Some have neighbours, some are multiplexed; the last ones are not everywhere. */
static const char *const names[] = {
    "read",    "write",  "lseek",  "clone", "personality", "socket",     "connect", "shmget",
    "openat2", "semctl", "getuid", "ioctl", "open",        "socketcall", "ipc",     "cacheflush",
};

enum { NAMES_EVERYWHERE = LENGTH(names) - 4 };

static uint64_t seed;

static uint32_t roll(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t) (seed >> 33) % below;
}

/* Few values, so that calls often meet a condition at its edge; in both halves. */
static uint64_t roll_value(void)
{
    static const uint64_t values[] = { 0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
    uint64_t low = values[roll(LENGTH(values))];
    return low | (roll(3) ? 0 : values[roll(LENGTH(values))] << 32);
}

struct profile {
    struct oci_syscall rules[LONG_RULES_MOST], *pointers[LONG_RULES_MOST];
    struct oci_syscall_arg args[LONG_RULES_MOST][ARGS_MOST];
    struct oci_syscall_arg *arg_pointers[LONG_RULES_MOST][ARGS_MOST];
    const char *names[LONG_RULES_MOST][LONG_NAMES_MOST];
    uint8_t architectures[ORACLE_ARCHITECTURES];
    size_t places[ORACLE_ARCHITECTURES + 1]; /* of them, and of our own, in oracle_architectures */
    uint32_t count;
    struct oci_seccomp seccomp;
};

/*
 * What a profile may have.  libseccomp (2.5.4) is not asked about more than is_libseccomp_right()
 * says: it mixes up the branches of several conditions or entries where one is not EQ, and may run
 * for ever over them; it has another order of entries with different actions; and it forgets to
 * load the number of the call if the entry that comes first in its program is for one which the
 * architecture does not have.
 */
struct liberties {
    bool has_actions;   /* entries for one call have different actions */
    bool has_operators; /* others than EQ */
    bool has_entries;   /* several entries for one call */
    bool has_arguments; /* several conditions an entry */
    bool has_gaps;      /* calls that not every architecture has */
    bool is_long;       /* so many entries that jumps do not reach over them */
};

static struct liberties liberties;

static uint8_t roll_operator(void)
{
    if (!liberties.has_operators)
        return OCI_SCMP_OP_EQ;
    return (uint8_t) roll(OCI_SCMP_OP_MASKED_EQ + 1);
}

static void make_args(struct profile *profile, uint32_t i)
{
    uint32_t count = roll(liberties.has_arguments ? ARGS_MOST + 1 : 2);
    uint32_t first = roll(ARGUMENTS - ARGS_MOST + 1);

    for (uint32_t j = 0; j < count; j++) {
        struct oci_syscall_arg *arg = &profile->args[i][j];
        *arg = (struct oci_syscall_arg){ first + j, roll_value(), { roll_value(), true }, 0 };
        arg->op = roll_operator();
        if (roll(3))
            arg->value_two.value &= arg->value; /* or it is never met */
        profile->arg_pointers[i][j] = arg;
    }
    if (count > 1 && liberties.has_entries && !roll(8))
        profile->args[i][1].index = first; /* each condition is a rule of its own then */
    profile->rules[i].args = (struct oci_syscall_arg_array){ profile->arg_pointers[i], count };
}

static bool is_everywhere(const char *name)
{
    bool result = true;
    for (size_t i = 0; i < ORACLE_ARCHITECTURES; i++)
        result &= seccomp_syscall_resolve_name_arch(oracle_architectures[i].token, name) >= 0;
    return result;
}

/* In a long profile any that libseccomp knows everywhere, too. */
static const char *roll_name(void)
{
    const char *name;

    if (!liberties.is_long)
        return names[roll(liberties.has_gaps ? LENGTH(names) : NAMES_EVERYWHERE)];
    do
        name = syscall_names + syscall_rows[roll(syscall_count)].name;
    while (!is_everywhere(name));
    return name;
}

static void make_rule(struct profile *profile, uint32_t i)
{
    struct oci_syscall *rule = &profile->rules[i];
    uint32_t most = liberties.is_long ? LONG_NAMES_MOST : NAMES_MOST;
    uint32_t count = liberties.has_entries ? 1 + roll(most) : 1;

    for (uint32_t j = 0; j < count; j++)
        profile->names[i][j] = liberties.has_entries ? roll_name() : names[i];
    *rule = (struct oci_syscall){
        .names = { profile->names[i], count },
        .action = OCI_SCMP_ACT_ERRNO,
        .errno_ret = { 100 + (liberties.has_actions ? roll(4) : 0), true },
    };
    if (liberties.has_actions && !roll(4)) {
        rule->action = (uint8_t) roll(OCI_SCMP_ACT_NOTIFY);
        rule->errno_ret.present =
            rule->action == OCI_SCMP_ACT_ERRNO || rule->action == OCI_SCMP_ACT_TRACE;
    }
    profile->pointers[i] = rule;
    make_args(profile, i);
}

static bool has_own_byte_order(uint32_t token)
{
    return !(token & __AUDIT_ARCH_LE) == !(seccomp_arch_native() & __AUDIT_ARCH_LE);
}

static void make_architectures(struct profile *profile)
{
    uint32_t wanted = roll(4) ? 8 : 3;

    profile->count = 0;
    profile->seccomp.architectures.n = 0;
    for (size_t i = 0; i < ORACLE_ARCHITECTURES; i++) {
        bool is_listed = i < 3 ? roll(2) : !roll(wanted);
        bool is_native = oracle_architectures[i].token == seccomp_arch_native();
        if (!has_own_byte_order(oracle_architectures[i].token))
            continue;
        if (is_listed)
            profile->architectures[profile->seccomp.architectures.n++] =
                oracle_architectures[i].name;
        if (is_listed || is_native)
            profile->places[profile->count++] = i;
    }
    profile->seccomp.architectures.v = profile->architectures;
}

static void make_profile(struct profile *profile, bool is_long)
{
    liberties = (struct liberties){ roll(2), roll(2), roll(2), roll(2), roll(2), false };
    if (is_long)
        liberties = (struct liberties){ true, true, true, true, true, true };
    profile->seccomp = (struct oci_seccomp){
        .default_action = roll(2) ? OCI_SCMP_ACT_ALLOW : OCI_SCMP_ACT_KILL_PROCESS,
        .syscalls = { profile->pointers, 1 + roll(is_long ? LONG_RULES_MOST : RULES_MOST) },
        .listener_path = "/agent",
    };
    for (uint32_t i = 0; i < profile->seccomp.syscalls.n; i++)
        make_rule(profile, i);
    make_architectures(profile);
}

/* Mostly a number that the profile may name, or one near to it. */
static int roll_number(uint32_t token)
{
    int number = seccomp_syscall_resolve_name_arch(token, roll_name());
    int x32 = token == SCMP_ARCH_X32 ? X32_BIT : 0;

    if (!roll(30))
        return (int[]){ -1, X32_BIT, X32_BIT - 1, INT32_MIN, 0xf0000, 1000 }[roll(6)];
    if (number < 0 || !roll(3))
        return (int) roll(480) | x32;
    return roll(5) ? number : number + (int) roll(3) - 1;
}

static bool is_libseccomp_right(void)
{
    if (liberties.has_gaps)
        return false;
    if (liberties.has_operators)
        return !liberties.has_entries && !liberties.has_arguments;
    return !liberties.has_entries || !liberties.has_actions;
}

/* Numbers tell x32 from x86_64; -1 is neither's. */
static uint32_t expect(const struct profile *profile, const struct seccomp_data *data)
{
    uint32_t number = (uint32_t) data->nr;

    for (uint32_t i = 0; i < profile->count; i++) {
        uint32_t token = oracle_architectures[profile->places[i]].token;
        bool is_x32 = data->arch == AUDIT_ARCH_X86_64 && number >= X32_BIT;
        if (token == (is_x32 ? SCMP_ARCH_X32 : data->arch))
            return evaluate(&profile->seccomp, profile->places[i], data);
    }
    if (data->arch == AUDIT_ARCH_X86_64 && number == UINT32_MAX)
        return action_code(profile->seccomp.default_action, &profile->seccomp.default_errno_ret);
    return SECCOMP_RET_KILL_THREAD;
}

static void fail_of(const struct seccomp_data *data, const char *who, uint32_t said,
                    uint32_t expected)
{
    fail_msg("call %d of architecture %x with %llx %llx %llx %llx %llx %llx: %x, not %x as %s has "
             "it",
             data->nr, data->arch, data->args[0], data->args[1], data->args[2], data->args[3],
             data->args[4], data->args[5], said, expected, who);
}

static void ask(const struct profile *profile, const struct seccomp_plan *filter,
                const struct seccomp_plan *reference)
{
    size_t place = profile->places[roll(profile->count)];
    uint32_t token = oracle_architectures[place].token;
    struct seccomp_data data = {
        .nr = roll_number(token),
        .arch = token == SCMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : token,
    };
    for (int i = 0; i < ARGUMENTS; i++)
        data.args[i] = roll_value();

    uint32_t said = judge(filter, &data), expected = expect(profile, &data);
    if (said != expected)
        fail_of(&data, "the evaluator", said, expected);
    if (reference && said != judge(reference, &data))
        fail_of(&data, "libseccomp", said, judge(reference, &data));
}

static uint64_t setting(const char *name, uint64_t standard)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : standard;
}

static void says_what_the_rules_say(void **state) /* [S4] [S14] [S16] [S17] [S18] */
{
    (void) state;
    static struct profile profile;
    uint64_t count = setting("TARE_SECCOMP_PROFILES", PROFILES);
    uint32_t refused = 0, compared = 0;

    seed = setting("TARE_SECCOMP_SEED", 20240229);
    for (uint64_t i = 0; i < count; i++) {
        struct arena *arena = fresh_arena();
        struct seccomp_plan filter, reference;
        make_profile(&profile, false);
        bool has_reference = is_libseccomp_right();
        if (has_reference)
            ask_libseccomp(&profile.seccomp, arena, &reference);
        struct error *error = seccomp_plan(&profile.seccomp, false, arena, &filter);
        if (error) {
            assert_false(has_reference);
            assert_error(error, ERROR_CONFIG, error->field, "another action on the same condition");
            refused++;
            continue;
        }
        for (int j = 0; j < CALLS; j++)
            ask(&profile, &filter, has_reference ? &reference : NULL);
        compared += has_reference;
    }
    assert_true(compared > count / 5 && refused < count / 5);
}

/* Jumps reach 255 instructions, and the program may have 4096. */
static void says_the_same_where_it_is_long(void **state)
{
    (void) state;
    enum { LONG_PROFILES = 16, LONG_CALLS = 3000, LONG = 1000 };
    static struct profile profile;
    uint32_t compared = 0, longest = 0;

    seed = setting("TARE_SECCOMP_SEED", 20240229);
    for (uint32_t i = 0; i < LONG_PROFILES; i++) {
        struct seccomp_plan filter;
        make_profile(&profile, true);
        struct error *error = seccomp_plan(&profile.seccomp, false, fresh_arena(), &filter);
        if (error) {
            assert_error(error, ERROR_CONFIG, error->field,
                         strstr(error->text, "at most") ? "the kernel takes at most 4096"
                                                        : "another action on the same condition");
            continue;
        }
        for (int j = 0; j < LONG_CALLS; j++)
            ask(&profile, &filter, NULL);
        compared++;
        longest = filter.length > longest ? filter.length : longest;
    }
    assert_true(compared > LONG_PROFILES / 4 && longest > LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_the_rules_say),
        cmocka_unit_test(says_the_same_where_it_is_long),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("security/seccomp_rules", tests, NULL, NULL);
}
