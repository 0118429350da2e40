/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/nearest.h"

static const char *const commands[] = { "run",  "create", "start",    "state",   "kill", "delete",
                                        "list", "spec",   "features", "version", "help" };

static const char *nearest_to(const char *word)
{
    struct nearest nearest = { .word = word };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        nearest_consider(&nearest, commands[i]);
    return nearest.best;
}

static void test_slips(void **state)
{
    (void) state;
    static const char *const slips[][2] = {
        { "rnu", "run" },         { "creat", "create" },     { "craete", "create" },
        { "strat", "start" },     { "stat", "state" },       { "sttae", "state" },
        { "kil", "kill" },        { "klil", "kill" },        { "delte", "delete" },
        { "lit", "list" },        { "ist", "list" },         { "lsit", "list" },
        { "specs", "spec" },      { "feature", "features" }, { "featuers", "features" },
        { "verison", "version" }, { "hlep", "help" },        { "create", "create" },
    };
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        const char *best = nearest_to(slips[i][0]);
        if (!best)
            fail_msg("nothing is near to %s", slips[i][0]);
        assert_string_equal(best, slips[i][1]);
    }
}

static void test_strangers(void **state)
{
    (void) state;
    static const char *const strangers[] = {
        "",         "x",          "zz",
        "nonsense", "checkpoint", "restore",
        "remote",   "q",          "a-word-that-is-far-too-long-to-be-any-of-them",
    };
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
        if (nearest_to(strangers[i]))
            fail_msg("%s is near to %s", strangers[i], nearest_to(strangers[i]));
}

static void test_first(void **state)
{
    (void) state;
    struct nearest nearest = { .word = "ab" };
    nearest_consider(&nearest, "xb");
    assert_string_equal(nearest.best, "xb");
    nearest_consider(&nearest, "ax"); /* the same beginning wins */
    assert_string_equal(nearest.best, "ax");
    nearest_consider(&nearest, "ay"); /* else the first stays */
    assert_string_equal(nearest.best, "ax");
    nearest_consider(&nearest, "ab");
    assert_string_equal(nearest.best, "ab");
    nearest_consider(&nearest, "ax");
    assert_string_equal(nearest.best, "ab");
}

static void assert_hint(const char *word, const char *const *known, size_t n, const char *hint)
{
    struct error *error = nearest_hint(error_new(ERROR_CONFIG, "x"), word, known, n);

    assert_string_equal(error->hint, hint);
    error_forget(error);
}

static void test_hint(void **state)
{
    (void) state;
    static const char *const kinds[] = { "pid", "network", "time" };

    assert_hint("netwrok", kinds, 3, "did you mean 'network'?");
    assert_hint("PID", kinds, 3, "did you mean 'pid'?");
    assert_hint("net", kinds, 3, "it is one of pid, network, time");
    assert_hint("", kinds, 3, "it is one of pid, network, time");
    assert_hint("x", kinds, 1, "it is one of pid");
}

static void test_head(void **state)
{
    (void) state;
    static const char *const acts[] = { "ACT_KILL", "ACT_KILL_IT", "ACT_KIN" };
    static const char *const domains[] = { "LINUX", "LINUX32" };

    assert_hint("ACT_KILLL", acts, 3, "did you mean 'ACT_KILL'?");
    assert_hint("act_kill_ti", acts, 3, "did you mean 'ACT_KILL_IT'?");
    assert_hint("KIN", acts, 3, "did you mean 'ACT_KIN'?");
    assert_hint("ACT_DENY", acts, 3, "it is ACT_ with one of KILL, KILL_IT, KIN");
    assert_hint("ACT_", acts, 3, "it is ACT_ with one of KILL, KILL_IT, KIN");
    assert_hint("AC", acts, 3, "it is ACT_ with one of KILL, KILL_IT, KIN");
    assert_hint("LINX", domains, 2, "did you mean 'LINUX'?");
    assert_hint("BSD", domains, 2, "it is one of LINUX, LINUX32");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "slips are understood", test_slips, NULL, NULL, NULL },
        { "strange words have no neighbours", test_strangers, NULL, NULL, NULL },
        { "the nearest wins, then the longest beginning, then the first", test_first, NULL, NULL,
          NULL },
        { "a hint names the nearest word, or else all", test_hint, NULL, NULL, NULL },
        { "what all words begin with is no likeness", test_head, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
