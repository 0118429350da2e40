/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/cpu_weight: integers alone, against the formula in floating point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "cgroup/cpu_weight.h"

enum { LEAST = 2, MOST = 1 << 18 };

static void has_the_known_values(void **state) /* [CP2] */
{
    (void) state;
    static const struct {
        uint64_t shares, weight;
    } known[] = {
        { 1, 1 },      { 2, 1 },      { 3, 2 },          { 10, 4 },         { 100, 17 },
        { 512, 59 },   { 1023, 100 }, { 1024, 100 },     { 1025, 101 },     { 2048, 174 },
        { 4096, 303 }, { 8192, 532 }, { 262144, 10000 }, { 262145, 10000 }, { UINT64_MAX, 10000 },
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        assert_int_equal(cpu_weight_of_shares(known[i].shares), known[i].weight);
}

/* Three of all shares lie on a whole number, where the last digit of a libm would decide. */
static uint64_t compute(uint64_t shares, unsigned *on_whole)
{
    long double l = log2l((long double) shares);
    long double weight = powl(10, (l * l + 125 * l) / 612 - 7.0L / 34);
    long double nearest = roundl(weight);

    if (fabsl(weight - nearest) > 1e-11L)
        return (uint64_t) ceill(weight);
    (*on_whole)++;
    return (uint64_t) nearest;
}

static void is_the_formula_for_all_shares(void **state) /* [CP2] */
{
    (void) state;
    unsigned on_whole = 0;
    for (uint64_t shares = LEAST; shares <= MOST; shares++)
        if (cpu_weight_of_shares(shares) != compute(shares, &on_whole))
            fail_msg("%llu shares", (unsigned long long) shares);
    assert_int_equal(on_whole, 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_known_values),
        cmocka_unit_test(is_the_formula_for_all_shares),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/cpu_weight", tests, NULL, NULL);
}
