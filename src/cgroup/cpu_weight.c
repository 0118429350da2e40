/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.cpu.shares: the curve on which engines and runtimes have agreed.
 *
 * Integers alone: the result must not depend on a libm, whose 99.999999999 or 100.0000000001 for
 * 1024 would differ by one weight.  The exponent is (l - 1) * (l + 126) / 612, so the weight is the
 * least w for which (l - 1) * (l + 126) * log2(10) <= 612 * log2(w).
 */
#include "cgroup/cpu_weight.h"

/* How many binary digits of a number stand behind the point. */
enum { LOG_DIGITS = 56, COMPARED_DIGITS = 48, SLACK_DIGITS = 10 };

enum { WEIGHT_LEAST = 1, WEIGHT_MOST = 10000 };

/* log2(10), with 62 digits. */
static const uint64_t log2_of_10 = UINT64_C(0xd49a784bcd1b8afe);

/* The upper half of the product. */
static uint64_t multiply(uint64_t a, uint64_t b)
{
    uint64_t a_high = a >> 32, a_low = a & UINT32_MAX;
    uint64_t b_high = b >> 32, b_low = b & UINT32_MAX;
    uint64_t middle = a_high * b_low + (a_low * b_low >> 32);
    uint64_t other = a_low * b_high + (middle & UINT32_MAX);

    return a_high * b_high + (middle >> 32) + (other >> 32);
}

/* log2 of a number from 1 to 2^18: squaring doubles the logarithm, and what then comes before the
 * point is its next digit. */
static uint64_t logarithm(uint64_t number)
{
    uint64_t whole = 63 - (uint64_t) __builtin_clzll(number);
    uint64_t result = whole << LOG_DIGITS;
    uint64_t mantissa = number << (63 - whole); /* from 1 to 2, with 63 digits */

    for (int digit = LOG_DIGITS - 1; digit >= 0; digit--) {
        uint64_t square = multiply(mantissa, mantissa); /* with 62 */
        if (square >> 63) {
            result |= UINT64_C(1) << digit;
            mantissa = square;
        } else {
            mantissa = square << 1;
        }
    }
    return result;
}

uint64_t cpu_weight_of_shares(uint64_t shares)
{
    if (shares <= CPU_SHARES_LEAST)
        return WEIGHT_LEAST;
    if (shares >= CPU_SHARES_MOST)
        return WEIGHT_MOST;

    uint64_t one = UINT64_C(1) << LOG_DIGITS;
    uint64_t log = logarithm(shares);
    /* With 58 + 56 - 64 = 50, then 50 + 62 - 64 = 48 digits. */
    uint64_t product = multiply((log - one) << 2, log + 126 * one);
    uint64_t wanted = multiply(product, log2_of_10);
    /* 1024 is on the curve: what was cut off must not make it miss. */
    wanted -= wanted >> SLACK_DIGITS ? UINT64_C(1) << SLACK_DIGITS : 0;

    uint64_t least = WEIGHT_LEAST, most = WEIGHT_MOST;
    while (least < most) {
        uint64_t weight = (least + most) / 2;
        if (612 * (logarithm(weight) >> (LOG_DIGITS - COMPARED_DIGITS)) >= wanted)
            most = weight;
        else
            least = weight + 1;
    }
    return least;
}
