/* SPDX-License-Identifier: Apache-2.0 */
/* process/memory_policy: linux.memoryPolicy. */
#include <errno.h>
#include <linux/mempolicy.h>
#include <sys/syscall.h>

#include "tests/unit/process/checks.h"

#include "libocispec/linux.h"
#include "process/memory_policy.h"

enum { BITS = NUMBER_SET_MOST + 2 };

static const struct memory_policy *made;

static struct error *plan(uint8_t mode, const char *nodes, uint8_t *flags, uint32_t count)
{
    struct oci_memory_policy policy = { { mode, true }, nodes, { flags, count } };
    struct oci_linux linux_ = { .memory_policy = &policy };
    return memory_policy_plan(&linux_, fresh_arena(), &made);
}

static void leaves_it_alone_when_absent(void **state) /* [NU1] */
{
    (void) state;
    static const struct memory_policy other;
    made = &other;
    assert_ok(memory_policy_plan(NULL, fresh_arena(), &made));
    assert_null(made);
    made = &other;
    assert_ok(memory_policy_plan(&(struct oci_linux){ 0 }, fresh_arena(), &made));
    assert_null(made);
}

static void needs_a_mode(void **state) /* [NU2] */
{
    (void) state;
    struct oci_memory_policy policy = { .nodes = "0" };
    struct oci_linux linux_ = { .memory_policy = &policy };
    assert_error(memory_policy_plan(&linux_, fresh_arena(), &made), ERROR_CONFIG,
                 "linux.memoryPolicy.mode", "is required");
}

static void knows_all_modes(void **state) /* [NU2] [NU3] */
{
    (void) state;
    static const struct {
        uint8_t mode;
        const char *nodes;
        int number;
    } rows[] = {
        { OCI_MPOLMODE_DEFAULT, NULL, MPOL_DEFAULT },
        { OCI_MPOLMODE_DEFAULT, "", MPOL_DEFAULT },
        { OCI_MPOLMODE_PREFERRED, NULL, MPOL_PREFERRED },
        { OCI_MPOLMODE_PREFERRED, "0-1", MPOL_PREFERRED },
        { OCI_MPOLMODE_BIND, "0", MPOL_BIND },
        { OCI_MPOLMODE_INTERLEAVE, "0,1", MPOL_INTERLEAVE },
        { OCI_MPOLMODE_LOCAL, " ", MPOL_LOCAL },
        { OCI_MPOLMODE_PREFERRED_MANY, "0", MPOL_PREFERRED_MANY },
        { OCI_MPOLMODE_WEIGHTED_INTERLEAVE, "1023", 6 },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        assert_ok(plan(rows[i].mode, rows[i].nodes, NULL, 0));
        assert_int_equal(made->mode, rows[i].number);
    }
    struct number_set nodes;
    assert_true(number_set_parse("2-3", &nodes));
    assert_ok(plan(OCI_MPOLMODE_INTERLEAVE, "2 - 3", NULL, 0));
    assert_true(number_set_equal(&made->nodes, &nodes));
    assert_string_equal(made->text, "MPOL_INTERLEAVE of nodes 2 - 3");
}

static void refuses_nodes_that_do_not_go_with_the_mode(void **state) /* [NU3] */
{
    (void) state;
    static const struct {
        uint8_t mode;
        const char *nodes, *words;
    } rows[] = {
        { OCI_MPOLMODE_DEFAULT, "0", "MPOL_DEFAULT takes no nodes" },
        { OCI_MPOLMODE_LOCAL, "0", "MPOL_LOCAL takes no nodes" },
        { OCI_MPOLMODE_BIND, NULL, "MPOL_BIND needs a node at least" },
        { OCI_MPOLMODE_BIND, "", "MPOL_BIND needs a node at least" },
        { OCI_MPOLMODE_INTERLEAVE, NULL, "MPOL_INTERLEAVE needs" },
        { OCI_MPOLMODE_PREFERRED_MANY, "", "MPOL_PREFERRED_MANY needs" },
        { OCI_MPOLMODE_WEIGHTED_INTERLEAVE, NULL, "MPOL_WEIGHTED_INTERLEAVE needs" },
        { OCI_MPOLMODE_BIND, "a", "\"a\" is not a list of memory nodes" },
        { OCI_MPOLMODE_BIND, "1-0", "\"1-0\" is not a list of memory nodes" },
        { OCI_MPOLMODE_BIND, "8192", "\"8192\" is not a list of memory nodes" },
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_error(plan(rows[i].mode, rows[i].nodes, NULL, 0), ERROR_CONFIG,
                     "linux.memoryPolicy.nodes", rows[i].words);
}

static void knows_all_flags(void **state) /* [NU4] */
{
    (void) state;
    uint8_t balanced_static[] = { OCI_MPOLFLAG_NUMA_BALANCING, OCI_MPOLFLAG_STATIC_NODES };
    uint8_t relative[] = { OCI_MPOLFLAG_RELATIVE_NODES, OCI_MPOLFLAG_RELATIVE_NODES };
    assert_ok(plan(OCI_MPOLMODE_BIND, "0", balanced_static, 2));
    assert_int_equal(made->mode, MPOL_BIND | 1 << 13 | 1 << 15);
    assert_ok(plan(OCI_MPOLMODE_PREFERRED_MANY, "0", balanced_static, 1));
    assert_int_equal(made->mode, MPOL_PREFERRED_MANY | 1 << 13);
    assert_ok(plan(OCI_MPOLMODE_PREFERRED, "0", relative, 2));
    assert_int_equal(made->mode, MPOL_PREFERRED | 1 << 14);
}

static void refuses_flags_that_do_not_go_together(void **state) /* [NU4] */
{
    (void) state;
    uint8_t both[] = { OCI_MPOLFLAG_STATIC_NODES, OCI_MPOLFLAG_RELATIVE_NODES };
    uint8_t balancing[] = { OCI_MPOLFLAG_NUMA_BALANCING };
    assert_error(plan(OCI_MPOLMODE_BIND, "0", both, 2), ERROR_CONFIG, "linux.memoryPolicy.flags[1]",
                 "exclude each other");
    assert_error(plan(OCI_MPOLMODE_PREFERRED, NULL, both, 1), ERROR_CONFIG,
                 "linux.memoryPolicy.flags[0]", "MPOL_F_STATIC_NODES says how nodes are meant");
    assert_error(plan(OCI_MPOLMODE_DEFAULT, NULL, both + 1, 1), ERROR_CONFIG,
                 "linux.memoryPolicy.flags[0]", "MPOL_F_RELATIVE_NODES says how nodes are meant");
    assert_error(plan(OCI_MPOLMODE_INTERLEAVE, "0", balancing, 1), ERROR_CONFIG,
                 "linux.memoryPolicy.flags[0]", "not with MPOL_INTERLEAVE");
    assert_error(plan(OCI_MPOLMODE_DEFAULT, NULL, balancing, 1), ERROR_CONFIG,
                 "linux.memoryPolicy.flags[0]", "not with MPOL_DEFAULT");
}

/* Every machine with memory policies has memory on some node. */
static void find_node(struct memory_policy *policy)
{
    struct number_set all = { { 0 } };
    claim(!syscall(SYS_get_mempolicy, NULL, all.words, (unsigned long) BITS, NULL,
                   (unsigned long) MPOL_F_MEMS_ALLOWED));
    const struct number_set none = { { 0 } };
    int node = number_set_find_missing(&none, &all);
    claim(node >= 0);
    policy->nodes = none;
    policy->nodes.words[(unsigned) node / NUMBER_SET_WORD_BITS] =
        1UL << (unsigned) node % NUMBER_SET_WORD_BITS;
}

static void set_some(void)
{
    struct memory_policy policy = { .text = "a policy" };
    static const int with_node[] = {
        MPOL_BIND,
        MPOL_PREFERRED,
        MPOL_INTERLEAVE,
        MPOL_BIND | MPOL_F_STATIC_NODES,
        MPOL_PREFERRED | MPOL_F_RELATIVE_NODES,
    };
    static const int without[] = { MPOL_LOCAL, MPOL_PREFERRED, MPOL_DEFAULT };
    find_node(&policy);
    for (size_t i = 0; i < LENGTH(with_node); i++) {
        policy.mode = with_node[i];
        must(memory_policy_apply(&policy));
    }
    policy.nodes = (struct number_set){ { 0 } };
    for (size_t i = 0; i < LENGTH(without); i++) {
        policy.mode = without[i];
        must(memory_policy_apply(&policy));
    }
}

/* No kernel has this node. */
static void set_what_is_missing(void)
{
    struct memory_policy policy = { .mode = MPOL_BIND, .text = "MPOL_BIND of nodes 0,8191" };
    find_node(&policy);
    policy.nodes.words[NUMBER_SET_WORDS - 1] = 1UL << (NUMBER_SET_WORD_BITS - 1);
    claim_error(memory_policy_apply(&policy), ERROR_SYSTEM, "MPOL_BIND of nodes 0,8191");
}

static void need_policies(void)
{
    if (syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0UL) < 0)
        skip();
}

static void sets_it(void **state) /* [NU1] [NU2] [NU4] */
{
    (void) state;
    need_policies();
    assert_in_child(set_some);
}

static void refuses_nodes_that_are_not_there(void **state) /* [NU3] */
{
    (void) state;
    need_policies();
    assert_in_child(set_what_is_missing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_it_alone_when_absent),
        cmocka_unit_test(needs_a_mode),
        cmocka_unit_test(knows_all_modes),
        cmocka_unit_test(refuses_nodes_that_do_not_go_with_the_mode),
        cmocka_unit_test(knows_all_flags),
        cmocka_unit_test(refuses_flags_that_do_not_go_together),
        cmocka_unit_test(sets_it),
        cmocka_unit_test(refuses_nodes_that_are_not_there),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/memory_policy", tests, NULL, NULL);
}
