/* SPDX-License-Identifier: Apache-2.0 */
/* process/oom_score: process.oomScoreAdj. */
#include <errno.h>
#include <signal.h>

#include "tests/unit/process/checks.h"

#include "libocispec/process.h"
#include "process/oom_score.h"
#include "security/capabilities.h"

static void plans_the_whole_range(void **state) /* [P15] */
{
    (void) state;
    static const int32_t good[] = { -1000, -1, 0, 1, 1000 };
    static const int32_t bad[] = { -1001, 1001, INT32_MIN, INT32_MAX };
    struct oci_process process = { .oom_score_adj = { .present = true } };
    struct oom_score_plan plan;
    for (size_t i = 0; i < LENGTH(good); i++) {
        process.oom_score_adj.value = good[i];
        assert_ok(oom_score_plan(&process, &plan));
        assert_true(plan.has_score);
        assert_int_equal(plan.score, good[i]);
    }
    for (size_t i = 0; i < LENGTH(bad); i++) {
        process.oom_score_adj.value = bad[i];
        assert_error(oom_score_plan(&process, &plan), ERROR_CONFIG, "process.oomScoreAdj",
                     "is not between -1000 and 1000");
    }
}

static int read_score(pid_t pid)
{
    char path[64];
    int score = INT32_MIN;
    snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
    FILE *file = fopen(path, "re");
    if (!file || fscanf(file, "%d", &score) != 1)
        fail_msg("cannot read %s", path);
    fclose(file);
    return score;
}

static pid_t child;

static int start_child(void **state)
{
    (void) state;
    child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    return child < 0;
}

static int end_child(void **state)
{
    (void) state;
    kill(child, SIGKILL);
    return waitpid(child, NULL, 0) != child;
}

static void leaves_it_alone_when_absent(void **state) /* [P16] */
{
    (void) state;
    struct oci_process process = { 0 };
    struct oom_score_plan plan = { .has_score = true };
    int before = read_score(child);
    assert_ok(oom_score_plan(&process, &plan));
    assert_false(plan.has_score);
    assert_ok(oom_score_apply(&plan, child));
    assert_int_equal(read_score(child), before);
}

static void writes_it(void **state) /* [P15] */
{
    (void) state;
    assert_ok(oom_score_apply(&(struct oom_score_plan){ .has_score = true, .score = 977 }, child));
    assert_int_equal(read_score(child), 977);
    assert_ok(oom_score_apply(&(struct oom_score_plan){ .has_score = true, .score = 1000 }, child));
    assert_int_equal(read_score(child), 1000);
}

static void lends_its_own(void **state)
{
    (void) state;
    int before = -1, was = read_score(getpid());
    const struct oom_score_plan plan = { .has_score = true, .score = 900 };
    assert_ok(oom_score_lend(&plan, &before));
    assert_int_equal(before, was);
    assert_int_equal(read_score(getpid()), 900);
    assert_ok(oom_score_take_back(before));
    assert_int_equal(read_score(getpid()), was);
}

static void hints_when_it_may_not_lower(void **state)
{
    (void) state;
    struct capabilities_plan own;
    assert_ok(capabilities_read(&own));
    if (own.effective >> 24 & 1) /* CAP_SYS_RESOURCE */
        skip();
    struct error *error =
        oom_score_apply(&(struct oom_score_plan){ .has_score = true, .score = -1000 }, child);
    assert_non_null(error);
    assert_int_equal(error->number, EACCES);
    assert_non_null(strstr(error->hint, "CAP_SYS_RESOURCE"));
    assert_error(error, ERROR_SYSTEM, NULL, "score -1000: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_the_whole_range),
        cmocka_unit_test_setup_teardown(leaves_it_alone_when_absent, start_child, end_child),
        cmocka_unit_test_setup_teardown(writes_it, start_child, end_child),
        cmocka_unit_test(lends_its_own),
        cmocka_unit_test_setup_teardown(hints_when_it_may_not_lower, start_child, end_child),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/oom_score", tests, NULL, NULL);
}
