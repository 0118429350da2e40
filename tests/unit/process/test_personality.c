/* SPDX-License-Identifier: Apache-2.0 */
/* process/personality: linux.personality. */
#include <sys/personality.h>

#include "tests/unit/process/checks.h"

#include "libocispec/linux.h"
#include "process/personality.h"

static struct error *plan(struct oci_personality personality, struct personality_plan *made)
{
    struct oci_linux linux_ = { .personality = &personality };
    return personality_plan(&linux_, made);
}

static void leaves_it_alone_when_absent(void **state) /* [PE1] */
{
    (void) state;
    struct oci_linux linux_ = { 0 };
    struct personality_plan made = { .has_personality = true };
    assert_ok(personality_plan(&linux_, &made));
    assert_false(made.has_personality);
    made.has_personality = true;
    assert_ok(personality_plan(NULL, &made));
    assert_false(made.has_personality);
}

static void knows_both_domains(void **state) /* [PE2] */
{
    (void) state;
    struct personality_plan made = { .persona = 7 };
    assert_ok(plan((struct oci_personality){ .domain = { OCI_PERSDOMAIN_LINUX, true } }, &made));
    assert_true(made.has_personality && made.persona == 0);
    assert_ok(plan((struct oci_personality){ .domain = { OCI_PERSDOMAIN_LINUX32, true } }, &made));
    assert_true(made.has_personality && made.persona == 8);
}

static void needs_a_domain(void **state) /* [PE2] */
{
    (void) state;
    struct personality_plan made;
    assert_error(plan((struct oci_personality){ 0 }, &made), ERROR_CONFIG,
                 "linux.personality.domain", "is required");
}

static void refuses_flags(void **state) /* [PE3] */
{
    (void) state;
    const char *flags[] = { "ADDR_NO_RANDOMIZE" };
    struct personality_plan made;
    struct oci_personality personality = { .domain = { OCI_PERSDOMAIN_LINUX, true },
                                           .flags = { flags, 1 } };
    assert_error(plan(personality, &made), ERROR_UNSUPPORTED, "linux.personality.flags[0]",
                 "\"ADDR_NO_RANDOMIZE\" is no flag");
}

/* Flags that the caller had do not stay beside what was asked for. */
static void set_both(void)
{
    claim(personality(ADDR_NO_RANDOMIZE) >= 0);
    must(personality_apply(&(struct personality_plan){ true, PER_LINUX32 }));
    claim(personality(0xffffffff) == PER_LINUX32);
    must(personality_apply(&(struct personality_plan){ true, PER_LINUX }));
    claim(personality(0xffffffff) == PER_LINUX);
}

static void sets_it(void **state) /* [PE1] */
{
    (void) state;
    assert_in_child(set_both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_it_alone_when_absent),
        cmocka_unit_test(knows_both_domains),
        cmocka_unit_test(needs_a_domain),
        cmocka_unit_test(refuses_flags),
        cmocka_unit_test(sets_it),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/personality", tests, NULL, NULL);
}
