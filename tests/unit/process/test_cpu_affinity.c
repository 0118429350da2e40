/* SPDX-License-Identifier: Apache-2.0 */
/* process/cpu_affinity: process.execCPUAffinity. */
#include <sched.h>

#include "tests/unit/process/checks.h"

#include "libocispec/process.h"
#include "process/cpu_affinity.h"

static struct error *plan(const char *initial, const char *final, struct cpu_affinity_plan *made)
{
    struct oci_cpu_affinity affinity = { .initial = initial, .final_ = final };
    struct oci_process process = { .exec_cpu_affinity = &affinity };
    return cpu_affinity_plan(&process, fresh_arena(), made);
}

static void leaves_alone_what_is_absent_or_empty(void **state) /* [P28] [P31] */
{
    (void) state;
    static const struct cpu_list other;
    struct cpu_affinity_plan made = { &other, &other };
    assert_ok(cpu_affinity_plan(&(struct oci_process){ 0 }, fresh_arena(), &made));
    assert_true(!made.initial && !made.final);
    made = (struct cpu_affinity_plan){ &other, &other };
    assert_ok(plan("", NULL, &made));
    assert_true(!made.initial && !made.final);
    assert_ok(plan(NULL, "  ", &made));
    assert_true(!made.initial && !made.final);
}

static void reads_both_lists(void **state) /* [P29] [P30] [P32] */
{
    (void) state;
    struct cpu_affinity_plan made;
    struct number_set initial, final;
    assert_true(number_set_parse("7", &initial));
    assert_true(number_set_parse("0-3,7", &final));
    assert_ok(plan("7", "0-3, 7", &made));
    assert_true(number_set_equal(&made.initial->set, &initial));
    assert_true(number_set_equal(&made.final->set, &final));
    assert_string_equal(made.final->text, "0-3, 7");
}

static void refuses_what_is_no_list(void **state) /* [P29] [P30] [P32] */
{
    (void) state;
    static const char *const bad[] = { "3-1", "a", "1-", "-", ",", "1,,2", "1 2", "8192" };
    struct cpu_affinity_plan made;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        char words[64];
        snprintf(words, sizeof(words), "\"%s\" is not a list of CPUs", bad[i]);
        assert_error(plan(bad[i], NULL, &made), ERROR_CONFIG, "process.execCPUAffinity.initial",
                     words);
        assert_error(plan("0", bad[i], &made), ERROR_CONFIG, "process.execCPUAffinity.final",
                     words);
    }
}

static struct cpu_list first_cpu(void)
{
    struct cpu_list list = { .text = "one of ours" };
    cpu_set_t own;
    claim(!sched_getaffinity(0, sizeof(own), &own));
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &own))
            continue;
        list.set.words[cpu / NUMBER_SET_WORD_BITS] = 1UL << cpu % NUMBER_SET_WORD_BITS;
        break;
    }
    return list;
}

static void set_one(void)
{
    const struct cpu_list list = first_cpu();
    cpu_set_t got;
    must(cpu_affinity_apply(&list));
    claim(!sched_getaffinity(0, sizeof(got), &got));
    claim(CPU_COUNT(&got) == 1);
    claim(memcmp(&got, list.set.words, sizeof(got)) == 0);
}

static void sets_them(void **state) /* [P29] [P30] */
{
    (void) state;
    assert_in_child(set_one);
}

/* No machine has this one, though a kernel may be built for it. */
static void set_what_is_missing(void)
{
    struct cpu_list list = first_cpu();
    list.set.words[NUMBER_SET_WORDS - 1] |= 1UL << (NUMBER_SET_WORD_BITS - 1);
    claim_error(cpu_affinity_apply(&list), ERROR_READ_BACK, "the kernel does not give CPU 8191");
    list.set = (struct number_set){ { 0 } };
    list.set.words[NUMBER_SET_WORDS - 1] = 1;
    claim_error(cpu_affinity_apply(&list), ERROR_SYSTEM, "CPUs one of ours");
}

static void refuses_a_part_of_them(void **state) /* [P29] [P30] */
{
    (void) state;
    assert_in_child(set_what_is_missing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_alone_what_is_absent_or_empty),
        cmocka_unit_test(reads_both_lists),
        cmocka_unit_test(refuses_what_is_no_list),
        cmocka_unit_test(sets_them),
        cmocka_unit_test(refuses_a_part_of_them),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/cpu_affinity", tests, NULL, NULL);
}
