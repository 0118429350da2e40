/* SPDX-License-Identifier: Apache-2.0 */
/* process/io_priority: process.ioPriority. */
#include <errno.h>
#include <sys/syscall.h>

#include "tests/unit/process/checks.h"

#include "libocispec/process.h"
#include "process/io_priority.h"
#include "process/user.h"

static struct error *plan(struct oci_io_priority priority, struct io_priority_plan *made)
{
    struct oci_process process = { .io_priority = &priority };
    return io_priority_plan(&process, made);
}

static void leaves_it_alone_when_absent(void **state) /* [P25] */
{
    (void) state;
    struct oci_process process = { 0 };
    struct io_priority_plan made = { .has_priority = true };
    assert_ok(io_priority_plan(&process, &made));
    assert_false(made.has_priority);
}

static void knows_classes_and_priorities(void **state) /* [P26] [P27] */
{
    (void) state;
    static const int classes[] = {
        [OCI_IOCLASS_RT] = 1, [OCI_IOCLASS_BE] = 2, [OCI_IOCLASS_IDLE] = 3
    };
    for (uint8_t class = 0; class < 3; class ++)
        for (int32_t priority = 0; priority <= 7; priority++) {
            struct io_priority_plan made = { 0 };
            assert_ok(plan((struct oci_io_priority){ class, { priority, true } }, &made));
            assert_true(made.has_priority);
            assert_int_equal(made.value, classes[class] << 13 | priority);
        }
}

static void refuses_other_priorities(void **state) /* [P27] */
{
    (void) state;
    static const int32_t bad[] = { -1, 8, INT32_MIN, INT32_MAX };
    struct io_priority_plan made = { .value = 7 };
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_error(plan((struct oci_io_priority){ OCI_IOCLASS_BE, { bad[i], true } }, &made),
                     ERROR_CONFIG, "process.ioPriority.priority", "is not between 0 and 7");
    assert_error(plan((struct oci_io_priority){ .class_ = OCI_IOCLASS_BE }, &made), ERROR_CONFIG,
                 "process.ioPriority.priority", "is required");
    assert_int_equal(made.value, 7);
}

static void set_both(void)
{
    must(io_priority_apply(&(struct io_priority_plan){ true, 2 << 13 | 6 }, getpid()));
    claim(syscall(SYS_ioprio_get, 1, 0) == (2 << 13 | 6));
    must(io_priority_apply(&(struct io_priority_plan){ true, 3 << 13 | 7 }, getpid()));
    claim(syscall(SYS_ioprio_get, 1, 0) == (3 << 13 | 7));
}

static void sets_it(void **state) /* [P25] */
{
    (void) state;
    assert_in_child(set_both);
}

static void ask_as_user(void)
{
    if (geteuid() == 0)
        must(user_apply(&(struct user_plan){ .uid = 1000, .gid = 1000, .umask = 022 },
                        &(bool){ false }));
    struct error *error =
        io_priority_apply(&(struct io_priority_plan){ true, 1 << 13 | 4 }, getpid());
    claim(error && error->number == EPERM && strstr(error->hint, "CAP_SYS_NICE"));
    claim_error(error, ERROR_SYSTEM, "class 1, priority 4");
}

static void hints_when_it_may_not(void **state) /* [P26] */
{
    (void) state;
    assert_in_child(ask_as_user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_it_alone_when_absent),
        cmocka_unit_test(knows_classes_and_priorities),
        cmocka_unit_test(refuses_other_priorities),
        cmocka_unit_test(sets_it),
        cmocka_unit_test(hints_when_it_may_not),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/io_priority", tests, NULL, NULL);
}
