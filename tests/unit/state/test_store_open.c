/* SPDX-License-Identifier: Apache-2.0 */
/* state/store_open: where the state directory is, and whose it may be. */
#include "tests/unit/state/fixture.h"

#include "base/text.h"

static void knows_nothing_without_directory(void **state)
{
    (void) state;
    struct store nowhere;
    struct entry entry;
    const char *const *ids;
    unsigned count = 7;
    char path[128];
    snprintf(path, sizeof(path), "%s/none", base);
    assert_ok(store_open(path, false, &arena, &nowhere));
    assert_int_equal(nowhere.directory, -1);
    assert_false(is_there(path));
    assert_error(store_find(&nowhere, "web", &entry), ERROR_UNKNOWN);
    assert_ok(store_list(&nowhere, &arena, &ids, &count));
    assert_int_equal(count, 0);
    store_close(&nowhere);
}

static void makes_directory_and_parents(void **state)
{
    (void) state;
    struct store deep;
    struct stat status;
    char path[128];
    snprintf(path, sizeof(path), "%s/a/b/c", base);
    assert_ok(store_open(path, true, &arena, &deep));
    assert_false(stat(path, &status));
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(fcntl(deep.directory, F_GETFD), FD_CLOEXEC);
    store_close(&deep);
}

static void refuses_empty_root(void **state)
{
    (void) state;
    struct store none;
    assert_error(store_open("", true, &arena, &none), ERROR_USAGE);
}

static void refuses_symlinked_root(void **state)
{
    (void) state;
    struct store linked;
    char path[128];
    snprintf(path, sizeof(path), "%s/link", base);
    assert_false(symlink(root, path));
    assert_error(store_open(path, true, &arena, &linked), ERROR_RECORD);
    strcat(path, "///");
    assert_error(store_open(path, false, &arena, &linked), ERROR_RECORD);

    snprintf(path, sizeof(path), "%s/dangling", base);
    assert_false(symlink("target", path));
    assert_error(store_open(path, true, &arena, &linked), ERROR_RECORD);
    snprintf(path, sizeof(path), "%s/target", base);
    assert_false(is_there(path));
}

static void refuses_writable_root(void **state)
{
    (void) state;
    struct store shared;
    assert_false(chmod(root, 0770));
    assert_error(store_open(root, true, &arena, &shared), ERROR_RECORD);
    assert_false(chmod(root, 0702));
    assert_error(store_open(root, true, &arena, &shared), ERROR_RECORD);
    assert_false(chmod(root, 0755));
    assert_ok(store_open(root, true, &arena, &shared));
    store_close(&shared);
}

/* They are looked at when the directory is made. */
static void refuses_places_that_others_can_exchange(void **state)
{
    (void) state;
    struct store made;
    char above[4096], place[4096];
    text_format(above, sizeof(above), "%s", below("above"));
    text_format(place, sizeof(place), "%s", below("above/between/state"));
    assert_false(mkdir(above, 0700));
    assert_false(chmod(above, 0777));
    assert_error(store_open(place, true, &arena, &made), ERROR_RECORD);
    assert_false(is_there(below("above/between")));
    assert_false(chmod(above, 01777));
    assert_ok(store_open(place, true, &arena, &made));
    store_close(&made);
}

static void refuses_foreign_owner(void **state)
{
    (void) state;
    struct store foreign;
    if (!is_host_root())
        skip();
    assert_false(chown(root, 12345, 0));
    assert_error(store_open(root, false, &arena, &foreign), ERROR_RECORD);
}

/* What the default directory is for whoever runs this program; "" expects an error. */
static int check_default(const char *expected)
{
    struct store own;
    struct error *error = store_open(NULL, false, &arena, &own);
    if (!*expected)
        return !error || !strstr(error->hint, "--root");
    return error ? 11 : strcmp(own.path, expected) != 0;
}

/* Executes this program as an ordinary user, with this XDG_RUNTIME_DIR. */
static void default_in_child(const char *runtime, const char *expected)
{
    char *const arguments[] = { (char *) "default", (char *) expected, NULL };
    pid_t child = fork();
    if (child == 0) {
        int self = open("/proc/self/exe", O_PATH | O_CLOEXEC);
        if (runtime)
            setenv("XDG_RUNTIME_DIR", runtime, 1);
        else
            unsetenv("XDG_RUNTIME_DIR");
        if (is_host_root() && (setgid(54321) || setuid(54321)))
            _exit(10);
        fexecve(self, arguments, environ);
        _exit(12);
    }
    assert_child(child);
}

static void follows_runtime_directory(void **state)
{
    (void) state;
    default_in_child("/nonexistent", "/nonexistent/tare");
    if (!is_host_root())
        return; /* perhaps one who may write to /run */
    default_in_child("", "");
    default_in_child(NULL, "");
    default_in_child("relative", "");
}

static void root_ignores_runtime_directory(void **state)
{
    (void) state;
    struct store own;
    if (!is_host_root())
        skip();
    setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
    assert_ok(store_open(NULL, false, &arena, &own));
    unsetenv("XDG_RUNTIME_DIR");
    assert_string_equal(own.path, "/run/tare");
    store_close(&own);
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        arena = (struct arena){ .base = memory, .size = sizeof(memory) };
        return check_default(argv[1]);
    }
    const struct CMUnitTest tests[] = {
        TEST("knows nothing without a directory", knows_nothing_without_directory),
        TEST("makes the directory and those above (R22)", makes_directory_and_parents),
        TEST("refuses an empty --root", refuses_empty_root),
        TEST("refuses a symbolic link as state directory (T31)", refuses_symlinked_root),
        TEST("refuses a directory that others can write to (R22)", refuses_writable_root),
        TEST("refuses a place that others can exchange (R22)",
             refuses_places_that_others_can_exchange),
        TEST("the default follows XDG_RUNTIME_DIR", follows_runtime_directory),
        TEST("root ignores XDG_RUNTIME_DIR", root_ignores_runtime_directory),
        TEST("refuses what another user owns (R22)", refuses_foreign_owner),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("state/store_open", tests, NULL, NULL);
}
