/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/container/config.h"

#include "libocispec/semver.h"

static void test_versions(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        struct semver version;
    } good[] = {
        { "0.0.0", { 0, 0, 0 } },
        { "1.0.0", { 1, 0, 0 } },
        { "1.0.2-dev", { 1, 0, 2 } },
        { "1.3.0+dev", { 1, 3, 0 } },
        { "0.5.0-dev", { 0, 5, 0 } },
        { "1.2.3-rc.1+build.01", { 1, 2, 3 } },
        { "1.2.3----R-S.12.9.1--.12+meta", { 1, 2, 3 } },
        { "1.2.3-0A.is.legal", { 1, 2, 3 } },
        { "1.2.3-0", { 1, 2, 3 } },
        { "10.20.30", { 10, 20, 30 } },
        { "18446744073709551615.0.1", { UINT64_MAX, 0, 1 } },
        { "18446744073709551616.0.1", { UINT64_MAX, 0, 1 } },
        { "99999999999999999999999.999999999999999999.99999999999999999",
          { UINT64_MAX, 999999999999999999, 99999999999999999 } },
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct semver version = { 7, 7, 7 };
        if (!semver_parse(good[i].text, &version))
            fail_msg("%s", good[i].text);
        assert_memory_equal(&version, &good[i].version, sizeof(version));
    }
}

static void test_others(void **state)
{
    (void) state;
    static const char *const bad[] = {
        "",        "1",         "1.0",        "v1.0.0",     "01.0.0",   "1.00.0",     "1.0.01",
        "1.0.0.0", "1.0.0-",    "1.0.0+",     "1.0.0-a..b", "1.0.0-01", "1.0.0-a.01", "1.0.0 ",
        " 1.0.0",  "1.0.0-a_b", "1.0.0+a+b",  "1.0.0-+b",   "1..0",     ".1.0",       "1.0.",
        "-1.0.0",  "+1.0.0",    "1.0.0-\xc3", "1.0.x",      "latest",   "1.0.0+a..b", "1.0.0-a.",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct semver version = { 7, 8, 9 };
        if (semver_parse(bad[i], &version))
            fail_msg("%s", bad[i]);
        assert_true(version.major == 7 && version.minor == 8 && version.patch == 9);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "[V1] versions of Semantic Versioning 2.0.0 are taken apart", test_versions, NULL, NULL,
          NULL },
        { "[V1] anything else is no version", test_others, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
