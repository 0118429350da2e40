/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init program inside of `tare` (os/sealed_self.h).
 *
 * The assembler looks for src/tare-init from the folder in which the compiler runs, the top of the
 * build tree.
 */
#include "os/embedded_init.h"

__asm__(".pushsection .rodata, \"a\", %progbits\n"
        ".balign 64\n"
        ".globl embedded_init_begin\n"
        "embedded_init_begin:\n"
        ".incbin \"src/tare-init\"\n"
        ".globl embedded_init_end\n"
        "embedded_init_end:\n"
        ".byte 0\n"
        ".popsection\n");
