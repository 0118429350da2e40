/* SPDX-License-Identifier: Apache-2.0 */
/* base/log: what engines read, and that nothing a container says can end a line.  JSON is checked
 * with yajl, strictly. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <yajl/yajl_tree.h>

#include "base/list.h"
#include "base/log.h"
#include "security/confine.h"

static char directory[] = "/tmp/tare-test-log-XXXXXX";
static char path[sizeof(directory) + 8], shown_path[sizeof(directory) + 8];
static int kept_stderr = -1;

/* Standard error goes to a file, and the log is as after a start. */
static int set_up(void **state)
{
    (void) state;
    unlink(path);
    unlink(shown_path);
    fflush(stderr);
    kept_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    int shown = open(shown_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (shown < 0 || dup2(shown, STDERR_FILENO) < 0)
        return -1;
    close(shown);
    static const struct log_options options;
    return log_open(&options) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void) state;
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
    return 0;
}

static int make_directory(void **state)
{
    (void) state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof(path), "%s/log", directory);
    snprintf(shown_path, sizeof(shown_path), "%s/shown", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void) state;
    unlink(path);
    unlink(shown_path);
    return rmdir(directory);
}

static const char *content(const char *name)
{
    static char text[65536];
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t length = read(fd, text, sizeof(text) - 1);
    assert_true(length >= 0);
    text[length] = '\0';
    close(fd);
    return text;
}

static void open_log(const char *target, const char *format, const char *level)
{
    struct log_options options = { .target = target, .format = format, .level = level };
    assert_null(log_open(&options));
}

static void report(const char *text, const char *hint)
{
    errno = EBUSY;
    struct error *error = error_errno(ERROR_CGROUP, "%s", text);
    if (hint)
        error = error_hint(error, "%s", hint);
    log_error("create 'web'", error);
    error_forget(error);
}

static const char *member(yajl_val record, const char *name)
{
    const char *keys[] = { name, NULL };
    yajl_val value = yajl_tree_get(record, keys, yajl_t_string);
    return value ? YAJL_GET_STRING(value) : NULL;
}

static void assert_time(const char *text)
{
    int year, month, day, hour, minute, second, micro;
    char end;
    assert_int_equal(strlen(text), strlen("2000-01-01T00:00:00.000000Z"));
    assert_int_equal(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%6d%c", &year, &month, &day, &hour,
                            &minute, &second, &micro, &end),
                     8);
    assert_true(year >= 2024 && month <= 12 && hour < 24 && end == 'Z');
}

static void note(const char *message, void *context)
{
    snprintf(context, 64, "%s", message);
}

static void diverts_warnings_alone_until_told_otherwise(void **state)
{
    (void) state;
    char noted[64] = "";
    open_log(path, NULL, "debug");
    log_divert_warnings(note, noted);
    log_warning("a %s", "warning");
    log_debug("a trace");
    log_divert_warnings(NULL, NULL);
    assert_string_equal(noted, "a warning");
    assert_null(strstr(content(path), "warning"));
    assert_non_null(strstr(content(path), "a trace"));
    log_warning("another");
    assert_string_equal(noted, "a warning");
    assert_non_null(strstr(content(path), "another"));
}

static void diverts_warnings_at_any_level(void **state)
{
    (void) state;
    char noted[64] = "";
    open_log(path, NULL, "error");
    log_divert_warnings(note, noted);
    log_warning("a warning");
    log_divert_warnings(NULL, NULL);
    assert_string_equal(noted, "a warning");
    assert_string_equal(content(path), "");
}

static void shows_error_and_hint(void **state)
{
    (void) state;
    report("make the cgroup", "delegate it");
    assert_string_equal(content(shown_path),
                        "tare: create 'web': make the cgroup: busy (EBUSY)\nhint: delegate it\n");
    unlink(path);
    struct error *error = error_new(ERROR_USAGE, "no such command");
    log_error(NULL, error);
    error_forget(error);
    assert_non_null(strstr(content(shown_path), "\ntare: no such command\n"));
}

static void appends_a_text_record(void **state)
{
    (void) state;
    open_log(path, NULL, NULL);
    report("say \"x\"\n\x1b[2J", "never");
    const char *record = content(path);
    char now[64], rest[256];
    assert_int_equal(sscanf(record, "time=\"%63[^\"]\" %255[^\n]", now, rest), 2);
    assert_time(now);
    assert_string_equal(rest,
                        "level=error msg=\"create 'web': say \\\"x\\\"\\n\\x1b[2J: busy (EBUSY)\"");
    assert_ptr_equal(strchr(record, '\n'), record + strlen(record) - 1);
    assert_string_equal(content(shown_path), "tare: create 'web': say \"x\"\\n\\x1b[2J: busy "
                                             "(EBUSY)\nhint: never\n");
}

static void appends_a_json_record(void **state)
{
    (void) state;
    open_log(path, "json", "error");
    struct error *error = error_config("process.user", "is \"%s\"", "wrong");
    log_error("run 'x'", error_hint(error, "another"));
    error_forget(error);

    char problem[256];
    const char *text = content(path);
    assert_int_equal(text[strlen(text) - 1], '\n');
    yajl_val record = yajl_tree_parse(text, problem, sizeof(problem));
    assert_non_null(record);
    assert_string_equal(member(record, "level"), "error");
    assert_string_equal(member(record, "msg"), "run 'x': process.user: is \"wrong\"");
    assert_string_equal(member(record, "code"), "E-CONFIG");
    assert_string_equal(member(record, "hint"), "another");
    assert_string_equal(member(record, "field"), "process.user");
    assert_time(member(record, "time"));
    assert_int_equal(record->u.object.len, 6);
    yajl_tree_free(record);
}

static void tells_programs_what_failed(void **state)
{
    (void) state;
    char problem[256];
    errno = EBUSY;
    struct error *error = error_hint(error_errno(ERROR_CGROUP, "write"), "empty it");
    error = error_field(error_call(error, CALL_WRITE, "cgroup.\"procs\""), "linux");
    error->line = 3;
    error->column = 14;
    error->cause = "E-SOME-CAUSE";
    open_log(path, "json", "error");
    log_error("run 'x'", error);
    error_forget(error);

    yajl_val record = yajl_tree_parse(content(path), problem, sizeof(problem));
    assert_non_null(record);
    assert_string_equal(member(record, "code"), "E-CGROUP");
    assert_string_equal(member(record, "cause"), "E-SOME-CAUSE");
    assert_string_equal(member(record, "hint"), "empty it");
    assert_string_equal(member(record, "syscall"), "write");
    assert_string_equal(member(record, "object"), "cgroup.\"procs\"");
    assert_string_equal(member(record, "errno"), "EBUSY");
    assert_non_null(strstr(content(path), ",\"line\":3,\"column\":14,"));
    yajl_tree_free(record);
    assert_string_equal(content(shown_path),
                        "tare: run 'x': write: busy (EBUSY)\nhint: empty it [E-SOME-CAUSE]\n");
}

/* Every byte but NUL, first as an error and then as the longest text there is. */
static void stays_valid_json_with_any_bytes(void **state)
{
    (void) state;
    char bytes[256], longest[ERROR_TEXT_SIZE];
    for (size_t i = 0; i < 255; i++)
        bytes[i] = (char) (i + 1);
    bytes[255] = '\0';
    memset(longest, 1, sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    const char *const texts[] = { bytes, longest };

    for (size_t i = 0; i < LENGTH(texts); i++) {
        unlink(path);
        open_log(path, "json", NULL);
        report(texts[i], texts[i]);
        const char *text = content(path);
        assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
        for (const char *at = text; *at != '\n'; at++)
            assert_true((unsigned char) *at >= 0x20 && *at != 0x7f);
        char problem[256];
        yajl_val record = yajl_tree_parse(text, problem, sizeof(problem));
        assert_non_null(record);
        const char *message = member(record, "msg");
        assert_non_null(strstr(message, i == 0 ? "create 'web': \x01\x02\x03" : "\x01: busy"));
        assert_true(i == 1 || strstr(message, "\xef\xbf\xbd"));
        yajl_tree_free(record);
    }
}

static void writes_nothing_on_success(void **state)
{
    (void) state;
    open_log(path, "json", NULL);
    log_warning("a warning %d", 1);
    log_debug("a trace");
    assert_string_equal(content(path), "");
    assert_string_equal(content(shown_path), "");
}

static void writes_one_record_for_a_failure(void **state)
{
    (void) state;
    open_log(path, "json", NULL);
    log_warning("before");
    report("a", "b");
    log_warning("after");
    const char *text = content(path);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void appends_to_what_is_there(void **state)
{
    (void) state;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "old\n", 4), 4);
    close(fd);
    open_log(path, NULL, NULL);
    report("new", NULL);
    assert_memory_equal(content(path), "old\ntime=", 9);
}

static void knows_the_levels(void **state)
{
    (void) state;
    static const struct {
        const char *level;
        bool is_debug, has_warning, has_debug;
    } rows[] = {
        { "error", false, false, false },  { "warn", false, true, false },
        { "warning", false, true, false }, { "info", false, true, false },
        { "debug", false, true, true },    { NULL, true, true, true },
        { "error", true, true, true },     { NULL, false, false, false },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        unlink(path);
        struct log_options options = { .target = path,
                                       .level = rows[i].level,
                                       .is_debug = rows[i].is_debug };
        assert_null(log_open(&options));
        log_warning("w%c", '1');
        log_debug("d%c", '2');
        const char *text = content(path);
        assert_int_equal(strstr(text, "level=warning msg=\"w1\"\n") != NULL, rows[i].has_warning);
        assert_int_equal(strstr(text, "level=debug msg=\"d2\"\n") != NULL, rows[i].has_debug);
    }
    assert_string_equal(content(shown_path), "");
}

static void warns_on_standard_error_without_a_target(void **state)
{
    (void) state;
    open_log(NULL, "json", "debug");
    errno = ENOLINK;
    log_warning("odd\nname");
    log_debug("chose %s", "this");
    assert_int_equal(errno, ENOLINK);
    assert_string_equal(content(shown_path),
                        "tare: warning: odd\\nname\ntare: debug: chose this\n");
}

/* On a terminal warnings are shown unasked, but not when they would go into a log file. */
static void warns_unasked_on_a_terminal(void **state)
{
    (void) state;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) || unlockpt(master)) {
        print_message("# no terminal to be had\n");
        skip();
    }
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(terminal >= 0);
    assert_true(dup2(terminal, STDERR_FILENO) >= 0);
    close(terminal);

    open_log(NULL, NULL, NULL);
    log_warning("seen");
    log_debug("unseen");
    char text[64];
    ssize_t length = read(master, text, sizeof(text) - 1);
    assert_true(length > 0);
    text[length] = '\0';
    assert_non_null(strstr(text, "tare: warning: seen"));
    assert_null(strstr(text, "unseen"));

    open_log(path, NULL, NULL);
    log_warning("kept out");
    assert_string_equal(content(path), "");
    close(master);
}

static void takes_prefixes_of_targets(void **state)
{
    (void) state;
    char target[sizeof(path) + 8];
    snprintf(target, sizeof(target), "file:%s", path);
    open_log(target, NULL, NULL);
    report("x", NULL);
    assert_non_null(strstr(content(path), "msg="));

    char odd[sizeof(directory) + 8];
    snprintf(odd, sizeof(odd), "%s/a:b", directory);
    open_log(odd, NULL, NULL);
    report("x", NULL);
    assert_non_null(strstr(content(odd), "msg="));
    unlink(odd);

    open_log("", NULL, NULL);
    open_log("syslog:tare-test", NULL, NULL);
}

static void makes_the_file_as_promised(void **state)
{
    (void) state;
    mode_t mask = umask(0);
    open_log(path, NULL, NULL);
    umask(mask);
    struct stat status, open_one;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);

    int found = 0;
    for (int fd = 3; fd < 64; fd++) {
        if (fstat(fd, &open_one) || open_one.st_ino != status.st_ino)
            continue;
        found++;
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_int_equal(fcntl(fd, F_GETFL) & O_APPEND, O_APPEND);
    }
    assert_int_equal(found, 1);
}

static void refuses_wrong_words(void **state)
{
    (void) state;
    const struct log_options rows[] = {
        { .format = "xml" },
        { .level = "loud" },
        { .level = "" },
        { .target = "file:" },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct error *error = log_open(&rows[i]);
        assert_non_null(error);
        assert_int_equal(error->code, ERROR_USAGE);
        error_forget(error);
    }
    struct log_options options = { .target = "/dev/null/log" };
    struct error *error = log_open(&options);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_SYSTEM);
    assert_int_equal(error->number, ENOTDIR);
    error_forget(error);
}

/* Runs with an own /run, where a socket of ours is the journal; what is confined can tell it. */
static void receive_as_journal(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX,
                                   .sun_path = "/run/systemd/journal/socket" };
    struct log_options options = { .target = "journald:web" };
    struct error *error = log_open(&options);
    if (!error || error->code != ERROR_SYSTEM)
        _exit(1);
    error_forget(error);

    int journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (mkdir("/run/systemd", 0755) || mkdir("/run/systemd/journal", 0755) ||
        bind(journal, (struct sockaddr *) &address, sizeof(address)) || log_open(&options) ||
        confine_reach())
        _exit(2);
    report("a\nMESSAGE=b", NULL);
    char text[512] = "";
    if (read(journal, text, sizeof(text) - 1) < 0)
        _exit(3);
    _exit(strcmp(text, "PRIORITY=3\nSYSLOG_IDENTIFIER=web\n"
                       "MESSAGE=create 'web': a\\nMESSAGE=b: busy (EBUSY)\n"
                       "TARE_CODE=E-CGROUP\n")
              ? 4
              : 0);
}

/* The same with an own /dev; nobody there is no error. */
static void receive_as_syslog(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
    struct log_options options = { .target = "syslog:web" };

    error_forget(log_open(&options));
    report("lost", NULL);
    int daemon = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(daemon, (struct sockaddr *) &address, sizeof(address)) || log_open(&options) ||
        confine_reach())
        _exit(2);
    report("a\nb", NULL);
    char text[512] = "", expected[512];
    if (read(daemon, text, sizeof(text) - 1) < 0)
        _exit(3);
    snprintf(expected, sizeof(expected), "<11>web[%d]: create 'web': a\\nb: busy (EBUSY)",
             getpid());
    _exit(strcmp(text, expected) ? 4 : 0);
}

static void receive_with(const char *directory_of_daemon, void (*receive)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
            mount("tare", directory_of_daemon, "tmpfs", 0, NULL))
            _exit(77);
        receive();
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        print_message("# mounting needs root\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void speaks_to_the_journal(void **state) /* [E0.8.7] */
{
    (void) state;
    receive_with("/run", receive_as_journal);
}

static void speaks_to_syslog(void **state) /* [E0.8.7] */
{
    (void) state;
    receive_with("/dev", receive_as_syslog);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shows_error_and_hint),
        TEST(appends_a_text_record),
        TEST(appends_a_json_record),
        TEST(tells_programs_what_failed),
        TEST(stays_valid_json_with_any_bytes),
        TEST(writes_nothing_on_success),
        TEST(writes_one_record_for_a_failure),
        TEST(appends_to_what_is_there),
        TEST(knows_the_levels),
        TEST(warns_on_standard_error_without_a_target),
        TEST(warns_unasked_on_a_terminal),
        TEST(diverts_warnings_alone_until_told_otherwise),
        TEST(diverts_warnings_at_any_level),
        TEST(takes_prefixes_of_targets),
        TEST(makes_the_file_as_promised),
        TEST(refuses_wrong_words),
        TEST(speaks_to_the_journal),
        TEST(speaks_to_syslog),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
