/* SPDX-License-Identifier: Apache-2.0 */
/* process/environment: process.env, and HOME from a hostile passwd(5). */
#include <sys/sysmacros.h>

#include "tests/unit/process/checks.h"
#include "tests/unit/process/tree.h"

#include "libocispec/schema.h"
#include "process/environment.h"

static struct error *plan(const char **entries, uint32_t n, struct environment_plan *made)
{
    const struct oci_string_array env = { entries, n };
    return environment_plan(&env, fresh_arena(), made);
}

static void keeps_order_and_the_last_value(void **state)
{
    (void) state;
    const char *entries[] = {
        "A=1", "PATH=/old", "AB=2", "A=3", "PATH=/new:/x", "B=", "A=", "B=="
    };
    const char *expected[] = { "A=", "PATH=/new:/x", "AB=2", "B==" };
    struct environment_plan made;
    assert_ok(plan(entries, LENGTH(entries), &made));
    assert_int_equal(made.n, LENGTH(expected));
    for (size_t i = 0; i < LENGTH(expected); i++)
        assert_string_equal(made.v[i], expected[i]);
    assert_null(made.v[made.n]);
    assert_null(made.v[made.n + 1]);
    assert_string_equal(made.path, "/new:/x");
    assert_true(made.lacks_home);
}

static void takes_none(void **state)
{
    (void) state;
    struct environment_plan made;
    assert_ok(plan(NULL, 0, &made));
    assert_int_equal(made.n, 0);
    assert_null(made.v[0]);
    assert_null(made.v[1]);
    assert_null(made.path);
    assert_true(made.lacks_home);
}

static void sees_an_empty_home_and_path(void **state)
{
    (void) state;
    const char *entries[] = { "HOME=", "PATH=", "HOMEX=1", "PATHX=2" };
    struct environment_plan made;
    assert_ok(plan(entries, LENGTH(entries), &made));
    assert_false(made.lacks_home);
    assert_string_equal(made.path, "");
}

static void refuses_what_has_no_name(void **state) /* [P8] */
{
    (void) state;
    static const char *const bad[] = { "", "=", "=x", "NOVALUE" };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        const char *entries[] = { "A=1", bad[i] };
        struct environment_plan made = { .n = 7 };
        assert_error(plan(entries, 2, &made), ERROR_CONFIG, "process.env[1]", "NAME=value");
        assert_int_equal(made.n, 7);
    }
}

static void finds_repetitions_among_many(void **state)
{
    (void) state;
    enum { MANY = 20000, NAMES = 7000 };
    static char text[MANY][16];
    static const char *entries[MANY];
    for (int i = 0; i < MANY; i++) {
        snprintf(text[i], sizeof(text[i]), "N%d=%d", i % NAMES, i);
        entries[i] = text[i];
    }
    struct environment_plan made;
    assert_ok(plan(entries, MANY, &made));
    assert_int_equal(made.n, NAMES);
    assert_string_equal(made.v[0], "N0=14000");
    assert_string_equal(made.v[NAMES - 1], "N6999=13999");
}

static int open_tree(void **state)
{
    return tree_open(state) || tree_add("etc/", 0755);
}

static void write_passwd(const char *text, size_t length)
{
    int fd = openat(root, "etc/passwd", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    close(fd);
}

static void expect_home(uint32_t uid, const char *expected)
{
    char buffer[256] = "";
    alarm(60);
    assert_ok(environment_find_home(root, uid, buffer, sizeof(buffer)));
    alarm(0);
    assert_string_equal(buffer, expected);
}

static void finds_the_home_by_uid_alone(void **state) /* (T40) */
{
    (void) state;
    static const struct {
        uint32_t uid;
        const char *home, *passwd;
    } cases[] = {
        { 0, "HOME=/root", "root:x:0:0:root:/root:/bin/sh\n" },
        { 0, "HOME=/root", "root:x:0:0:root:/root" },
        { 1000, "HOME=/home/u", "root:x:0:0::/root:\nu:x:1000:1000:,,,:/home/u:/bin/sh\n" },
        { 1000, "HOME=/first", "a:x:1000:1::/first:\nb:x:1000:1::/second:\n" },
        { 1000, "HOME=/", "1000:x:0:0::/evil:/bin/sh\n" },
        { 1000, "HOME=/", "a:x:+1000:0::/evil:\nb:x: 1000:0::/evil:\nc:x:1000 :0::/evil:\n" },
        { 1000, "HOME=/", "a:x:0x3e8:0::/evil:\nb:x:1e3:0::/evil:\nc:x::0::/evil:\n" },
        { 0, "HOME=/", "a:x:4294967296:0::/evil:\nb:x:-0:0::/evil:\n" },
        { 1000, "HOME=/", "u:x:1000:1000:no more\n" },
        { 1000, "HOME=/ok", "u:x:1000:1000::relative:\nv:x:1000:1000:::\nw:x:1000:1::/ok:\n" },
        { 1000, "HOME=/", "" },
        { 1000, "HOME=/", "\n\n:::::::\n" },
        { 1000, "HOME=/", "# u:x:1000:1000::/evil:\n1000\n" },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        write_passwd(cases[i].passwd, strlen(cases[i].passwd));
        expect_home(cases[i].uid, cases[i].home);
    }
}

static void skips_long_lines_and_nul(void **state) /* (T40) */
{
    (void) state;
    static char text[600000];
    memset(text, 'x', sizeof(text));
    memcpy(text, "a:x:1000:0::/evil", 17);
    static const char entry[] = "\nu:x:1000:0::/home/u:\n";
    memcpy(text + 500000, entry, sizeof(entry) - 1);
    write_passwd(text, sizeof(text));
    expect_home(1000, "HOME=/home/u");

    static const char nul[] = "a:x:1000:0::/evil\0:\nu:x:1000:0::/good:\n";
    write_passwd(nul, sizeof(nul) - 1);
    expect_home(1000, "HOME=/good");
}

static void reads_no_more_than_a_megabyte(void **state) /* (T40) */
{
    (void) state;
    enum { SIZE = 1 << 21 };
    static char text[SIZE];
    memset(text, '\n', sizeof(text));
    static const char entry[] = "u:x:1000:0::/far:\n";
    memcpy(text + SIZE - sizeof(entry), entry, sizeof(entry) - 1);
    write_passwd(text, sizeof(text));
    expect_home(1000, "HOME=/");
}

static void leaves_out_a_home_that_does_not_fit(void **state)
{
    (void) state;
    write_passwd("u:x:1:1::/1234567:\n", 19);
    char buffer[14];
    assert_ok(environment_find_home(root, 1, buffer, 14));
    assert_string_equal(buffer, "HOME=/1234567");
    assert_ok(environment_find_home(root, 1, buffer, 13));
    assert_string_equal(buffer, "HOME=/");
}

static void opens_nothing_but_a_regular_file(void **state) /* (T40) */
{
    (void) state;
    expect_home(0, "HOME=/"); /* missing */

    assert_int_equal(mkfifoat(root, "etc/passwd", 0644), 0);
    expect_home(0, "HOME=/");
    unlinkat(root, "etc/passwd", 0);

    assert_int_equal(mkdirat(root, "etc/passwd", 0755), 0);
    expect_home(0, "HOME=/");
    unlinkat(root, "etc/passwd", AT_REMOVEDIR);

    assert_int_equal(symlinkat("/zero", root, "etc/passwd"), 0);
    expect_home(0, "HOME=/"); /* dangling */
    if (mknodat(root, "zero", S_IFCHR | 0666, makedev(1, 5)) == 0)
        expect_home(0, "HOME=/"); /* endless */
}

static void finds_where_a_number_belongs(void **state)
{
    (void) state;
    const char *entries[] = { "LISTEN_PIDS=3", "LISTEN_PID=1", "A=LISTEN_PID=" };
    struct environment_plan made;

    assert_ok(plan(entries, 3, &made));
    assert_null(made.pid);
    environment_plan_pid(&made);
    assert_ptr_equal(made.pid, &made.v[1]);
    assert_ok(plan(entries, 1, &made));
    environment_plan_pid(&made);
    assert_null(made.pid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_and_the_last_value),
        cmocka_unit_test(takes_none),
        cmocka_unit_test(sees_an_empty_home_and_path),
        cmocka_unit_test(refuses_what_has_no_name),
        cmocka_unit_test(finds_repetitions_among_many),
        cmocka_unit_test(finds_where_a_number_belongs),
        cmocka_unit_test_setup_teardown(finds_the_home_by_uid_alone, open_tree, tree_close),
        cmocka_unit_test_setup_teardown(skips_long_lines_and_nul, open_tree, tree_close),
        cmocka_unit_test_setup_teardown(reads_no_more_than_a_megabyte, open_tree, tree_close),
        cmocka_unit_test_setup_teardown(leaves_out_a_home_that_does_not_fit, open_tree, tree_close),
        cmocka_unit_test_setup_teardown(opens_nothing_but_a_regular_file, open_tree, tree_close),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/environment", tests, NULL, NULL);
}
