/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/schema.h"

/* linux.seccomp.architectures */
enum oci_scmp_arch {
    OCI_SCMP_ARCH_X86,
    OCI_SCMP_ARCH_X86_64,
    OCI_SCMP_ARCH_X32,
    OCI_SCMP_ARCH_ARM,
    OCI_SCMP_ARCH_AARCH64,
    OCI_SCMP_ARCH_LOONGARCH64,
    OCI_SCMP_ARCH_M68K,
    OCI_SCMP_ARCH_MIPS,
    OCI_SCMP_ARCH_MIPS64,
    OCI_SCMP_ARCH_MIPS64N32,
    OCI_SCMP_ARCH_MIPSEL,
    OCI_SCMP_ARCH_MIPSEL64,
    OCI_SCMP_ARCH_MIPSEL64N32,
    OCI_SCMP_ARCH_PPC,
    OCI_SCMP_ARCH_PPC64,
    OCI_SCMP_ARCH_PPC64LE,
    OCI_SCMP_ARCH_S390,
    OCI_SCMP_ARCH_S390X,
    OCI_SCMP_ARCH_SH,
    OCI_SCMP_ARCH_SHEB,
    OCI_SCMP_ARCH_PARISC,
    OCI_SCMP_ARCH_PARISC64,
    OCI_SCMP_ARCH_RISCV64,
};
extern const struct oci_enum oci_scmp_arch_names;

/* linux.seccomp.defaultAction and syscalls[].action */
enum oci_scmp_act {
    OCI_SCMP_ACT_KILL,
    OCI_SCMP_ACT_KILL_PROCESS,
    OCI_SCMP_ACT_KILL_THREAD,
    OCI_SCMP_ACT_TRAP,
    OCI_SCMP_ACT_ERRNO,
    OCI_SCMP_ACT_TRACE,
    OCI_SCMP_ACT_ALLOW,
    OCI_SCMP_ACT_LOG,
    OCI_SCMP_ACT_NOTIFY,
};
extern const struct oci_enum oci_scmp_act_names;

/* linux.seccomp.flags */
enum oci_scmp_flag {
    OCI_SCMP_FLAG_TSYNC,
    OCI_SCMP_FLAG_LOG,
    OCI_SCMP_FLAG_SPEC_ALLOW,
    OCI_SCMP_FLAG_WAIT_KILLABLE_RECV,
};
extern const struct oci_enum oci_scmp_flag_names;

/* linux.seccomp.syscalls[].args[].op */
enum oci_scmp_op {
    OCI_SCMP_OP_NE,
    OCI_SCMP_OP_LT,
    OCI_SCMP_OP_LE,
    OCI_SCMP_OP_EQ,
    OCI_SCMP_OP_GE,
    OCI_SCMP_OP_GT,
    OCI_SCMP_OP_MASKED_EQ,
};
extern const struct oci_enum oci_scmp_op_names;

/* config-linux.md#seccomp: a comparison with one argument of the call. */
struct oci_syscall_arg {
    uint32_t index;               /* "index", required */
    uint64_t value;               /* "value", required */
    struct oci_opt_u64 value_two; /* "valueTwo" */
    uint8_t op;                   /* "op": enum oci_scmp_op, required */
};
OCI_ARRAY_OF(syscall_arg);

/* config-linux.md#seccomp: one rule. */
struct oci_syscall {
    struct oci_string_array names;     /* "names", required */
    uint8_t action;                    /* "action": enum oci_scmp_act, required */
    struct oci_opt_u32 errno_ret;      /* "errnoRet" */
    struct oci_syscall_arg_array args; /* "args" */
};
OCI_ARRAY_OF(syscall);
extern const struct oci_schema oci_syscall_schema;

/* config-linux.md#seccomp */
struct oci_seccomp {
    uint8_t default_action;               /* "defaultAction": enum oci_scmp_act, required */
    struct oci_opt_u32 default_errno_ret; /* "defaultErrnoRet" */
    struct oci_enum_array architectures;  /* "architectures": enum oci_scmp_arch */
    struct oci_enum_array flags;          /* "flags": enum oci_scmp_flag */
    const char *listener_path;            /* "listenerPath" */
    const char *listener_metadata;        /* "listenerMetadata" */
    struct oci_syscall_array syscalls;    /* "syscalls" */
};
extern const struct oci_schema oci_seccomp_schema;

/* Whether the profile has ACTION for any system call. */
bool oci_seccomp_has_action(const struct oci_seccomp *seccomp, uint8_t action);
