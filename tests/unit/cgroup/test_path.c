/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/path: the one rule for names of cgroups. */
#include "tests/unit/cgroup/fixture.h"

#include "cgroup/path.h"

static void takes_paths(void **state)
{
    (void) state;
    static const char *const good[] = { "/a",   "/a/b", "/a b/c:d:e", "/...",        "/.a",
                                        "/a..", "/-x",  "/\xc3\xa9",  "/cgroup.x/y", "/\\" };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_null(cgroup_path_fault(good[i]));
}

static void refuses_paths(void **state)
{
    (void) state;
    static const struct {
        const char *path, *why;
    } bad[] = {
        { "/", "empty" },           { "//a", "empty" },
        { "/a//b", "empty" },       { "/a/", "empty" },
        { "/..", "'.' or '..'" },   { "/../a", "'.' or '..'" },
        { "/a/..", "'.' or '..'" }, { "/a/../b", "'.' or '..'" },
        { "/.", "'.' or '..'" },    { "/a/./b", "'.' or '..'" },
        { "/a\nb", "control" },     { "/a\x7f", "control" },
        { "/a\x01/b", "control" },  { "/a\xff", "UTF-8" },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *fault = cgroup_path_fault(bad[i].path);
        if (!fault || !strstr(fault, bad[i].why))
            fail_msg("%s: %s", bad[i].path, fault ? fault : "taken");
    }
}

static void counts_bytes(void **state)
{
    (void) state;
    char part[258] = "/";
    memset(part + 1, 'a', 255);
    assert_null(cgroup_path_fault(part));
    part[256] = 'a';
    assert_non_null(strstr(cgroup_path_fault(part), "255"));

    char path[CGROUP_PATH_MAX + 3];
    for (size_t i = 0; i < sizeof(path); i += 2)
        memcpy(path + i, "/a", i + 2 <= sizeof(path) ? 2 : 1);
    path[CGROUP_PATH_MAX] = '\0';
    assert_null(cgroup_path_fault(path));
    path[CGROUP_PATH_MAX] = '/';
    path[CGROUP_PATH_MAX + 2] = '\0';
    assert_non_null(strstr(cgroup_path_fault(path), "too long"));
}

static void knows_systemd(void **state)
{
    (void) state;
    assert_true(cgroup_path_is_systemd("machine.slice:libpod:1234"));
    assert_true(cgroup_path_is_systemd(":libpod:1234"));
    assert_true(cgroup_path_is_systemd("::"));
    assert_false(cgroup_path_is_systemd("/a:b:c"));
    assert_false(cgroup_path_is_systemd("a:b:c/d"));
    assert_false(cgroup_path_is_systemd("a:b"));
    assert_false(cgroup_path_is_systemd("a:b:c:d"));
    assert_false(cgroup_path_is_systemd(""));
}

static void joins_what_is_good(void **state)
{
    (void) state;
    char out[CGROUP_PATH_SIZE];
    assert_ok(cgroup_path_join("/m", "/a/b", out));
    assert_string_equal(out, "/m/a/b");
    assert_error(cgroup_path_join("/m", "a", out), ERROR_CGROUP, "not absolute");
    assert_error(cgroup_path_join("/m", "", out), ERROR_CGROUP, "not absolute");
    assert_error(cgroup_path_join("/m", "/", out), ERROR_CGROUP, "empty");
    assert_error(cgroup_path_join("/m", "/../b", out), ERROR_CGROUP, "'..'");
    assert_string_equal(out, "/m/a/b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "takes paths [CG2]", takes_paths, NULL, NULL, NULL },
        { "refuses paths [CG5] (T61)", refuses_paths, NULL, NULL, NULL },
        { "counts bytes [CG5]", counts_bytes, NULL, NULL, NULL },
        { "knows what systemd takes [CG5]", knows_systemd, NULL, NULL, NULL },
        { "joins mount and path (T31)", joins_what_is_good, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/path", tests, NULL, NULL);
}
