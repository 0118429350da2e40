/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/container/config.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/load.h"
#include "os/fd.h"

/* A directory with "bundle" in it, which is the current one during a test. */
static char top[PATH_MAX], before[PATH_MAX];

static int set_up(void **state)
{
    (void) state;
    arena_reset();
    char name[] = "/tmp/tare-load-XXXXXX";
    if (!getcwd(before, sizeof(before)) || !mkdtemp(name) || !realpath(name, top))
        return -1;
    return chdir(top) || mkdir("bundle", 0755);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void) status;
    (void) type;
    (void) ftw;
    return remove(path);
}

static int tear_down(void **state)
{
    (void) state;
    if (chdir(before))
        return -1;
    return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *name, const char *json)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_ok(fd_write_all(fd, json, strlen(json)));
    close(fd);
}

static const char minimal[] = "{ \"ociVersion\": \"1.3.0\",\n  \"process\": { \"cwd\": \"/\" } }";

static void check_open(const char *path, const char *file, const char *name)
{
    struct bundle bundle = { .directory = -1 };
    char expected[PATH_MAX + 16];
    snprintf(expected, sizeof(expected), "%s/bundle", top);
    assert_ok(bundle_open(path, file, &arena, &bundle));
    assert_string_equal(bundle.document.name, name);
    assert_string_equal(bundle.path, expected);
    assert_string_equal(bundle.document.json, minimal);
    assert_int_equal(bundle.document.length, strlen(minimal));
    assert_string_equal(bundle.config->oci_version, "1.3.0");
    assert_true(fcntl(bundle.directory, F_GETFD) & FD_CLOEXEC);
    close(bundle.directory);
}

static void test_names(void **state)
{
    (void) state;
    char absolute[PATH_MAX + 16], name[PATH_MAX + 32];
    snprintf(absolute, sizeof(absolute), "%s/bundle", top);
    snprintf(name, sizeof(name), "%s/config.json", absolute);
    write_file("bundle/config.json", minimal);
    assert_int_equal(symlink("bundle", "link"), 0);

    check_open("bundle", NULL, "bundle/config.json");
    check_open("bundle//", NULL, "bundle/config.json");
    check_open("link", NULL, "link/config.json");
    check_open(absolute, NULL, name);
    assert_int_equal(chdir("bundle"), 0);
    check_open(NULL, NULL, "config.json");
    check_open(".", NULL, "config.json");
    check_open("../bundle", NULL, "../bundle/config.json");
}

static void test_other_file(void **state)
{
    (void) state;
    char absolute[PATH_MAX + 16];
    snprintf(absolute, sizeof(absolute), "%s/other.json", top);
    write_file("bundle/mine.json", minimal);
    write_file("other.json", minimal);
    check_open("bundle", "mine.json", "bundle/mine.json");
    check_open("bundle", "../other.json", "bundle/../other.json");
    check_open("bundle", absolute, absolute);
}

static void refuse(const char *path, enum error_code code, const char *text)
{
    struct bundle bundle = { .directory = -7 };
    assert_error(bundle_open(path, NULL, &arena, &bundle), code, text);
    assert_int_equal(bundle.directory, -7);
}

static void test_no_bundle(void **state)
{
    (void) state;
    write_file("file", "");
    refuse("nothing", ERROR_BUNDLE, "open the bundle 'nothing'");
    refuse("file", ERROR_BUNDLE, "open the bundle 'file'");
    refuse("bundle/config.json", ERROR_BUNDLE, "open the bundle 'bundle/config.json'");
    refuse("", ERROR_BUNDLE, "open the bundle ''");
    refuse("bundle", ERROR_BUNDLE, "open bundle/config.json");
}

static void test_no_file(void **state)
{
    (void) state;
    assert_int_equal(mkdir("bundle/config.json", 0755), 0);
    refuse("bundle", ERROR_BUNDLE, "bundle/config.json is not a regular file");
    assert_int_equal(rmdir("bundle/config.json"), 0);
    assert_int_equal(mkfifo("bundle/config.json", 0644), 0);
    alarm(60); /* would wait for a writer for ever */
    refuse("bundle", ERROR_BUNDLE, "bundle/config.json is not a regular file");
    alarm(0);
    assert_int_equal(unlink("bundle/config.json"), 0);
    write_file("bundle/config.json", "{}");
    assert_int_equal(truncate("bundle/config.json", (16 << 20) + 1), 0);
    refuse("bundle", ERROR_BUNDLE, "bundle/config.json is larger than 16777216 bytes");
}

static void test_syntax(void **state)
{
    (void) state;
    struct bundle bundle;
    write_file("bundle/config.json", "{\n  \"ociVersion\": \"1.0.0\",\n  \"hostname\": 5 }");
    struct error *error = bundle_open("bundle", NULL, &arena, &bundle);
    assert_non_null(error);
    assert_string_equal(error->field, "hostname");
    assert_true(error->line > 0 && error->column > 0);
    assert_error(error, ERROR_SYNTAX,
                 "bundle/config.json:3:15: hostname: expected string, got number");

    write_file("bundle/config.json", "[]");
    error = bundle_open("bundle", NULL, &arena, &bundle);
    assert_non_null(error);
    assert_string_equal(error->field, "");
    assert_memory_equal(error->text, "bundle/config.json:1:1: ", 24);
    error_forget(error);
}

static void test_place(void **state)
{
    (void) state;
    struct bundle bundle;
    write_file("bundle/config.json", minimal);
    assert_ok(bundle_open("bundle", NULL, &arena, &bundle));
    assert_null(document_place(&bundle.document, OK));

    struct error *error =
        document_place(&bundle.document, error_config("process.cwd", "\"/\" is bad"));
    assert_true(error->line > 0 && error->column > 0);
    error = document_place(&bundle.document, error);
    assert_error(error, ERROR_CONFIG, "bundle/config.json:2:23: process.cwd: \"/\" is bad");

    error = document_place(&bundle.document, error_config("process.rlimits[1].soft", "is missing"));
    assert_error(error, ERROR_CONFIG,
                 "bundle/config.json:2:14: process.rlimits[1].soft: is missing");

    errno = EPERM;
    error = error_field(error_system("set the limits"), "process");
    error = document_place(&bundle.document, error);
    assert_int_equal(error->number, EPERM);
    assert_error(error, ERROR_SYSTEM, "bundle/config.json:2:14: process: set the limits");

    error = document_place(&bundle.document, error_new(ERROR_STATE, "of nowhere"));
    assert_error(error, ERROR_STATE, "of nowhere");
    close(bundle.directory);
}

#define TEST(sentence, function)                                                                   \
    {                                                                                              \
        sentence, function, set_up, tear_down, NULL                                                \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST("[ST5] a bundle is opened, and its config called as the user does", test_names),
        TEST("another file can take the place of config.json", test_other_file),
        TEST("[B1] a bundle that is not there is refused", test_no_bundle),
        TEST("[B1] config.json must be a file, and not too large", test_no_file),
        TEST("[G1] a document that cannot be decoded is refused with its place", test_syntax),
        TEST("an error gets the place of its field once", test_place),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
