/* SPDX-License-Identifier: Apache-2.0 */
/* process/executable: process.args[0]. */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

#include "tests/unit/os/in_child.h"
#include "tests/unit/process/checks.h"
#include "tests/unit/process/tree.h"

#include "process/executable.h"
#include "process/user.h"

/*
 * /bin/run       may be run
 * /bin/plain     may not
 * /bin/folder    is a directory
 * /sbin/plain    may be run
 * /link          to /bin/run, as the container sees it
 * /fifo, /desk/run, /secret/run (the directory is root's alone), /bin/mine (is root's alone)
 */
static int make_tree(void **state)
{
    static const struct {
        const char *path;
        mode_t mode;
    } entries[] = {
        { "bin/", 0755 },     { "bin/run", 0755 },     { "bin/plain", 0644 },
        { "sbin/", 0755 },    { "bin/folder/", 0755 }, { "desk/", 0755 },
        { "desk/run", 0755 }, { "sbin/plain", 0755 },  { "secret/", 0700 },
        { "bin/mine", 0700 }, { "secret/run", 0755 },
    };
    if (tree_open(state))
        return -1;
    for (size_t i = 0; i < LENGTH(entries); i++)
        if (tree_add(entries[i].path, entries[i].mode))
            return -1;
    return symlinkat("/bin/run", root, "link") || mkfifoat(root, "fifo", 0755);
}

static void finds_what_may_be_run(void **state) /* [P9] */
{
    (void) state;
    static const struct {
        const char *name, *search, *path;
    } cases[] = {
        { "/bin/run", NULL, "/bin/run" },
        { "/link", NULL, "/link" },
        { "/../bin/./run", "/nowhere", "/../bin/./run" },
        { "run", NULL, "/bin/run" },
        { "run", "/sbin:/bin", "/bin/run" },
        { "run", "/none:/bin/plain:/bin", "/bin/run" },
        { "plain", "/bin:/sbin", "/sbin/plain" },
        { "folder", "/bin:/none", NULL },
        { "run", "/desk:/bin", "/desk/run" },
        { "run", "/bin/", "/bin//run" },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char path[EXECUTABLE_PATH_SIZE] = "";
        struct error *error = executable_find(cases[i].name, cases[i].search, root, path);
        if (!cases[i].path) {
            assert_error(error, ERROR_EXECUTABLE_REFUSED, NULL, "permission denied");
            continue;
        }
        assert_ok(error);
        assert_string_equal(path, cases[i].path);
    }
}

static void refuses_in_the_words_of_engines(void **state)
{
    (void) state;
    static const struct {
        const char *name, *search, *text;
        enum error_code code;
    } cases[] = {
        { "", NULL, "exec: \"\": executable file not found in $PATH", ERROR_EXECUTABLE_MISSING },
        { "none", NULL, "exec: \"none\": executable file not found in $PATH",
          ERROR_EXECUTABLE_MISSING },
        { "run", "/none:/fifo", "exec: \"run\": executable file not found in $PATH",
          ERROR_EXECUTABLE_MISSING },
        { "/none", NULL, "exec: \"/none\": stat /none: no such file or directory",
          ERROR_EXECUTABLE_MISSING },
        { "/none/run", "/bin", "exec: \"/none/run\": stat /none/run: no such file or directory",
          ERROR_EXECUTABLE_MISSING },
        { "/bin/run/x", NULL, "exec: \"/bin/run/x\": stat /bin/run/x: not a directory",
          ERROR_EXECUTABLE_MISSING },
        { "/bin/plain", NULL, "exec: \"/bin/plain\": permission denied", ERROR_EXECUTABLE_REFUSED },
        { "plain", NULL, "exec: \"plain\": permission denied", ERROR_EXECUTABLE_REFUSED },
        { "/fifo", NULL, "exec: \"/fifo\": permission denied", ERROR_EXECUTABLE_REFUSED },
        { "/bin", NULL, "exec: \"/bin\": permission denied: is a directory",
          ERROR_EXECUTABLE_REFUSED },
        { "/", NULL, "exec: \"/\": permission denied: is a directory", ERROR_EXECUTABLE_REFUSED },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char path[EXECUTABLE_PATH_SIZE] = "untouched";
        const char *search = cases[i].search ? cases[i].search : "/sbin/:/bin/run:/bin";
        if (text_equal(cases[i].name, "plain"))
            search = "/none:/bin";
        struct error *error = executable_find(cases[i].name, search, root, path);
        assert_non_null(error);
        assert_string_equal(error->text, cases[i].text);
        assert_int_equal(error->number, 0);
        assert_error(error, cases[i].code, NULL, "");
        assert_string_equal(path, "untouched");
    }
}

static void find_from_cwd(void)
{
    static const struct {
        const char *name, *search, *path;
    } cases[] = {
        { "./run", NULL, "./run" },
        { "../bin/run", NULL, "../bin/run" },
        { "run", "", "run" },
        { "run", ":/bin", "run" },
        { "run", "/none:", "run" },
        { "run", "/none::/bin", "run" },
        { "run", "../bin", "../bin/run" },
        { "mine", "/bin", "/bin/mine" },
    };
    claim(chroot(tree) == 0 && chdir("/desk") == 0);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char path[EXECUTABLE_PATH_SIZE] = "";
        must(executable_find(cases[i].name, cases[i].search, root, path));
        claim(text_equal(path, cases[i].path));
    }
}

static void finds_relative_to_the_cwd(void **state)
{
    (void) state;
    need_root();
    assert_in_child(find_from_cwd);
}

static void find_as_user(void)
{
    char path[EXECUTABLE_PATH_SIZE];
    must(user_apply(&(struct user_plan){ .uid = 1000, .gid = 1000, .umask = 022 },
                    &(bool){ false }));
    must(executable_find("/bin/run", NULL, root, path));
    claim_error(executable_find("/bin/mine", NULL, root, path), ERROR_EXECUTABLE_REFUSED,
                "exec: \"/bin/mine\": permission denied");
    claim_error(executable_find("/secret/run", NULL, root, path), ERROR_EXECUTABLE_REFUSED,
                "exec: \"/secret/run\": permission denied");
    claim_error(executable_find("mine", NULL, root, path), ERROR_EXECUTABLE_REFUSED,
                "exec: \"mine\": permission denied");
    must(executable_find("run", "/secret:/bin", root, path));
    claim(text_equal(path, "/bin/run"));
}

static void judges_with_the_rights_of_the_user(void **state)
{
    (void) state;
    need_root();
    assert_in_child(find_as_user);
}

static void refuses_links_of_proc(void **state) /* (T07) */
{
    (void) state;
    int program = openat(root, "bin/run", O_PATH | O_CLOEXEC);
    int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char named[64], path[EXECUTABLE_PATH_SIZE];
    snprintf(named, sizeof(named), "/proc/self/fd/%d", program);
    const char *const bad[] = { named, "/proc/self/exe", "/proc/self/root/bin/sh" };
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_error(executable_find(bad[i], NULL, host, path), ERROR_EXECUTABLE_REFUSED, NULL,
                     bad[i]);
    close(host);
    close(program);
}

static void takes_long_names(void **state)
{
    (void) state;
    static char name[2 * EXECUTABLE_PATH_SIZE], search[2 * EXECUTABLE_PATH_SIZE];
    char path[EXECUTABLE_PATH_SIZE];
    memset(name, 'n', sizeof(name) - 1);
    assert_error(executable_find(name, NULL, root, path), ERROR_EXECUTABLE_MISSING, NULL,
                 "executable file");
    name[0] = '/';
    assert_error(executable_find(name, NULL, root, path), ERROR_EXECUTABLE_REFUSED, NULL, "exec:");
    memset(search, 's', sizeof(search) - 1);
    memcpy(search + sizeof(search) - 6, ":/bin", 5);
    assert_ok(executable_find("run", search, root, path));
    assert_string_equal(path, "/bin/run");
}

static void look_on_noexec(void)
{
    char place[128], path[EXECUTABLE_PATH_SIZE];
    snprintf(place, sizeof(place), "%s/desk", tree);
    claim(unshare(CLONE_NEWNS) == 0);
    claim(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    claim(mount("none", place, "tmpfs", MS_NOEXEC, NULL) == 0);
    root = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC); /* in this namespace */
    claim(tree_add("desk/program", 0755) == 0);
    struct error *error = executable_find("/desk/program", NULL, root, path);
    claim(error && strstr(error->hint, "noexec"));
    claim_error(error, ERROR_EXECUTABLE_REFUSED, "exec: \"/desk/program\": permission denied");
}

static void hints_at_noexec(void **state)
{
    (void) state;
    need_root();
    assert_in_child(look_on_noexec);
}

static void look_without_memory(void)
{
    char path[EXECUTABLE_PATH_SIZE];
    static const char *const names[] = { "/bin/run", "run" };
    refuse_call(SYS_faccessat2, ENOMEM);
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct error *error = executable_find(names[i], "/none:/bin:/sbin", root, path);
        claim(error && error->number == ENOMEM);
        claim_error(error, ERROR_SYSTEM, "exec: \"");
    }
}

/* It is no answer to whether the file may be executed. (T51) */
static void takes_a_failure_for_no_refusal(void **state)
{
    (void) state;
    assert_in_child(look_without_memory);
}

static void explains_a_failed_exec(void **state)
{
    (void) state;
    static const struct {
        int number;
        enum error_code code;
        const char *text;
        bool has_number;
    } cases[] = {
        { ENOENT, ERROR_EXECUTABLE_MISSING, "exec: \"/x\": no such file or directory", false },
        { EACCES, ERROR_EXECUTABLE_REFUSED, "exec: \"/x\": permission denied", false },
        { ENOEXEC, ERROR_EXECUTABLE_REFUSED, "exec: \"/x\": exec format error", false },
        { EAGAIN, ERROR_SYSTEM, "exec: \"/x\"", true },
        { E2BIG, ERROR_SYSTEM, "exec: \"/x\"", true },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        errno = cases[i].number;
        struct error *error = executable_explain("/x");
        assert_string_equal(error->text, cases[i].text);
        assert_int_equal(error->number, cases[i].has_number ? cases[i].number : 0);
        assert_int_equal(error->call, CALL_EXECVE);
        assert_string_equal(error->object, "/x");
        assert_error(error, cases[i].code, NULL, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_what_may_be_run, make_tree, tree_close),
        cmocka_unit_test_setup_teardown(refuses_in_the_words_of_engines, make_tree, tree_close),
        cmocka_unit_test_setup_teardown(finds_relative_to_the_cwd, make_tree, tree_close),
        cmocka_unit_test_setup_teardown(judges_with_the_rights_of_the_user, make_tree, tree_close),
        cmocka_unit_test_setup_teardown(refuses_links_of_proc, make_tree, tree_close),
        cmocka_unit_test_setup_teardown(takes_long_names, make_tree, tree_close),
        cmocka_unit_test_setup_teardown(hints_at_noexec, make_tree, tree_close),
        cmocka_unit_test_setup_teardown(takes_a_failure_for_no_refusal, make_tree, tree_close),
        cmocka_unit_test(explains_a_failed_exec),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/executable", tests, NULL, NULL);
}
