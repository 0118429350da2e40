/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Two others who say what a profile means: libseccomp, which makes a program of it, and an
 * evaluator, which reads the entries anew for each call, as src/security/seccomp_filter.h has them.
 * Both learn the numbers of calls from libseccomp. */

#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/security/filter.h"

#include "os/fd.h"
#include "os/memory.h"

/* libseccomp 2.5.4 loses 96 bytes for some rules, of which a build that counts speaks. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libseccomp.so";
}

static const struct {
    uint8_t name;
    uint32_t token;
} oracle_architectures[] = {
    { OCI_SCMP_ARCH_X86_64, SCMP_ARCH_X86_64 },
    { OCI_SCMP_ARCH_X86, SCMP_ARCH_X86 },
    { OCI_SCMP_ARCH_X32, SCMP_ARCH_X32 },
    { OCI_SCMP_ARCH_ARM, SCMP_ARCH_ARM },
    { OCI_SCMP_ARCH_AARCH64, SCMP_ARCH_AARCH64 },
    { OCI_SCMP_ARCH_MIPS, SCMP_ARCH_MIPS },
    { OCI_SCMP_ARCH_MIPS64, SCMP_ARCH_MIPS64 },
    { OCI_SCMP_ARCH_MIPS64N32, SCMP_ARCH_MIPS64N32 },
    { OCI_SCMP_ARCH_MIPSEL, SCMP_ARCH_MIPSEL },
    { OCI_SCMP_ARCH_MIPSEL64, SCMP_ARCH_MIPSEL64 },
    { OCI_SCMP_ARCH_MIPSEL64N32, SCMP_ARCH_MIPSEL64N32 },
    { OCI_SCMP_ARCH_PPC, SCMP_ARCH_PPC },
    { OCI_SCMP_ARCH_PPC64, SCMP_ARCH_PPC64 },
    { OCI_SCMP_ARCH_PPC64LE, SCMP_ARCH_PPC64LE },
    { OCI_SCMP_ARCH_S390, SCMP_ARCH_S390 },
    { OCI_SCMP_ARCH_S390X, SCMP_ARCH_S390X },
    { OCI_SCMP_ARCH_PARISC, SCMP_ARCH_PARISC },
    { OCI_SCMP_ARCH_PARISC64, SCMP_ARCH_PARISC64 },
    { OCI_SCMP_ARCH_RISCV64, SCMP_ARCH_RISCV64 },
};

enum { ORACLE_ARCHITECTURES = LENGTH(oracle_architectures), X32_BIT = 0x40000000 };

/* SECCOMP_RET_... of an action. */
static inline uint32_t action_code(uint8_t action, const struct oci_opt_u32 *value)
{
    static const uint32_t codes[] = {
        [OCI_SCMP_ACT_KILL] = SECCOMP_RET_KILL_THREAD,
        [OCI_SCMP_ACT_KILL_PROCESS] = SECCOMP_RET_KILL_PROCESS,
        [OCI_SCMP_ACT_KILL_THREAD] = SECCOMP_RET_KILL_THREAD,
        [OCI_SCMP_ACT_TRAP] = SECCOMP_RET_TRAP,
        [OCI_SCMP_ACT_ERRNO] = SECCOMP_RET_ERRNO,
        [OCI_SCMP_ACT_TRACE] = SECCOMP_RET_TRACE,
        [OCI_SCMP_ACT_ALLOW] = SECCOMP_RET_ALLOW,
        [OCI_SCMP_ACT_LOG] = SECCOMP_RET_LOG,
        [OCI_SCMP_ACT_NOTIFY] = SECCOMP_RET_USER_NOTIF,
    };
    bool has_value = action == OCI_SCMP_ACT_ERRNO || action == OCI_SCMP_ACT_TRACE;
    return codes[action] | (has_value ? value->present ? value->value : 1 : 0);
}

static inline bool has_two_conditions_on_one(const struct oci_syscall_arg_array *args)
{
    for (uint32_t i = 0; i < args->n; i++)
        for (uint32_t j = 0; j < i; j++)
            if (args->v[i]->index == args->v[j]->index)
                return true;
    return false;
}

/* libseccomp ----------------------------------------------------------------------------------- */

static inline int add_to_libseccomp(scmp_filter_ctx filter, const struct oci_syscall *entry,
                                    int number)
{
    static const enum scmp_compare operators[] = {
        [OCI_SCMP_OP_NE] = SCMP_CMP_NE,
        [OCI_SCMP_OP_LT] = SCMP_CMP_LT,
        [OCI_SCMP_OP_LE] = SCMP_CMP_LE,
        [OCI_SCMP_OP_EQ] = SCMP_CMP_EQ,
        [OCI_SCMP_OP_GE] = SCMP_CMP_GE,
        [OCI_SCMP_OP_GT] = SCMP_CMP_GT,
        [OCI_SCMP_OP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
    };
    uint32_t action = action_code(entry->action, &entry->errno_ret);
    struct scmp_arg_cmp all[16];
    int result = 0;

    for (uint32_t i = 0; i < entry->args.n; i++) {
        const struct oci_syscall_arg *arg = entry->args.v[i];
        all[i] = (struct scmp_arg_cmp){ arg->index, operators[arg->op], arg->value,
                                        arg->value_two.value };
    }
    if (!has_two_conditions_on_one(&entry->args))
        return seccomp_rule_add_array(filter, action, number, entry->args.n, all);
    for (uint32_t i = 0; i < entry->args.n && !result; i++)
        result = seccomp_rule_add_array(filter, action, number, 1, &all[i]);
    return result;
}

static inline void read_program(scmp_filter_ctx filter, struct arena *arena,
                                struct seccomp_plan *plan)
{
    const char *bytes;
    size_t size;
    int file;

    assert_ok(memory_open_file("oracle", &file));
    assert_int_equal(seccomp_export_bpf(filter, file), 0);
    off_t end = lseek(file, 0, SEEK_END);
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    const struct fd_file whole = { file, end };
    assert_ok(fd_read_file(&whole, (size_t) end, arena, &bytes, &size));
    close(file);
    *plan = (struct seccomp_plan){ .program = (const void *) bytes,
                                   .length = (uint32_t) (size / sizeof(struct sock_filter)) };
}

/* The program that libseccomp makes.  Not one that searches, which has the numbers of calls that an
 * architecture lacks at the wrong place. */
static inline void ask_libseccomp(const struct oci_seccomp *seccomp, struct arena *arena,
                                  struct seccomp_plan *plan)
{
    uint32_t standard = action_code(seccomp->default_action, &seccomp->default_errno_ret);
    scmp_filter_ctx filter = seccomp_init(standard);
    int result = 0;

    assert_non_null(filter);
    for (uint32_t i = 0; i < seccomp->architectures.n; i++)
        for (size_t j = 0; j < ORACLE_ARCHITECTURES; j++)
            if (oracle_architectures[j].name == seccomp->architectures.v[i])
                seccomp_arch_add(filter, oracle_architectures[j].token);
    for (uint32_t i = 0; i < seccomp->syscalls.n && !result; i++) {
        const struct oci_syscall *entry = seccomp->syscalls.v[i];
        if (action_code(entry->action, &entry->errno_ret) == standard)
            continue;
        for (uint32_t j = 0; j < entry->names.n && !result; j++) {
            int number = seccomp_syscall_resolve_name(entry->names.v[j]);
            if (number != __NR_SCMP_ERROR)
                result = add_to_libseccomp(filter, entry, number);
        }
    }
    assert_int_equal(result, 0);
    read_program(filter, arena, plan);
    seccomp_release(filter);
}

/* The evaluator -------------------------------------------------------------------------------- */

enum { CACHED_NUMBERS = 1024, KEPT_NAMES = 1024 };

static inline bool is_wide(uint32_t token)
{
    return token & __AUDIT_ARCH_64BIT && !(token & 0x20000000);
}

/* A name that libseccomp has allocated, or NULL, as one of those that nobody frees. */
static inline const char *keep_name(char *name)
{
    static char *kept[KEPT_NAMES];
    static size_t n;

    if (!name)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(kept[i], name) != 0)
            continue;
        free(name);
        return kept[i];
    }
    assert_true(n < KEPT_NAMES);
    kept[n] = name;
    return kept[n++];
}

/* The name of a call of an architecture (libseccomp's token), or NULL. */
static inline const char *name_of_call(size_t place, uint32_t number)
{
    static const char *names[ORACLE_ARCHITECTURES][CACHED_NUMBERS];
    static bool is_known[ORACLE_ARCHITECTURES][CACHED_NUMBERS];
    uint32_t token = oracle_architectures[place].token;
    uint32_t slot = token == SCMP_ARCH_X32 ? number - X32_BIT : number;
    bool is_mips = (token & 0xff) == EM_MIPS;

    if ((int) number < 0 || (token == SCMP_ARCH_X32) != (number >= X32_BIT))
        return NULL;
    if (is_mips && number < 4000) /* libseccomp answers to them too */
        return NULL;
    if (slot >= CACHED_NUMBERS)
        return keep_name(seccomp_syscall_resolve_num_arch(token, (int) number));
    if (!is_known[place][slot])
        names[place][slot] = keep_name(seccomp_syscall_resolve_num_arch(token, (int) number));
    is_known[place][slot] = true;
    return names[place][slot];
}

/* A condition of an entry; the first argument of socketcall(2) and ipc(2) has one more. */
struct asked {
    uint8_t op;
    uint32_t index;
    uint64_t value, two;
};

/* A rule that may hold for a call. */
struct candidate {
    struct asked conditions[8];
    uint32_t count, action;
};

static inline bool does_hold(const struct asked *asked, uint64_t value)
{
    switch (asked->op) {
    case OCI_SCMP_OP_NE:
        return value != asked->value;
    case OCI_SCMP_OP_LT:
        return value < asked->value;
    case OCI_SCMP_OP_LE:
        return value <= asked->value;
    case OCI_SCMP_OP_EQ:
        return value == asked->value;
    case OCI_SCMP_OP_GE:
        return value >= asked->value;
    case OCI_SCMP_OP_GT:
        return value > asked->value;
    default:
        return (value & asked->value) == asked->two;
    }
}

static inline bool do_all_hold(const struct candidate *candidate, const struct seccomp_data *data,
                               bool has_64_bits)
{
    for (uint32_t i = 0; i < candidate->count; i++) {
        uint64_t value = data->args[candidate->conditions[i].index];
        if (!does_hold(&candidate->conditions[i], has_64_bits ? value : (uint32_t) value))
            return false;
    }
    return true;
}

/* How narrow comparisons are by their operator. */
static inline int width_of(uint8_t op)
{
    const char widths[] = { [OCI_SCMP_OP_EQ] = 1, [OCI_SCMP_OP_MASKED_EQ] = 2, [OCI_SCMP_OP_LT] = 3,
                            [OCI_SCMP_OP_LE] = 3, [OCI_SCMP_OP_GT] = 4,        [OCI_SCMP_OP_GE] = 4,
                            [OCI_SCMP_OP_NE] = 5 };
    return widths[op];
}

/* -1: A is narrower, 1: B is. */
static inline int compare_asked(const struct asked *a, const struct asked *b)
{
    if (a->index != b->index)
        return a->index > b->index ? -1 : 1;
    if (width_of(a->op) != width_of(b->op))
        return width_of(a->op) < width_of(b->op) ? -1 : 1;
    if (a->value != b->value)
        return (a->value > b->value) == (width_of(a->op) != 3) ? -1 : 1;
    if (a->op != b->op) /* of the two that include the value and do not */
        return a->op == OCI_SCMP_OP_LT || a->op == OCI_SCMP_OP_GT ? -1 : 1;
    return a->two == b->two ? 0 : a->two > b->two ? -1 : 1;
}

static inline int compare_candidates(const struct candidate *a, const struct candidate *b)
{
    for (uint32_t i = 0; i < a->count && i < b->count; i++) {
        int result = compare_asked(&a->conditions[i], &b->conditions[i]);
        if (result)
            return result;
    }
    return a->count == b->count ? 0 : a->count > b->count ? -1 : 1;
}

static inline void ask_for(struct candidate *candidate, const struct asked *asked)
{
    uint32_t i = candidate->count++;

    for (; i > 0 && candidate->conditions[i - 1].index > asked->index; i--)
        candidate->conditions[i] = candidate->conditions[i - 1];
    candidate->conditions[i] = *asked;
}

/* The answer so far. */
struct answer {
    bool is_final; /* by an entry without conditions */
    bool is_found;
    struct candidate best;
};

static inline void hear(struct answer *answer, const struct candidate *candidate)
{
    if (answer->is_final)
        return;
    if (!candidate->count || !answer->is_found || compare_candidates(candidate, &answer->best) < 0)
        answer->best = *candidate;
    answer->is_found = true;
    answer->is_final = !candidate->count;
}

/* Its conditions FROM to TO as one rule, with CODE for the first argument (0: none). */
static inline void hear_rule(struct answer *answer, const struct oci_syscall *entry,
                             const uint32_t range[2], uint32_t code,
                             const struct seccomp_data *data, bool has_64_bits)
{
    struct candidate candidate = { .action = action_code(entry->action, &entry->errno_ret) };

    if (code)
        ask_for(&candidate, &(struct asked){ OCI_SCMP_OP_EQ, 0, code, 0 });
    for (uint32_t i = range[0]; i < range[1]; i++) {
        const struct oci_syscall_arg *arg = entry->args.v[i];
        struct asked asked = { arg->op, arg->index, arg->value, 0 };
        if (!has_64_bits)
            asked.value = (uint32_t) asked.value;
        if (arg->op == OCI_SCMP_OP_MASKED_EQ)
            asked.two = asked.value & arg->value_two.value;
        bool is_nothing = arg->op == OCI_SCMP_OP_MASKED_EQ && !asked.value;
        if (!is_nothing && !(code && !arg->index))
            ask_for(&candidate, &asked);
    }
    if (do_all_hold(&candidate, data, has_64_bits))
        hear(answer, &candidate);
}

static inline void hear_entry(struct answer *answer, const struct oci_syscall *entry, uint32_t code,
                              const struct seccomp_data *data, bool has_64_bits)
{
    uint32_t count = entry->args.n;

    if (!has_two_conditions_on_one(&entry->args)) {
        hear_rule(answer, entry, (uint32_t[]){ 0, count }, code, data, has_64_bits);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        hear_rule(answer, entry, (uint32_t[]){ i, i + 1 }, code, data, has_64_bits);
}

/* What socketcall(2) and ipc(2) have as first argument for the call, which libseccomp tells by a
 * number below zero; 0: it is not by CALL that it is made. */
static inline uint32_t multiplexed_code(const char *name, const char *call, uint32_t token)
{
    int pseudo = -seccomp_syscall_resolve_name_arch(token, name);

    if (strcmp(call, "socketcall") == 0 && pseudo > 100 && pseudo <= 120)
        return (uint32_t) pseudo - 100;
    if (strcmp(call, "ipc") == 0 && pseudo > 200 && pseudo <= 224)
        return (uint32_t) pseudo - 200;
    return 0;
}

/* The evaluator's answer for an architecture's call. */
static inline uint32_t evaluate(const struct oci_seccomp *seccomp, size_t place,
                                const struct seccomp_data *data)
{
    uint32_t token = oracle_architectures[place].token;
    uint32_t standard = action_code(seccomp->default_action, &seccomp->default_errno_ret);
    const char *call = name_of_call(place, (uint32_t) data->nr);
    struct answer answer = { 0 };

    for (uint32_t i = 0; call && i < seccomp->syscalls.n; i++) {
        const struct oci_syscall *entry = seccomp->syscalls.v[i];
        if (action_code(entry->action, &entry->errno_ret) == standard)
            continue;
        for (uint32_t j = 0; j < entry->names.n; j++) {
            const char *name = entry->names.v[j];
            uint32_t code = multiplexed_code(name, call, token);
            if (code || strcmp(name, call) == 0)
                hear_entry(&answer, entry, code, data, is_wide(token));
        }
    }
    return answer.is_found ? answer.best.action : standard;
}
