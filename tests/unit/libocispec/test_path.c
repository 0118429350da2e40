/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/path.h"

#include "tests/unit/libocispec/document.h"

static const char *member(const char *path, const char *key)
{
    return path_member(path, key, strlen(key));
}

static void takes_members(void **state)
{
    (void) state;
    assert_string_equal(member("process.cwd", "process"), "cwd");
    assert_string_equal(member("mounts[2].type", "mounts"), "[2].type");
    assert_string_equal(member("hostname", "hostname"), "");
    assert_string_equal(member("net.ipv4.x.y", "net.ipv4.x"), "y");
    assert_null(member("processes", "process"));
    assert_null(member("process", "processes"));
    assert_null(member("Process", "process"));
    assert_null(member("process.", "process"));
    assert_null(member("", "process"));
}

static void takes_indexes(void **state)
{
    (void) state;
    uint32_t index = 7;
    assert_string_equal(path_index("[0]", &index), "");
    assert_int_equal(index, 0);
    assert_string_equal(path_index("[4294967295].soft", &index), "soft");
    assert_int_equal(index, UINT32_MAX);
    assert_string_equal(path_index("[1][2]", &index), "[2]");
    assert_int_equal(index, 1);

    static const char *const bad[] = { "",   "[",    "[]",           "[x]",
                                       "[1", "[-1]", "[4294967296]", "[99999999999]",
                                       "1]", "[1]x", "[1].",         "[1 ]" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_null(path_index(bad[i], &index));
    assert_int_equal(index, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("members are taken whole, with the dots in them", takes_members),
        TEST("indexes are taken, and nothing else in brackets", takes_indexes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
