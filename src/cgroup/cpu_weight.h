/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

enum { CPU_SHARES_LEAST = 2, CPU_SHARES_MOST = 1 << 18 };

/*
 * cpu.weight (1 to 10000) for cpu.shares of version 1 (2 to 262144): with l = log2(shares),
 *
 *     ceil(10 ^ ((l * l + 125 * l) / 612 - 7 / 34))
 *
 * so that 2, 1024 and 262144, the least, the default and the most of shares, become 1, 100 and
 * 10000, those of weights.  Shares beyond the ends count as these.
 */
uint64_t cpu_weight_of_shares(uint64_t shares);
