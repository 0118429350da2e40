/* SPDX-License-Identifier: Apache-2.0 */
/* process/rlimits: process.rlimits. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/process/checks.h"

#include "libocispec/process.h"
#include "process/rlimits.h"
#include "process/user.h"

static const struct {
    const char *name;
    int resource;
} all[] = {
    { "RLIMIT_CPU", RLIMIT_CPU },           { "RLIMIT_FSIZE", RLIMIT_FSIZE },
    { "RLIMIT_DATA", RLIMIT_DATA },         { "RLIMIT_STACK", RLIMIT_STACK },
    { "RLIMIT_CORE", RLIMIT_CORE },         { "RLIMIT_RSS", RLIMIT_RSS },
    { "RLIMIT_NPROC", RLIMIT_NPROC },       { "RLIMIT_NOFILE", RLIMIT_NOFILE },
    { "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },   { "RLIMIT_AS", RLIMIT_AS },
    { "RLIMIT_LOCKS", RLIMIT_LOCKS },       { "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
    { "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE }, { "RLIMIT_NICE", RLIMIT_NICE },
    { "RLIMIT_RTPRIO", RLIMIT_RTPRIO },     { "RLIMIT_RTTIME", RLIMIT_RTTIME },
};

static struct error *plan(struct oci_rlimit **limits, uint32_t n, struct rlimits_plan *made)
{
    struct oci_process process = { .rlimits = { limits, n } };
    return rlimits_plan(&process, fresh_arena(), made);
}

static void knows_all_sixteen(void **state) /* [RL2] */
{
    (void) state;
    struct oci_rlimit limits[16], *pointers[16];
    assert_int_equal(LENGTH(all), 16);
    for (uint32_t i = 0; i < 16; i++) {
        limits[i] = (struct oci_rlimit){ all[i].name, i, UINT64_MAX - i };
        pointers[i] = &limits[i];
    }
    struct rlimits_plan made;
    assert_ok(plan(pointers, 16, &made));
    assert_int_equal(made.n, 16);
    for (uint32_t i = 0; i < 16; i++) {
        assert_int_equal(made.v[i].resource, all[i].resource);
        assert_int_equal(made.v[i].soft, i);
        assert_true(made.v[i].hard == UINT64_MAX - i);
        assert_string_equal(made.v[i].name, all[i].name);
    }
}

static void refuses_unknown_types(void **state) /* [RL2] */
{
    (void) state;
    static const char *const bad[] = {
        "", "NOFILE", "RLIMIT_FOO", "rlimit_nofile", "RLIMIT_NOFILE ", "RLIMIT_", "RLIMIT_NOFIL"
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct oci_rlimit good = { "RLIMIT_CPU", 1, 1 }, limit = { bad[i], 1, 1 };
        struct oci_rlimit *limits[] = { &good, &limit };
        struct rlimits_plan made = { .n = 7 };
        assert_error(plan(limits, 2, &made), ERROR_CONFIG, "process.rlimits[1].type",
                     "is no resource limit");
        assert_int_equal(made.n, 7);
    }
}

static void refuses_a_type_twice(void **state) /* [RL5] */
{
    (void) state;
    struct oci_rlimit a = { "RLIMIT_CORE", 1, 1 }, b = { "RLIMIT_CPU", 1, 1 };
    struct oci_rlimit *limits[] = { &a, &b, &a };
    struct rlimits_plan made;
    assert_error(plan(limits, 3, &made), ERROR_CONFIG, "process.rlimits[2].type",
                 "RLIMIT_CORE stands in process.rlimits[0] already");
}

static void refuses_soft_above_hard(void **state) /* [RL3] */
{
    (void) state;
    struct oci_rlimit limit = { "RLIMIT_CORE", UINT64_MAX, 1 }, *limits[] = { &limit };
    struct rlimits_plan made;
    assert_error(plan(limits, 1, &made), ERROR_CONFIG, "process.rlimits[0].soft",
                 "18446744073709551615 is above the hard limit 1");
}

static void sets_them_on_a_process(void **state) /* [RL3] [RL4] */
{
    (void) state;
    struct rlimit_plan limits[] = {
        { RLIMIT_NOFILE, 100, 200, true, "RLIMIT_NOFILE" },
        { RLIMIT_CORE, 0, 0, true, "RLIMIT_CORE" },
        { RLIMIT_NOFILE, 1, 1, false, "RLIMIT_NOFILE" },
    };
    pid_t pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    struct error *error = rlimits_raise(&(struct rlimits_plan){ limits, 3, 2 }, pid);
    struct rlimit files = { 0 }, core = { 1, 1 };
    int wrong = prlimit(pid, RLIMIT_NOFILE, NULL, &files) | prlimit(pid, RLIMIT_CORE, NULL, &core);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_ok(error);
    assert_int_equal(wrong, 0);
    assert_int_equal(files.rlim_cur, 200); /* the soft limit follows only as far as it must */
    assert_int_equal(files.rlim_max, 200);
    assert_int_equal(core.rlim_cur, 0);
    assert_int_equal(core.rlim_max, 0);
}

static void set_all(void)
{
    struct rlimit_plan limits[] = {
        { RLIMIT_NOFILE, 5, 6, false, "RLIMIT_NOFILE" },
        { RLIMIT_CORE, 0, 0, true, "RLIMIT_CORE" },
    };
    struct rlimit files = { 0 }, core = { 1, 1 };
    must(rlimits_set(&(struct rlimits_plan){ limits, 2, 1 }));
    claim(!getrlimit(RLIMIT_NOFILE, &files) && !getrlimit(RLIMIT_CORE, &core));
    claim(files.rlim_cur == 5 && files.rlim_max == 6);
    claim(core.rlim_cur == 0 && core.rlim_max == 0);
}

/* What init still has to do is not bound by a low soft limit below a raised hard one. */
static void raise_hard_alone(void)
{
    struct rlimit before, after;
    claim(!getrlimit(RLIMIT_NOFILE, &before));
    struct rlimit_plan limit = { RLIMIT_NOFILE, 3, before.rlim_max, true, "RLIMIT_NOFILE" };
    must(rlimits_raise(&(struct rlimits_plan){ &limit, 1, 1 }, getpid()));
    claim(!getrlimit(RLIMIT_NOFILE, &after));
    claim(after.rlim_cur == before.rlim_cur && after.rlim_max == before.rlim_max);
}

static void raises_no_more_than_it_must(void **state)
{
    (void) state;
    assert_in_child(raise_hard_alone);
}

static void sets_all_for_itself(void **state) /* [RL3] */
{
    (void) state;
    assert_in_child(set_all);
}

static void tells_raised_from_lowered(void **state)
{
    (void) state;
    struct rlimit current;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &current), 0);
    struct oci_rlimit same = { "RLIMIT_NOFILE", 1, current.rlim_max };
    struct oci_rlimit more = { "RLIMIT_NOFILE", 1, current.rlim_max + 1 };
    struct oci_rlimit *limits[] = { &same };
    struct rlimits_plan made;
    assert_ok(plan(limits, 1, &made));
    assert_false(made.v[0].is_raised || made.raised);
    limits[0] = &more;
    assert_ok(plan(limits, 1, &made));
    assert_true(made.v[0].is_raised && made.raised == 1);
}

static void expect_refusal(struct rlimit_plan limit, const char *text)
{
    struct error *error = rlimits_raise(&(struct rlimits_plan){ &limit, 1, 1 }, getpid());
    claim(error && error->number == EPERM && error->call == CALL_PRLIMIT &&
          !strcmp(error->object, limit.name));
    claim_error(error, ERROR_SYSTEM, text);
}

static void raise_as_user(void)
{
    if (geteuid() == 0)
        must(user_apply(&(struct user_plan){ .uid = 1000, .gid = 1000, .umask = 022 },
                        &(bool){ false }));
    struct rlimit low = { 10, 10 };
    claim(setrlimit(RLIMIT_CORE, &low) == 0);
    expect_refusal((struct rlimit_plan){ RLIMIT_CORE, 11, 12, true, "RLIMIT_CORE" },
                   "RLIMIT_CORE to 11, hard 12");
    expect_refusal(
        (struct rlimit_plan){ RLIMIT_NOFILE, UINT64_MAX, UINT64_MAX, true, "RLIMIT_NOFILE" },
        "RLIMIT_NOFILE to 18446744073709551615");
}

static void tells_what_it_may_not_raise(void **state) /* [RL4] */
{
    (void) state;
    assert_in_child(raise_as_user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_all_sixteen),         cmocka_unit_test(refuses_unknown_types),
        cmocka_unit_test(refuses_a_type_twice),      cmocka_unit_test(refuses_soft_above_hard),
        cmocka_unit_test(sets_them_on_a_process),    cmocka_unit_test(tells_what_it_may_not_raise),
        cmocka_unit_test(sets_all_for_itself),       cmocka_unit_test(raises_no_more_than_it_must),
        cmocka_unit_test(tells_raised_from_lowered),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/rlimits", tests, NULL, NULL);
}
