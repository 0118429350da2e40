/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* The numbers of the system calls by name, on every architecture that a config may name. libseccomp
 * has such a table too, but asks it anew for each architecture, and does not tell all numbers: not
 * that of socket(2) where socketcall(2) may stand for it.  What is -1 here is not asked of it: when
 * an architecture gets a call, contrib/syscalls, of which the table is made, has to know. */

enum syscall_abi {
    SYSCALL_X86,
    SYSCALL_X86_64,
    SYSCALL_X32,
    SYSCALL_ARM,
    SYSCALL_AARCH64,
    SYSCALL_LOONGARCH64,
    SYSCALL_M68K,
    SYSCALL_MIPS,
    SYSCALL_MIPS64,
    SYSCALL_MIPS64N32,
    SYSCALL_PARISC,
    SYSCALL_PARISC64,
    SYSCALL_PPC,
    SYSCALL_PPC64,
    SYSCALL_RISCV64,
    SYSCALL_S390,
    SYSCALL_S390X,
    SYSCALL_SH,
    SYSCALL_ABIS,
};

enum {
    SYSCALL_SLOTS = 1024,
    SYSCALL_NUMBERS = 1024, /* all are below it */
    SYSCALL_PRIVATE = 1000, /* what ARM counts from 0xf0000, begins here */
    SYSCALL_IPC = 100,
};

struct syscall_row {
    uint16_t name; /* where in syscall_names */
    /* Where there is socketcall(2), the first argument by which it means this call; that of ipc(2)
     * is SYSCALL_IPC higher.  0: neither means it. */
    uint8_t multiplexed;
    /* By enum syscall_abi, without what that adds to all of them (x32 a bit, MIPS a base); -1 where
     * there is none. */
    int16_t numbers[SYSCALL_ABIS];
};

extern const struct syscall_row syscall_rows[];
extern const char syscall_names[];
extern const unsigned short syscall_slots[SYSCALL_SLOTS];
extern const unsigned int syscall_count;

/* The row of a name, or NULL. */
const struct syscall_row *syscall_find(const char *name);
