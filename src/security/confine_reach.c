/* SPDX-License-Identifier: Apache-2.0 */
/* Serves no field: what a relay of ours is left with, of files none, and few system calls.  What
 * surprises: memory is one of them, since the writer of JSON may ask malloc(3), and another
 * architecture's calls have other numbers, so that it has to be ours. */

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "base/list.h"
#include "os/syscalls.h"
#include "security/confine.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define ARCHITECTURE AUDIT_ARCH_S390X
#else
#error "which architecture do the numbers of system calls belong to?"
#endif

/* Also how a process ends, be it by abort(3) (by tkill, where musl is its libc) or by a signal that
 * somebody handles; and mprotect, by which musl gets memory where brk(2) cannot grow. */
static const uint32_t allowed[] = {
    SYS_read,         SYS_pread64,        SYS_write,        SYS_writev,
    SYS_ppoll,        SYS_clock_gettime,  SYS_close,        SYS_exit,
    SYS_exit_group,   SYS_getpid,         SYS_gettid,       SYS_tgkill,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
    SYS_brk,          SYS_mmap,           SYS_mremap,       SYS_munmap,
    SYS_madvise,      SYS_futex,          SYS_mprotect,     SYS_tkill,
#ifdef SYS_poll
    SYS_poll,
#endif
};

enum { HEAD = 4, INSTRUCTIONS = HEAD + LENGTH(allowed) + 2 };

static const struct sock_filter head[HEAD] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
};

static fallible give_up_calls(void)
{
    struct sock_filter filter[INSTRUCTIONS];
    struct sock_fprog program = { INSTRUCTIONS, filter };
    uint32_t count = LENGTH(allowed);

    for (uint32_t i = 0; i < HEAD; i++)
        filter[i] = head[i];
    for (uint32_t i = 0; i < count; i++)
        filter[HEAD + i] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i],
                                                         (uint8_t) (count - i), 0);
    filter[HEAD + count] =
        (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    filter[HEAD + count + 1] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        return error_system("confine ourselves by a seccomp filter");
    return OK;
}

fallible confine_reach(void)
{
    try(confine_files());
    return give_up_calls();
}
