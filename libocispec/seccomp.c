/* SPDX-License-Identifier: Apache-2.0 */
/* `linux.seccomp` of config.json.  The constants are the specification's, not those of libseccomp.
 */
#include "libocispec/seccomp.h"

static const char *const scmp_arch_names[] = {
    [OCI_SCMP_ARCH_X86] = "SCMP_ARCH_X86",
    [OCI_SCMP_ARCH_X86_64] = "SCMP_ARCH_X86_64",
    [OCI_SCMP_ARCH_X32] = "SCMP_ARCH_X32",
    [OCI_SCMP_ARCH_ARM] = "SCMP_ARCH_ARM",
    [OCI_SCMP_ARCH_AARCH64] = "SCMP_ARCH_AARCH64",
    [OCI_SCMP_ARCH_LOONGARCH64] = "SCMP_ARCH_LOONGARCH64",
    [OCI_SCMP_ARCH_M68K] = "SCMP_ARCH_M68K",
    [OCI_SCMP_ARCH_MIPS] = "SCMP_ARCH_MIPS",
    [OCI_SCMP_ARCH_MIPS64] = "SCMP_ARCH_MIPS64",
    [OCI_SCMP_ARCH_MIPS64N32] = "SCMP_ARCH_MIPS64N32",
    [OCI_SCMP_ARCH_MIPSEL] = "SCMP_ARCH_MIPSEL",
    [OCI_SCMP_ARCH_MIPSEL64] = "SCMP_ARCH_MIPSEL64",
    [OCI_SCMP_ARCH_MIPSEL64N32] = "SCMP_ARCH_MIPSEL64N32",
    [OCI_SCMP_ARCH_PPC] = "SCMP_ARCH_PPC",
    [OCI_SCMP_ARCH_PPC64] = "SCMP_ARCH_PPC64",
    [OCI_SCMP_ARCH_PPC64LE] = "SCMP_ARCH_PPC64LE",
    [OCI_SCMP_ARCH_S390] = "SCMP_ARCH_S390",
    [OCI_SCMP_ARCH_S390X] = "SCMP_ARCH_S390X",
    [OCI_SCMP_ARCH_SH] = "SCMP_ARCH_SH",
    [OCI_SCMP_ARCH_SHEB] = "SCMP_ARCH_SHEB",
    [OCI_SCMP_ARCH_PARISC] = "SCMP_ARCH_PARISC",
    [OCI_SCMP_ARCH_PARISC64] = "SCMP_ARCH_PARISC64",
    [OCI_SCMP_ARCH_RISCV64] = "SCMP_ARCH_RISCV64",
};
const struct oci_enum oci_scmp_arch_names = OCI_ENUM(scmp_arch_names);

static const char *const scmp_act_names[] = {
    [OCI_SCMP_ACT_KILL] = "SCMP_ACT_KILL",
    [OCI_SCMP_ACT_KILL_PROCESS] = "SCMP_ACT_KILL_PROCESS",
    [OCI_SCMP_ACT_KILL_THREAD] = "SCMP_ACT_KILL_THREAD",
    [OCI_SCMP_ACT_TRAP] = "SCMP_ACT_TRAP",
    [OCI_SCMP_ACT_ERRNO] = "SCMP_ACT_ERRNO",
    [OCI_SCMP_ACT_TRACE] = "SCMP_ACT_TRACE",
    [OCI_SCMP_ACT_ALLOW] = "SCMP_ACT_ALLOW",
    [OCI_SCMP_ACT_LOG] = "SCMP_ACT_LOG",
    [OCI_SCMP_ACT_NOTIFY] = "SCMP_ACT_NOTIFY",
};
const struct oci_enum oci_scmp_act_names = OCI_ENUM(scmp_act_names);

static const char *const scmp_flag_names[] = {
    [OCI_SCMP_FLAG_TSYNC] = "SECCOMP_FILTER_FLAG_TSYNC",
    [OCI_SCMP_FLAG_LOG] = "SECCOMP_FILTER_FLAG_LOG",
    [OCI_SCMP_FLAG_SPEC_ALLOW] = "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    [OCI_SCMP_FLAG_WAIT_KILLABLE_RECV] = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
};
const struct oci_enum oci_scmp_flag_names = OCI_ENUM(scmp_flag_names);

static const char *const scmp_op_names[] = {
    [OCI_SCMP_OP_NE] = "SCMP_CMP_NE",
    [OCI_SCMP_OP_LT] = "SCMP_CMP_LT",
    [OCI_SCMP_OP_LE] = "SCMP_CMP_LE",
    [OCI_SCMP_OP_EQ] = "SCMP_CMP_EQ",
    [OCI_SCMP_OP_GE] = "SCMP_CMP_GE",
    [OCI_SCMP_OP_GT] = "SCMP_CMP_GT",
    [OCI_SCMP_OP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
};
const struct oci_enum oci_scmp_op_names = OCI_ENUM(scmp_op_names);

static const struct oci_field syscall_arg_fields[] = {
    OCI_FIELD(oci_syscall_arg, index, "index", U32, REQ),
    OCI_FIELD(oci_syscall_arg, value, "value", U64, REQ),
    OCI_FIELD(oci_syscall_arg, value_two, "valueTwo", U64, OPT),
    OCI_FIELD_OF(oci_syscall_arg, op, "op", ENUM, oci_scmp_op, REQ),
};
static const struct oci_schema oci_syscall_arg_schema =
    OCI_SCHEMA(oci_syscall_arg, syscall_arg_fields);

static const struct oci_field syscall_fields[] = {
    OCI_FIELD(oci_syscall, names, "names", STRS, REQ),
    OCI_FIELD_OF(oci_syscall, action, "action", ENUM, oci_scmp_act, REQ),
    OCI_FIELD(oci_syscall, errno_ret, "errnoRet", U32, OPT),
    OCI_FIELD_OF(oci_syscall, args, "args", ARR, oci_syscall_arg, OPT),
};
const struct oci_schema oci_syscall_schema = OCI_SCHEMA(oci_syscall, syscall_fields);

static const struct oci_field seccomp_fields[] = {
    OCI_FIELD_OF(oci_seccomp, default_action, "defaultAction", ENUM, oci_scmp_act, REQ),
    OCI_FIELD(oci_seccomp, default_errno_ret, "defaultErrnoRet", U32, OPT),
    OCI_FIELD_OF(oci_seccomp, architectures, "architectures", ENUMS, oci_scmp_arch, OPT),
    OCI_FIELD_OF(oci_seccomp, flags, "flags", ENUMS, oci_scmp_flag, OPT),
    OCI_FIELD(oci_seccomp, listener_path, "listenerPath", STR, OPT),
    OCI_FIELD(oci_seccomp, listener_metadata, "listenerMetadata", STR, OPT),
    OCI_FIELD_OF(oci_seccomp, syscalls, "syscalls", ARR, oci_syscall, OPT),
};
const struct oci_schema oci_seccomp_schema = OCI_SCHEMA(oci_seccomp, seccomp_fields);

bool oci_seccomp_has_action(const struct oci_seccomp *seccomp, uint8_t action)
{
    bool found = seccomp->default_action == action;

    for (uint32_t i = 0; i < seccomp->syscalls.n; i++)
        found |= seccomp->syscalls.v[i]->action == action;
    return found;
}
