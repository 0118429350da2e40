/* SPDX-License-Identifier: Apache-2.0 */
/* process/scheduler: process.scheduler. */
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/resource.h>

#include "tests/unit/process/checks.h"

#include "libocispec/process.h"
#include "process/scheduler.h"
#include "process/user.h"

#define FIELD(name) "process.scheduler." name

#define SET(number)                                                                                \
    {                                                                                              \
        .value = (number), .present = true                                                         \
    }
#define FLAGS(...)                                                                                 \
    {                                                                                              \
        (uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })                             \
    }

static struct error *plan(struct oci_scheduler scheduler, struct scheduler_plan *made)
{
    struct oci_process process = { .scheduler = &scheduler };
    return scheduler_plan(&process, made);
}

static void leaves_it_alone_when_absent(void **state) /* [P17] */
{
    (void) state;
    struct oci_process process = { 0 };
    struct scheduler_plan made = { .has_scheduler = true };
    assert_ok(scheduler_plan(&process, &made));
    assert_false(made.has_scheduler);
}

static void knows_the_policies(void **state) /* [P18] */
{
    (void) state;
    static const struct {
        struct oci_scheduler scheduler;
        uint32_t number;
    } rows[] = {
        { { .policy = OCI_SCHEDPOL_OTHER, .nice = SET(-20) }, 0 },
        { { .policy = OCI_SCHEDPOL_FIFO, .priority = SET(1) }, 1 },
        { { .policy = OCI_SCHEDPOL_RR, .priority = SET(99) }, 2 },
        { { .policy = OCI_SCHEDPOL_BATCH, .nice = SET(19) }, 3 },
        { { .policy = OCI_SCHEDPOL_IDLE }, 5 },
        { { .policy = OCI_SCHEDPOL_DEADLINE, .runtime = SET(1024), .deadline = SET(1024) }, 6 },
        { { .policy = OCI_SCHEDPOL_DEADLINE,
            .runtime = SET(2000),
            .deadline = SET(2000),
            .period = SET(INT64_MAX) },
          6 },
        /* What says that there is none is no more than the absence of it. */
        { { .policy = OCI_SCHEDPOL_IDLE, .nice = SET(0), .priority = SET(0), .runtime = SET(0) },
          5 },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct scheduler_plan made = { 0 };
        const struct oci_scheduler *from = &rows[i].scheduler;
        assert_ok(plan(*from, &made));
        assert_true(made.has_scheduler);
        assert_int_equal(made.policy, rows[i].number);
        assert_int_equal(made.nice, from->nice.value);
        assert_int_equal(made.priority, from->priority.value);
        assert_true(made.runtime == from->runtime.value && made.period == from->period.value &&
                    made.deadline == from->deadline.value);
    }
}

static void knows_the_flags(void **state) /* [P21] */
{
    (void) state;
    struct oci_scheduler scheduler = { .policy = OCI_SCHEDPOL_DEADLINE,
                                       .runtime = SET(5000),
                                       .deadline = SET(5000) };
    for (uint8_t flag = 0; flag < 7; flag++) {
        struct scheduler_plan made = { 0 };
        scheduler.flags = (struct oci_enum_array) FLAGS(flag);
        if (flag == OCI_SCHEDFLAG_KEEP_PARAMS)
            scheduler.runtime.value = scheduler.deadline.value = 0;
        assert_ok(plan(scheduler, &made));
        assert_int_equal(made.flags, 1 << flag);
        scheduler.runtime.value = scheduler.deadline.value = 5000;
    }
    struct scheduler_plan both = { 0 };
    assert_ok(plan((struct oci_scheduler){ .flags = FLAGS(0, 3, 0, 4) }, &both));
    assert_int_equal(both.flags, 0x19);
}

static const struct {
    struct oci_scheduler scheduler;
    const char *field, *words;
} bad[] = {
    { { .policy = OCI_SCHEDPOL_OTHER, .nice = SET(20) }, FIELD("nice"), "20 is not between" },
    { { .policy = OCI_SCHEDPOL_OTHER, .nice = SET(-21) }, FIELD("nice"), "-20 and 19" },
    { { .policy = OCI_SCHEDPOL_IDLE, .nice = SET(1) }, FIELD("nice"), "SCHED_IDLE has none" },
    { { .policy = OCI_SCHEDPOL_RR, .nice = SET(1), .priority = SET(1) },
      FIELD("nice"),
      "SCHED_RR has none" },
    { { .flags = FLAGS(OCI_SCHEDFLAG_KEEP_PARAMS), .nice = SET(1) },
      FIELD("nice"),
      "SCHED_FLAG_KEEP_PARAMS keeps the one that there is" },
    { { .policy = OCI_SCHEDPOL_FIFO }, FIELD("priority"), "SCHED_FIFO needs one, from 1 to 99" },
    { { .policy = OCI_SCHEDPOL_RR, .priority = SET(0) }, FIELD("priority"), "between 1 and 99" },
    { { .policy = OCI_SCHEDPOL_FIFO, .priority = SET(100) }, FIELD("priority"), "1 and 99" },
    { { .policy = OCI_SCHEDPOL_OTHER, .priority = SET(-1) }, FIELD("priority"), "-1 is not" },
    { { .policy = OCI_SCHEDPOL_OTHER, .priority = SET(10) },
      FIELD("priority"),
      "SCHED_OTHER has none" },
    { { .policy = OCI_SCHEDPOL_FIFO,
        .priority = SET(10),
        .flags = FLAGS(OCI_SCHEDFLAG_KEEP_PARAMS) },
      FIELD("priority"),
      "SCHED_FLAG_KEEP_PARAMS keeps" },
    { { .policy = OCI_SCHEDPOL_BATCH, .flags = FLAGS(0, OCI_SCHEDFLAG_RECLAIM) },
      FIELD("flags[1]"),
      "SCHED_FLAG_RECLAIM belongs to SCHED_DEADLINE, not to SCHED_BATCH" },
    { { .flags = FLAGS(OCI_SCHEDFLAG_DL_OVERRUN) }, FIELD("flags[0]"), "SCHED_FLAG_DL_OVERRUN" },
    { { .policy = OCI_SCHEDPOL_OTHER, .runtime = SET(1) }, FIELD("runtime"), "has none" },
    { { .policy = OCI_SCHEDPOL_IDLE, .deadline = SET(1) }, FIELD("deadline"), "has none" },
    { { .policy = OCI_SCHEDPOL_BATCH, .period = SET(1) }, FIELD("period"), "has none" },
    { { .policy = OCI_SCHEDPOL_DEADLINE }, FIELD("runtime"), "0 ns is less than 1024" },
    { { .policy = OCI_SCHEDPOL_DEADLINE, .runtime = SET(1023), .deadline = SET(2000) },
      FIELD("runtime"),
      "1023 ns is less than 1024" },
    { { .policy = OCI_SCHEDPOL_DEADLINE, .runtime = SET(2000) },
      FIELD("deadline"),
      "0 ns is less than the runtime, 2000" },
    { { .policy = OCI_SCHEDPOL_DEADLINE,
        .runtime = SET(2000),
        .deadline = SET(3000),
        .period = SET(2999) },
      FIELD("period"),
      "2999 ns is less than the deadline, 3000" },
    { { .policy = OCI_SCHEDPOL_DEADLINE, .runtime = SET(2000), .deadline = SET(1ULL << 63) },
      FIELD("deadline"),
      "9223372036854775808 ns is above 2^63 - 1" },
    { { .policy = OCI_SCHEDPOL_DEADLINE,
        .runtime = SET(2000),
        .deadline = SET(3000),
        .period = SET(UINT64_MAX) },
      FIELD("period"),
      "is above 2^63 - 1" },
};

static void refuses_what_does_not_fit(void **state) /* [P19] [P20] [P21] [P22] [P23] [P24] */
{
    (void) state;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct scheduler_plan made = { .nice = 7 };
        assert_error(plan(bad[i].scheduler, &made), ERROR_CONFIG, bad[i].field, bad[i].words);
        assert_int_equal(made.nice, 7);
    }
}

static void refuses_iso(void **state) /* [P18] */
{
    (void) state;
    struct scheduler_plan made;
    struct error *error = plan((struct oci_scheduler){ .policy = OCI_SCHEDPOL_ISO }, &made);
    assert_non_null(error);
    assert_string_not_equal(error->hint, "");
    assert_error(error, ERROR_UNSUPPORTED, FIELD("policy"), "never had it");
}

static void set_fair_ones(void)
{
    must(scheduler_apply(&(struct scheduler_plan){ .policy = SCHED_BATCH, .nice = 5 }, getpid()));
    claim(sched_getscheduler(0) == SCHED_BATCH && getpriority(PRIO_PROCESS, 0) == 5);
    struct scheduler_plan kept = { .policy = SCHED_NORMAL,
                                   .flags = SCHED_FLAG_KEEP_POLICY | SCHED_FLAG_KEEP_PARAMS };
    must(scheduler_apply(&kept, getpid()));
    claim(sched_getscheduler(0) == SCHED_BATCH && getpriority(PRIO_PROCESS, 0) == 5);
    struct scheduler_plan idle = { .policy = SCHED_IDLE, .flags = SCHED_FLAG_RESET_ON_FORK };
    must(scheduler_apply(&idle, getpid()));
    claim(sched_getscheduler(0) == (SCHED_IDLE | SCHED_RESET_ON_FORK));
}

static void sets_it(void **state) /* [P17] [P18] [P19] [P21] */
{
    (void) state;
    assert_in_child(set_fair_ones);
}

/* The kernel passes over this flag beside the other one. */
static void ask_for_what_is_ignored(void)
{
    struct scheduler_plan both = { .policy = SCHED_NORMAL,
                                   .flags = SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_KEEP_POLICY };
    claim_error(scheduler_apply(&both, getpid()), ERROR_READ_BACK,
                "SCHED_OTHER: the kernel says SCHED_OTHER, flags 0x0, nice 0, priority 0, ");
}

static void reads_it_back(void **state) /* [P21] */
{
    (void) state;
    assert_in_child(ask_for_what_is_ignored);
}

static void ask_as_user(void)
{
    if (geteuid() == 0)
        must(user_apply(&(struct user_plan){ .uid = 1000, .gid = 1000, .umask = 022 },
                        &(bool){ false }));
    struct rlimit none = { 0, 0 };
    claim(!setrlimit(RLIMIT_RTPRIO, &none) && !setrlimit(RLIMIT_NICE, &none));
    struct error *error =
        scheduler_apply(&(struct scheduler_plan){ .policy = SCHED_FIFO, .priority = 1 }, getpid());
    claim(error && error->number == EPERM);
    claim(!strcmp(error->hint, "it needs CAP_SYS_NICE outside of any user namespace"));
    claim_error(error, ERROR_SYSTEM, "SCHED_FIFO");
    struct scheduler_plan deadline = { .policy = SCHED_DEADLINE,
                                       .runtime = 2000,
                                       .deadline = 100000 };
    error = scheduler_apply(&deadline, getpid());
    claim(error && error->number == EPERM && strstr(error->hint, "all CPUs in the cpuset"));
    claim_error(error, ERROR_SYSTEM, "SCHED_DEADLINE");
}

static void hints_when_it_may_not(void **state) /* [P17] */
{
    (void) state;
    assert_in_child(ask_as_user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_it_alone_when_absent),
        cmocka_unit_test(knows_the_policies),
        cmocka_unit_test(knows_the_flags),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(refuses_iso),
        cmocka_unit_test(sets_it),
        cmocka_unit_test(reads_it_back),
        cmocka_unit_test(hints_when_it_may_not),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/scheduler", tests, NULL, NULL);
}
