/* SPDX-License-Identifier: Apache-2.0 */
/* The ways of paths through the links of an image, name by name. */

#include "os/path_links.h"

#include "os/path_walk.h"
#include "tests/unit/os/path_tree.h"

/* All that is passed, "/a /a/b", and nothing outside of the root. */
static void assert_way(const char *path, const char *names)
{
    struct path_links way;
    char passed[PATH_MAX] = "";

    path_links_begin(&way, root, path);
    while (path_links_next(&way)) {
        strcat(passed, *passed ? " " : "");
        strcat(passed, *way.here ? way.here : "/");
    }
    assert_string_equal(passed, names);
}

static void make_link(const char *text, const char *name)
{
    assert_return_code(symlinkat(text, root, name), errno);
}

static void make_directory(const char *name)
{
    assert_return_code(mkdirat(root, name, 0755), errno);
}

static void test_plain_names(void **context)
{
    (void) context;
    make_directory("a");
    make_directory("a/b");
    assert_way("/a/b", "/a /a/b");
    assert_way("a//b/", "/a /a/b");
    assert_way("/a/./b/../c/d", "/a /a /a/b /a /a/c /a/c/d");
    assert_way("/", "");
    assert_way("", "");
}

static void test_links_are_read(void **context)
{
    (void) context;
    make_directory("a");
    make_link("/data/tool", "tool");
    make_link("../tool", "a/again");
    make_link("b/c", "a/below");
    assert_way("/tool", "/ /data /data/tool");
    assert_way("/a/again", "/a /a / / /data /data/tool");
    assert_way("/a/below/d", "/a /a /a/b /a/b/c /a/b/c/d");
}

/* The host has canary/a and c beside the root. */
static void test_none_leads_out(void **context)
{
    (void) context;
    make_link("../../../canary/a", "up");
    assert_way("/up", "/ / / / /canary /canary/a");
    assert_way("../../c", "/ / /c");
}

static void test_it_ends(void **context)
{
    (void) context;
    struct path_links way;
    char text[PATH_MAX];
    unsigned names = 0;

    make_link("loop", "loop");
    path_links_begin(&way, root, "/loop");
    while (path_links_next(&way))
        names++;
    assert_int_equal(names, PATH_WALK_LINKS);
    memset(text, 'x', NAME_MAX + 1);
    text[NAME_MAX + 1] = '\0';
    assert_way(text, "");
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        text[i] = i % 2 ? 'x' : '/';
    text[sizeof(text) - 1] = '\0';
    make_link(text, "deep");
    assert_way("/deep/x", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_plain_names, empty_root),
        cmocka_unit_test_setup(test_links_are_read, empty_root),
        cmocka_unit_test_setup(test_none_leads_out, empty_root),
        cmocka_unit_test_setup(test_it_ends, empty_root),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
