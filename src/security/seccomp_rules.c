/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp: the rules of the config as calls of libseccomp, and the program that it makes of
 * them.  libseccomp answers -EACCES to a rule that has the default action, and -EINVAL to a rule
 * that looks twice at one argument; both are legal in a config. */

#include "security/seccomp_rules.h"

#include <errno.h>
#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/seccomp.h"
#include "os/fd.h"
#include "os/memory.h"
#include "security/seccomp.h"

enum { ARGUMENTS = 6, DEFAULT_ERRNO = EPERM, MOST_ERRNO = 4094, MOST_DATA = 65535 };

/* Those that take a value have a highest one: the kernel cuts an errno at 4095, which libseccomp
 * takes for too much itself, and a tracer gets 16 bits. */
static const struct action {
    uint32_t code;
    uint32_t most;
} actions[] = {
    [OCI_SCMP_ACT_KILL] = { SCMP_ACT_KILL_THREAD, 0 },
    [OCI_SCMP_ACT_KILL_PROCESS] = { SCMP_ACT_KILL_PROCESS, 0 },
    [OCI_SCMP_ACT_KILL_THREAD] = { SCMP_ACT_KILL_THREAD, 0 },
    [OCI_SCMP_ACT_TRAP] = { SCMP_ACT_TRAP, 0 },
    [OCI_SCMP_ACT_ERRNO] = { SCMP_ACT_ERRNO(0U), MOST_ERRNO },
    [OCI_SCMP_ACT_TRACE] = { SCMP_ACT_TRACE(0U), MOST_DATA },
    [OCI_SCMP_ACT_ALLOW] = { SCMP_ACT_ALLOW, 0 },
    [OCI_SCMP_ACT_LOG] = { SCMP_ACT_LOG, 0 },
    [OCI_SCMP_ACT_NOTIFY] = { SCMP_ACT_NOTIFY, 0 },
};

static const enum scmp_compare operators[] = {
    [OCI_SCMP_OP_NE] = SCMP_CMP_NE,
    [OCI_SCMP_OP_LT] = SCMP_CMP_LT,
    [OCI_SCMP_OP_LE] = SCMP_CMP_LE,
    [OCI_SCMP_OP_EQ] = SCMP_CMP_EQ,
    [OCI_SCMP_OP_GE] = SCMP_CMP_GE,
    [OCI_SCMP_OP_GT] = SCMP_CMP_GT,
    [OCI_SCMP_OP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

static const char *const architectures[] = {
    [OCI_SCMP_ARCH_X86] = "x86",
    [OCI_SCMP_ARCH_X86_64] = "x86_64",
    [OCI_SCMP_ARCH_X32] = "x32",
    [OCI_SCMP_ARCH_ARM] = "arm",
    [OCI_SCMP_ARCH_AARCH64] = "aarch64",
    [OCI_SCMP_ARCH_LOONGARCH64] = "loongarch64",
    [OCI_SCMP_ARCH_M68K] = "m68k",
    [OCI_SCMP_ARCH_MIPS] = "mips",
    [OCI_SCMP_ARCH_MIPS64] = "mips64",
    [OCI_SCMP_ARCH_MIPS64N32] = "mips64n32",
    [OCI_SCMP_ARCH_MIPSEL] = "mipsel",
    [OCI_SCMP_ARCH_MIPSEL64] = "mipsel64",
    [OCI_SCMP_ARCH_MIPSEL64N32] = "mipsel64n32",
    [OCI_SCMP_ARCH_PPC] = "ppc",
    [OCI_SCMP_ARCH_PPC64] = "ppc64",
    [OCI_SCMP_ARCH_PPC64LE] = "ppc64le",
    [OCI_SCMP_ARCH_S390] = "s390",
    [OCI_SCMP_ARCH_S390X] = "s390x",
    [OCI_SCMP_ARCH_SH] = "sh",
    [OCI_SCMP_ARCH_SHEB] = "sheb",
    [OCI_SCMP_ARCH_PARISC] = "parisc",
    [OCI_SCMP_ARCH_PARISC64] = "parisc64",
    [OCI_SCMP_ARCH_RISCV64] = "riscv64",
};

uint32_t seccomp_find_architecture(uint8_t architecture)
{
    return seccomp_arch_resolve_name(architectures[architecture]);
}

/* A rule on its way into the filter. */
struct rule {
    scmp_filter_ctx filter;
    uint32_t index; /* in syscalls */
    uint32_t action;
    struct scmp_arg_cmp conditions[ARGUMENTS];
    uint32_t count;
    bool is_split; /* each condition is a rule of its own */
};

static fallible read_action(uint8_t action, const struct oci_opt_u32 *value, const char *field,
                            uint32_t *code)
{
    const struct action *known = &actions[action];

    *code = known->code;
    if (!known->most && value->present)
        return error_config(field, "%s takes no errno; SCMP_ACT_ERRNO and SCMP_ACT_TRACE do",
                            oci_enum_name(&oci_scmp_act_names, action));
    if (known->most && value->present && value->value > known->most)
        return error_config(field, "%u is above %u, the highest that %s can give", value->value,
                            known->most, oci_enum_name(&oci_scmp_act_names, action));
    if (known->most)
        *code |= value->present ? value->value : DEFAULT_ERRNO;
    return OK;
}

static fallible refuse(int result, const char *field, const char *what)
{
    errno = -result;
    return error_field(error_system("give %s to libseccomp", what), "%s", field);
}

static fallible add_architectures(scmp_filter_ctx filter, const struct oci_enum_array *list)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const char *name = oci_enum_name(&oci_scmp_arch_names, list->v[i]);
        uint32_t token = seccomp_find_architecture(list->v[i]);
        char field[ERROR_FIELD_SIZE];

        text_format(field, sizeof(field), "linux.seccomp.architectures[%u]", i);
        if (!token)
            return error_hint(
                error_unsupported(field, "this libseccomp does not know %s", name),
                "leave it out if this machine cannot run programs of that architecture");
        int result = seccomp_arch_add(filter, token);
        if (result == -EDOM)
            log_warning("%s: %s has another byte order than this machine; left out", field, name);
        else if (result && result != -EEXIST)
            return refuse(result, field, name);
    }
    return OK;
}

static fallible read_conditions(const struct oci_syscall_arg_array *args, struct rule *rule)
{
    uint32_t seen = 0;

    for (uint32_t i = 0; i < args->n; i++) {
        const struct oci_syscall_arg *arg = args->v[i];
        char field[ERROR_FIELD_SIZE];

        text_format(field, sizeof(field), "linux.seccomp.syscalls[%u].args[%u].index", rule->index,
                    i);
        if (arg->index >= ARGUMENTS)
            return error_config(field, "%u is above %d, the last argument of a system call",
                                arg->index, ARGUMENTS - 1);
        rule->is_split |= seen >> arg->index & 1;
        seen |= 1U << arg->index;
    }
    if (rule->is_split)
        log_warning("linux.seccomp.syscalls[%u].args: with several conditions on one argument, "
                    "each of them is enough",
                    rule->index);
    return OK;
}

static struct scmp_arg_cmp make_condition(const struct oci_syscall_arg *arg)
{
    return (struct scmp_arg_cmp){ arg->index, operators[arg->op], arg->value,
                                  arg->value_two.value };
}

/* The same conditions with another action. */
static fallible explain(const struct rule *rule, const char *name, int result)
{
    char field[ERROR_FIELD_SIZE];

    text_format(field, sizeof(field), "linux.seccomp.syscalls[%u]", rule->index);
    if (result == -EEXIST)
        return error_config(field, "an earlier entry gives %s another action on the same condition",
                            name);
    return refuse(result, field, name);
}

static fallible add_call(const struct rule *rule, const char *name, int number,
                         const struct oci_syscall_arg_array *args)
{
    struct scmp_arg_cmp conditions[ARGUMENTS];
    int result = 0;

    for (uint32_t i = 0; i < args->n && !result; i++) {
        conditions[rule->is_split ? 0 : i] = make_condition(args->v[i]);
        if (rule->is_split)
            result = seccomp_rule_add_array(rule->filter, rule->action, number, 1, conditions);
    }
    if (!rule->is_split)
        result = seccomp_rule_add_array(rule->filter, rule->action, number, args->n, conditions);
    return result ? explain(rule, name, result) : OK;
}

/* For all rules. */
struct standard {
    uint32_t action; /* of calls that no rule names */
    bool is_strict;  /* a call that is unknown is an error */
};

static fallible miss_call(const struct oci_syscall *syscall, const struct rule *rule, uint32_t i,
                          bool is_strict)
{
    char field[ERROR_FIELD_SIZE];

    text_format(field, sizeof(field), "linux.seccomp.syscalls[%u].names[%u]", rule->index, i);
    if (is_strict)
        return error_hint(error_config(field, "\"%s\" is unknown", syscall->names.v[i]),
                          "unknown names are left out without the annotation "
                          "run.oci.seccomp_fail_unknown_syscall");
    log_warning("%s: \"%s\" is unknown and left out", field, syscall->names.v[i]);
    return OK;
}

static fallible add_rule(scmp_filter_ctx filter, const struct oci_syscall *syscall, uint32_t index,
                         const struct standard *standard)
{
    struct rule rule = { .filter = filter, .index = index };
    char field[ERROR_FIELD_SIZE];

    text_format(field, sizeof(field), "linux.seccomp.syscalls[%u].names", index);
    if (!syscall->names.n)
        return error_config(field, "there is no name");
    text_format(field, sizeof(field), "linux.seccomp.syscalls[%u].errnoRet", index);
    try(read_action(syscall->action, &syscall->errno_ret, field, &rule.action));
    try(read_conditions(&syscall->args, &rule));
    if (rule.action == standard->action) {
        log_debug("linux.seccomp.syscalls[%u]: has the default action; left out", index);
        return OK;
    }
    for (uint32_t i = 0; i < syscall->names.n; i++) {
        int number = seccomp_syscall_resolve_name(syscall->names.v[i]);
        if (number == __NR_SCMP_ERROR)
            try(miss_call(syscall, &rule, i, standard->is_strict));
        else
            try(add_call(&rule, syscall->names.v[i], number, &syscall->args));
    }
    return OK;
}

static fallible export(scmp_filter_ctx filter, struct arena *arena, struct seccomp_plan *plan)
{
    auto_close int file = -1;
    const char *bytes;
    size_t size;

    try(memory_open_file("tare-filter", &file));
    int result = seccomp_export_bpf(filter, file);
    if (result)
        return refuse(result, "linux.seccomp", "all rules");
    off_t end = lseek(file, 0, SEEK_END);
    size_t count = (size_t) end / sizeof(struct sock_filter);
    if (end < 0 || lseek(file, 0, SEEK_SET))
        return error_system("read the program");
    if (count > BPF_MAXINSNS)
        return error_hint(error_config("linux.seccomp.syscalls",
                                       "the program of the rules has %zu instructions, the kernel "
                                       "takes at most %d",
                                       count, BPF_MAXINSNS),
                          "fewer architectures, or fewer conditions on arguments, make it shorter");
    const struct fd_file whole = { file, end };
    try(fd_read_file(&whole, (size_t) end, arena, &bytes, &size));
    plan->program = (const struct sock_filter *) (const void *) bytes;
    plan->length = (uint32_t) count;
    return OK;
}

static void release(scmp_filter_ctx *filter)
{
    seccomp_release(*filter);
}

fallible seccomp_compile(const struct oci_seccomp *seccomp, bool is_strict, struct arena *arena,
                         struct seccomp_plan *plan)
{
    struct standard standard = { .is_strict = is_strict };

    try(read_action(seccomp->default_action, &seccomp->default_errno_ret,
                    "linux.seccomp.defaultErrnoRet", &standard.action));
    __attribute__((cleanup(release))) scmp_filter_ctx filter = seccomp_init(standard.action);
    if (!filter)
        return error_unsupported("linux.seccomp.defaultAction",
                                 "libseccomp refuses %s on this kernel",
                                 oci_enum_name(&oci_scmp_act_names, seccomp->default_action));
    try(add_architectures(filter, &seccomp->architectures));
    for (uint32_t i = 0; i < seccomp->syscalls.n; i++)
        try(add_rule(filter, seccomp->syscalls.v[i], i, &standard));
    /* A search by number instead of a long list; where the library cannot, the list will do. */
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return export(filter, arena, plan);
}
