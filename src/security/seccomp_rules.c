/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp: the rules of the config, as seccomp_filter.h has them.  libseccomp, which could
 * make a program of them too, takes tens of milliseconds for that; it is asked for the names that
 * syscall_table.c does not know. */

#include "security/seccomp_rules.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include "base/allocate.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/seccomp.h"
#include "security/seccomp.h"
#include "security/seccomp_architectures.h"

enum { DEFAULT_ERRNO = EPERM, MOST_ERRNO = 4095, MOST_DATA = 65535 };

/* Those that take a value have a highest one: the kernel cuts an errno at 4095, and a tracer gets
 * 16 bits. */
static const struct action {
    uint32_t code;
    uint32_t most;
} actions[] = {
    [OCI_SCMP_ACT_KILL] = { SECCOMP_RET_KILL_THREAD, 0 },
    [OCI_SCMP_ACT_KILL_PROCESS] = { SECCOMP_RET_KILL_PROCESS, 0 },
    [OCI_SCMP_ACT_KILL_THREAD] = { SECCOMP_RET_KILL_THREAD, 0 },
    [OCI_SCMP_ACT_TRAP] = { SECCOMP_RET_TRAP, 0 },
    [OCI_SCMP_ACT_ERRNO] = { SECCOMP_RET_ERRNO, MOST_ERRNO },
    [OCI_SCMP_ACT_TRACE] = { SECCOMP_RET_TRACE, MOST_DATA },
    [OCI_SCMP_ACT_ALLOW] = { SECCOMP_RET_ALLOW, 0 },
    [OCI_SCMP_ACT_LOG] = { SECCOMP_RET_LOG, 0 },
    [OCI_SCMP_ACT_NOTIFY] = { SECCOMP_RET_USER_NOTIF, 0 },
};

struct reader {
    const struct oci_seccomp *seccomp;
    struct arena *arena;
    bool is_strict; /* a call that is unknown is an error */
    uint32_t default_action;
    struct seccomp_architectures architectures;
    uint32_t order; /* how many rules there are */
};

/* What the kernel has for an action and its value; false: the value is not for it. */
static bool read_action(uint8_t action, const struct oci_opt_u32 *value, uint32_t *code)
{
    const struct action *known = &actions[action];

    *code = known->code;
    if (known->most)
        *code |= value->present ? value->value : DEFAULT_ERRNO;
    return !value->present || (known->most && value->value <= known->most);
}

static fallible refuse_value(uint8_t action, uint32_t value, const char *field)
{
    const char *name = oci_enum_name(&oci_scmp_act_names, action);

    if (!actions[action].most)
        return error_config(field, "%s takes no errno; SCMP_ACT_ERRNO and SCMP_ACT_TRACE do", name);
    return error_config(field, "%u is above %u, the highest that %s can give", value,
                        actions[action].most, name);
}

static fallible refuse_index(uint32_t entry, uint32_t i, uint32_t index)
{
    char field[ERROR_FIELD_SIZE];

    text_format(field, sizeof(field), "linux.seccomp.syscalls[%u].args[%u].index", entry, i);
    return error_config(field, "%u is above %d, the last argument of a system call", index,
                        SECCOMP_ARGUMENTS - 1);
}

static fallible check_arguments(const struct oci_syscall_arg_array *args, uint32_t entry,
                                bool *is_split)
{
    uint32_t seen = 0;

    for (uint32_t i = 0; i < args->n; i++) {
        uint32_t index = args->v[i]->index;

        if (index >= SECCOMP_ARGUMENTS)
            return refuse_index(entry, i, index);
        *is_split |= seen >> index & 1;
        seen |= 1U << index;
    }
    if (*is_split)
        log_warning("linux.seccomp.syscalls[%u].args: with several conditions on one argument, "
                    "each of them is enough",
                    entry);
    return OK;
}

/* Adds a condition to the rule, whose conditions have room for it; a mask of nothing is none. */
static void add_condition(struct seccomp_rule *rule, struct seccomp_condition *conditions,
                          const struct oci_syscall_arg *arg)
{
    bool is_masked = arg->op == OCI_SCMP_OP_MASKED_EQ;
    uint32_t at = rule->count;

    if (is_masked && !arg->value)
        return;
    for (; at > 0 && conditions[at - 1].argument > arg->index; at--)
        conditions[at] = conditions[at - 1];
    conditions[at] = (struct seccomp_condition){
        .value = arg->value,
        .result = is_masked ? arg->value & arg->value_two.value : 0,
        .argument = (uint8_t) arg->index,
        .op = arg->op,
    };
    rule->conditions = conditions;
    rule->count++;
}

/* An entry's rules: one, or one for each condition. */
struct entry {
    const struct oci_syscall *syscall;
    struct seccomp_rule *rules;
    uint32_t index, count;
};

static fallible make_rules(struct reader *reader, struct entry *entry, uint32_t action,
                           bool is_split)
{
    const struct oci_syscall_arg_array *args = &entry->syscall->args;
    struct seccomp_condition *conditions;

    entry->count = is_split ? args->n : 1;
    try_new(entry->rules, reader->arena, entry->count);
    try_new(conditions, reader->arena, args->n);
    for (uint32_t i = 0; i < entry->count; i++)
        entry->rules[i] = (struct seccomp_rule){ .action = action,
                                                 .order = reader->order++,
                                                 .entry = entry->index };
    for (uint32_t i = 0; i < args->n; i++)
        add_condition(&entry->rules[is_split ? i : 0], conditions + (is_split ? i : 0), args->v[i]);
    return OK;
}

/* The name, and what it is by number: of the table, or (ROW is NULL) known to libseccomp only. */
struct call {
    const char *name;
    const struct syscall_row *row;
};

static fallible add_numbers(struct reader *reader, struct seccomp_calls *calls,
                            const struct call *call, const struct seccomp_rule *rule)
{
    int number = call->row ? call->row->numbers[calls->abi]
                           : seccomp_syscall_resolve_name_arch(calls->token, call->name);

    if (call->row && call->row->multiplexed)
        try(seccomp_calls_add_multiplexed(calls, call->row, rule, reader->arena));
    if (number < 0)
        return OK;
    if (!call->row)
        number = (int) seccomp_calls_number(calls, (uint32_t) number);
    if (number >= SYSCALL_NUMBERS)
        return error_unsupported("linux.seccomp.syscalls", "the number of %s is too high",
                                 call->name);
    return seccomp_calls_add(calls, (uint32_t) number, call->name, rule, reader->arena);
}

static fallible miss_call(const struct entry *entry, uint32_t i, bool is_strict)
{
    const char *name = entry->syscall->names.v[i];
    char field[ERROR_FIELD_SIZE];

    text_format(field, sizeof(field), "linux.seccomp.syscalls[%u].names[%u]", entry->index, i);
    if (is_strict)
        return error_hint(error_config(field, "\"%s\" is unknown", name),
                          "unknown names are left out without the annotation "
                          "run.oci.seccomp_fail_unknown_syscall");
    log_warning("%s: \"%s\" is unknown and left out", field, name);
    return OK;
}

static fallible add_call(struct reader *reader, const struct entry *entry, uint32_t i)
{
    const char *name = entry->syscall->names.v[i];
    const struct call call = { name, syscall_find(name) };

    if (!call.row && seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR)
        return miss_call(entry, i, reader->is_strict);
    for (uint32_t j = 0; j < reader->architectures.count; j++)
        for (uint32_t k = 0; k < entry->count; k++)
            try(add_numbers(reader, &reader->architectures.calls[j], &call, &entry->rules[k]));
    return OK;
}

static fallible check_entry(const struct entry *entry, uint32_t *action, bool *is_split)
{
    const struct oci_syscall *syscall = entry->syscall;
    char field[ERROR_FIELD_SIZE];

    if (!syscall->names.n) {
        text_format(field, sizeof(field), "linux.seccomp.syscalls[%u].names", entry->index);
        return error_config(field, "there is no name");
    }
    if (!read_action(syscall->action, &syscall->errno_ret, action)) {
        text_format(field, sizeof(field), "linux.seccomp.syscalls[%u].errnoRet", entry->index);
        return refuse_value(syscall->action, syscall->errno_ret.value, field);
    }
    return check_arguments(&syscall->args, entry->index, is_split);
}

static fallible read_entry(struct reader *reader, uint32_t index)
{
    struct entry entry = { .syscall = reader->seccomp->syscalls.v[index], .index = index };
    uint32_t action = 0;
    bool is_split = false;

    try(check_entry(&entry, &action, &is_split));
    if (action == reader->default_action) {
        log_debug("linux.seccomp.syscalls[%u]: has the default action; left out", index);
        return OK;
    }
    try(make_rules(reader, &entry, action, is_split));
    for (uint32_t i = 0; i < entry.syscall->names.n; i++)
        try(add_call(reader, &entry, i));
    return OK;
}

fallible seccomp_compile(const struct oci_seccomp *seccomp, bool is_strict, struct arena *arena,
                         struct seccomp_plan *plan)
{
    struct reader reader = { .seccomp = seccomp, .arena = arena, .is_strict = is_strict };
    struct seccomp_division *divisions;
    uint32_t count;

    if (!read_action(seccomp->default_action, &seccomp->default_errno_ret, &reader.default_action))
        return refuse_value(seccomp->default_action, seccomp->default_errno_ret.value,
                            "linux.seccomp.defaultErrnoRet");
    try(seccomp_read_architectures(&seccomp->architectures, reader.default_action, arena,
                                   &reader.architectures));
    for (uint32_t i = 0; i < seccomp->syscalls.n; i++)
        try(read_entry(&reader, i));
    try(seccomp_divide(&reader.architectures, arena, &divisions, &count));
    return seccomp_assemble(divisions, count, arena, plan);
}
