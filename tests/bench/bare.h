/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a program needs that has no libc at all (-nostdlib): the system call, the way in, and the
 * way out.  The program defines bare_main(); its result is the exit status.
 */

#include <stddef.h>
#include <sys/syscall.h>

int bare_main(char **arguments);

#if defined __x86_64__

static inline long bare_call(long number, long a, long b, long c, long d, long e)
{
    long result;
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = e;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
                     : "rcx", "r11", "memory");
    return result;
}

/* The stack holds the number of arguments, and then these. */
__asm__(".globl _start\n"
        "_start:\n"
        "    xor %ebp, %ebp\n"
        "    lea 8(%rsp), %rdi\n"
        "    and $-16, %rsp\n"
        "    call bare_start\n");

#elif defined __aarch64__

static inline long bare_call(long number, long a, long b, long c, long d, long e)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;

    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}

__asm__(".globl _start\n"
        "_start:\n"
        "    mov x29, #0\n"
        "    add x0, sp, #8\n"
        "    bl bare_start\n");

#else
#error "bare.h knows x86_64 and aarch64"
#endif

#define BARE_5(number, a, b, c, d, e, ...)                                                         \
    bare_call((number), (long) (a), (long) (b), (long) (c), (long) (d), (long) (e))

/* call(openat, AT_FDCWD, path, flags): the kernel's answer, negative for an error. */
#define call(name, ...) BARE_5(SYS_##name, ##__VA_ARGS__, 0, 0, 0, 0, 0)

__attribute__((used, noreturn)) void bare_start(char **arguments);

void bare_start(char **arguments)
{
    call(exit_group, bare_main(arguments));
    __builtin_unreachable();
}
