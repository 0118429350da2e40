/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The init program as it was built, an ELF file; its size is the distance. */
extern const char embedded_init_begin[];
extern const char embedded_init_end[];
