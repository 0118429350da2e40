/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp.architectures: which there are, and what they share.  To the kernel x32 is x86_64
 * with other numbers, which have a bit more. */

#include "security/seccomp_architectures.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/seccomp.h"

/* What libseccomp calls it, and its column of the table. */
static const struct architecture {
    const char *name;
    enum syscall_abi abi;
} architectures[] = {
    [OCI_SCMP_ARCH_X86] = { "x86", SYSCALL_X86 },
    [OCI_SCMP_ARCH_X86_64] = { "x86_64", SYSCALL_X86_64 },
    [OCI_SCMP_ARCH_X32] = { "x32", SYSCALL_X32 },
    [OCI_SCMP_ARCH_ARM] = { "arm", SYSCALL_ARM },
    [OCI_SCMP_ARCH_AARCH64] = { "aarch64", SYSCALL_AARCH64 },
    [OCI_SCMP_ARCH_LOONGARCH64] = { "loongarch64", SYSCALL_LOONGARCH64 },
    [OCI_SCMP_ARCH_M68K] = { "m68k", SYSCALL_M68K },
    [OCI_SCMP_ARCH_MIPS] = { "mips", SYSCALL_MIPS },
    [OCI_SCMP_ARCH_MIPS64] = { "mips64", SYSCALL_MIPS64 },
    [OCI_SCMP_ARCH_MIPS64N32] = { "mips64n32", SYSCALL_MIPS64N32 },
    [OCI_SCMP_ARCH_MIPSEL] = { "mipsel", SYSCALL_MIPS },
    [OCI_SCMP_ARCH_MIPSEL64] = { "mipsel64", SYSCALL_MIPS64 },
    [OCI_SCMP_ARCH_MIPSEL64N32] = { "mipsel64n32", SYSCALL_MIPS64N32 },
    [OCI_SCMP_ARCH_PPC] = { "ppc", SYSCALL_PPC },
    [OCI_SCMP_ARCH_PPC64] = { "ppc64", SYSCALL_PPC64 },
    [OCI_SCMP_ARCH_PPC64LE] = { "ppc64le", SYSCALL_PPC64 },
    [OCI_SCMP_ARCH_S390] = { "s390", SYSCALL_S390 },
    [OCI_SCMP_ARCH_S390X] = { "s390x", SYSCALL_S390X },
    [OCI_SCMP_ARCH_SH] = { "sh", SYSCALL_SH },
    [OCI_SCMP_ARCH_SHEB] = { "sheb", SYSCALL_SH },
    [OCI_SCMP_ARCH_PARISC] = { "parisc", SYSCALL_PARISC },
    [OCI_SCMP_ARCH_PARISC64] = { "parisc64", SYSCALL_PARISC64 },
    [OCI_SCMP_ARCH_RISCV64] = { "riscv64", SYSCALL_RISCV64 },
};

uint32_t seccomp_find_architecture(uint8_t architecture)
{
    return seccomp_arch_resolve_name(architectures[architecture].name);
}

static struct seccomp_calls *find_calls(const struct seccomp_architectures *all, uint32_t token)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (all->calls[i].token == token)
            return &all->calls[i];
    return NULL;
}

static void begin_calls(struct seccomp_architectures *all, uint32_t token, uint8_t architecture)
{
    if (!find_calls(all, token))
        seccomp_calls_begin(&all->calls[all->count++], token, architectures[architecture].abi,
                            all->default_action);
}

/* Our own comes first, since the program is asked for it most often. */
static void begin_native_calls(struct seccomp_architectures *all)
{
    uint32_t native = seccomp_arch_native();

    for (uint8_t i = 0; i < LENGTH(architectures) && !all->count; i++)
        if (seccomp_find_architecture(i) == native)
            begin_calls(all, native, i);
}

static bool has_own_byte_order(uint32_t token)
{
    return !(token & __AUDIT_ARCH_LE) == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

fallible seccomp_read_architectures(const struct oci_enum_array *list, uint32_t default_action,
                                    struct arena *arena, struct seccomp_architectures *all)
{
    *all = (struct seccomp_architectures){ .default_action = default_action };
    try_new(all->calls, arena, list->n + 1);
    begin_native_calls(all);
    for (uint32_t i = 0; i < list->n; i++) {
        const char *name = oci_enum_name(&oci_scmp_arch_names, list->v[i]);
        uint32_t token = seccomp_find_architecture(list->v[i]);
        char field[ERROR_FIELD_SIZE];

        text_format(field, sizeof(field), "linux.seccomp.architectures[%u]", i);
        if (!token)
            return error_hint(
                error_unsupported(field, "this libseccomp does not know %s", name),
                "leave it out if this machine cannot run programs of that architecture");
        if (has_own_byte_order(token))
            begin_calls(all, token, list->v[i]);
        else
            log_warning("%s: %s has another byte order than this machine; left out", field, name);
    }
    return OK;
}

/* Intervals ------------------------------------------------------------------------------------ */

/* What all divisions share. */
struct divider {
    const struct seccomp_architectures *all;
    struct arena *arena;
    struct seccomp_leaf *leaves;
};

static uint32_t audit_architecture(const struct seccomp_calls *calls)
{
    return calls->token == SCMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : calls->token;
}

/* Numbers of one that the profile does not have are like another architecture's: those of x32, or
 * all others of x86_64. */
static fallible divide_x86_64(struct divider *divider, struct seccomp_division *division)
{
    const struct seccomp_calls *wide = find_calls(divider->all, SCMP_ARCH_X86_64);
    const struct seccomp_calls *narrow = find_calls(divider->all, SCMP_ARCH_X32);
    const struct seccomp_interval foreign = { wide ? SECCOMP_X32_BIT : 0, SECCOMP_RET_KILL_THREAD,
                                              NULL };
    /* By -1 a tracer skips a call. */
    const struct seccomp_interval skipped = { UINT32_MAX, divider->all->default_action, NULL };

    if (wide)
        try(seccomp_calls_divide(wide, &divider->leaves, divider->arena, division));
    if (!wide || !narrow)
        seccomp_division_add(division, foreign);
    if (narrow)
        try(seccomp_calls_divide(narrow, &divider->leaves, divider->arena, division));
    else
        seccomp_division_add(division, skipped);
    return OK;
}

static fallible divide_one(struct divider *divider, const struct seccomp_calls *calls,
                           struct seccomp_division *division)
{
    const struct seccomp_interval below = { 0, divider->all->default_action, NULL };
    enum { BESIDES = 4 }; /* in front, behind, foreign numbers, the end */
    uint32_t most = BESIDES;

    for (uint32_t i = 0; i < divider->all->count; i++)
        if (audit_architecture(&divider->all->calls[i]) == audit_architecture(calls))
            most += divider->all->calls[i].end + 1;
    try_new(division->intervals, divider->arena, most);
    division->architecture = audit_architecture(calls);
    if (division->architecture == AUDIT_ARCH_X86_64)
        return divide_x86_64(divider, division);
    if (calls->base)
        seccomp_division_add(division, below);
    return seccomp_calls_divide(calls, &divider->leaves, divider->arena, division);
}

fallible seccomp_divide(const struct seccomp_architectures *all, struct arena *arena,
                        struct seccomp_division **divisions, uint32_t *count)
{
    struct divider divider = { .all = all, .arena = arena };

    *count = 0;
    try_new(*divisions, arena, all->count);
    for (uint32_t i = 0; i < all->count; i++) {
        bool is_done = false;
        for (uint32_t j = 0; j < *count; j++)
            is_done |= (*divisions)[j].architecture == audit_architecture(&all->calls[i]);
        if (!is_done)
            try(divide_one(&divider, &all->calls[i], &(*divisions)[(*count)++]));
    }
    return OK;
}
