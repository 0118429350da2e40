/* SPDX-License-Identifier: Apache-2.0 */
/* process/cwd: process.cwd. */
#include <limits.h>

#include "tests/unit/os/in_child.h"
#include "tests/unit/process/checks.h"
#include "tests/unit/process/tree.h"

#include "libocispec/process.h"
#include "os/path.h"
#include "process/cwd.h"
#include "process/user.h"

#define FAILED "chdir to cwd (\"%s\") set in config.json failed: "

static void plans_what_is_absolute(void **state) /* [P7] */
{
    (void) state;
    struct oci_process process = { .cwd = "/a/b" };
    const char *cwd = "untouched";
    assert_ok(cwd_plan(&process, &cwd));
    assert_string_equal(cwd, "/a/b");

    static const char *const bad[] = { "", "tmp", "./tmp", "../", " /tmp" };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        process.cwd = bad[i];
        assert_error(cwd_plan(&process, &cwd), ERROR_CONFIG, "process.cwd", "not an absolute path");
    }
    assert_string_equal(cwd, "/a/b");
}

static void expect_place(const char *cwd, const char *place)
{
    char expected[PATH_MAX], got[PATH_MAX];
    assert_ok(cwd_enter(cwd, root));
    snprintf(expected, sizeof(expected), "%s%s", tree, place);
    assert_non_null(getcwd(got, sizeof(got)));
    assert_string_equal(got, expected);
}

static void enters_below_the_root(void **state)
{
    (void) state;
    assert_int_equal(tree_add("a/", 0755), 0);
    assert_int_equal(tree_add("a/b/", 0755), 0);
    assert_int_equal(symlinkat("/a/b", root, "link"), 0);
    assert_int_equal(symlinkat("../../../../a", root, "up"), 0);
    expect_place("/", "");
    expect_place("/a/b", "/a/b");
    expect_place("/link", "/a/b");
    expect_place("/up/b/..", "/a");
    expect_place("/../../..", "");
}

/* The filter of the process may forbid getcwd(2) when its own is entered. */
static void enter_without_getcwd(void)
{
    refuse_call(SYS_getcwd, EPERM);
    must(cwd_enter("/a/b", root));
    must(cwd_enter("/", root));
}

static void needs_no_getcwd(void **state) /* [P7] (T07) */
{
    (void) state;
    need_root();
    assert_int_equal(tree_add("a/", 0755) | tree_add("a/b/", 0755), 0);
    assert_in_child(enter_without_getcwd);
}

static void knows_what_is_inside(void **state) /* (R10) */
{
    (void) state;
    bool is_inside = false;
    assert_int_equal(tree_add("a/", 0755) | tree_add("a/b/", 0755), 0);
    int inner = openat(root, "a", O_PATH | O_DIRECTORY), deep = openat(inner, "b", O_PATH);
    assert_ok(path_is_inside(root, deep, &is_inside));
    assert_true(is_inside);
    assert_ok(path_is_inside(root, root, &is_inside));
    assert_true(is_inside);
    assert_ok(path_is_inside(inner, root, &is_inside));
    assert_false(is_inside);
    assert_ok(path_is_inside(deep, inner, &is_inside));
    assert_false(is_inside);
    close(inner);
    close(deep);
}

static void makes_what_is_missing(void **state)
{
    (void) state;
    mode_t before = umask(0);
    assert_ok(cwd_make("/x/y/z", root));
    assert_ok(cwd_make("/x/y/z", root));
    umask(before);
    expect_place("/x/y/z", "/x/y/z");
    struct stat status;
    assert_int_equal(fstatat(root, "x/y/z", &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0755);
}

static void expect_refusal(struct error *error, const char *cwd, const char *words)
{
    char text[256];
    snprintf(text, sizeof(text), FAILED "%s", cwd, words);
    assert_non_null(error);
    assert_string_equal(error->text, text);
    assert_int_equal(error->number, 0);
    assert_error(error, ERROR_CWD, NULL, text);
}

static void refuses_in_known_words(void **state)
{
    (void) state;
    assert_int_equal(tree_add("file", 0755), 0);
    expect_refusal(cwd_enter("/missing", root), "/missing", "no such file or directory");
    expect_refusal(cwd_enter("/missing/a", root), "/missing/a", "no such file or directory");
    expect_refusal(cwd_enter("/file", root), "/file", "not a directory");
    expect_refusal(cwd_enter("/file/a", root), "/file/a", "not a directory");
    expect_refusal(cwd_make("/file", root), "/file", "not a directory");
    expect_refusal(cwd_make("/file/a", root), "/file/a", "not a directory");
}

static void enter_as_user(void)
{
    must(user_apply(&(struct user_plan){ .uid = 1000, .gid = 1000, .umask = 022 },
                    &(bool){ false }));
    claim_error(cwd_enter("/closed", root), ERROR_CWD, "failed: permission denied");
    claim_error(cwd_enter("/closed/in", root), ERROR_CWD, "failed: permission denied");
    must(cwd_enter("/open", root));
}

static void refuses_what_the_user_may_not(void **state)
{
    (void) state;
    need_root();
    assert_int_equal(tree_add("closed/", 0700), 0);
    assert_int_equal(tree_add("closed/in/", 0755), 0);
    assert_int_equal(tree_add("open/", 0755), 0);
    assert_in_child(enter_as_user);
}

static void refuses_links_of_proc(void **state) /* (T07) */
{
    (void) state;
    int leaked = open("/tmp", O_PATH | O_DIRECTORY);
    int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", leaked);
    const char *const bad[] = { path, "/proc/self/root", "/proc/self/cwd", "/proc/self/cwd/.." };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct error *error = cwd_enter(bad[i], host);
        assert_non_null(error);
        assert_true(strstr(error->hint, "/proc") != NULL);
        assert_error(error, ERROR_CWD, NULL, bad[i]);
    }
    close(host);
    close(leaked);
}

static void leave_the_root(void)
{
    int outside = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    claim(outside >= 0);
    claim(chroot(tree) == 0);
    claim_error(cwd_enter("/tmp", outside), ERROR_CWD, "it lies outside of the container");
}

static void refuses_a_place_outside_of_the_root(void **state) /* (R10) */
{
    (void) state;
    need_root();
    assert_in_child(leave_the_root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_what_is_absolute),
        cmocka_unit_test_setup_teardown(enters_below_the_root, tree_open, tree_close),
        cmocka_unit_test_setup_teardown(needs_no_getcwd, tree_open, tree_close),
        cmocka_unit_test_setup_teardown(knows_what_is_inside, tree_open, tree_close),
        cmocka_unit_test_setup_teardown(makes_what_is_missing, tree_open, tree_close),
        cmocka_unit_test_setup_teardown(refuses_in_known_words, tree_open, tree_close),
        cmocka_unit_test_setup_teardown(refuses_what_the_user_may_not, tree_open, tree_close),
        cmocka_unit_test(refuses_links_of_proc),
        cmocka_unit_test_setup_teardown(refuses_a_place_outside_of_the_root, tree_open, tree_close),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/cwd", tests, NULL, NULL);
}
