/* SPDX-License-Identifier: Apache-2.0 */
/* The whole command line: cli_run() in a child, with what it writes and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"

static char output[1 << 15], errors[1 << 12];
static int status;

static int make_file(void)
{
    int fd = memfd_create("output", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void read_back(int fd, char *text, size_t size)
{
    ssize_t length = pread(fd, text, size - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    close(fd);
}

/* Runs "tare LINE" with standard output in STDOUT. */
static void run_with(int out, const char *line)
{
    char copy[512];
    char program[] = "tare";
    char *argv[16] = { program };
    int argc = 1, error = make_file();

    snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = copy, *next; *word && argc < 15; word = next) {
        next = word + strcspn(word, " ");
        if (*next)
            *next++ = '\0';
        argv[argc++] = word;
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (dup2(out, STDOUT_FILENO) < 0 || dup2(error, STDERR_FILENO) < 0)
            _exit(99);
        _exit(cli_run(argc, argv));
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended));
    status = WEXITSTATUS(ended);
    read_back(error, errors, sizeof(errors));
}

static void run_line(const char *line)
{
    int out = make_file();
    run_with(out, line);
    read_back(out, output, sizeof(output));
}

static void assert_starts(const char *text, const char *beginning)
{
    if (strncmp(text, beginning, strlen(beginning)) != 0)
        fail_msg("%s", text);
}

static char root[] = "/tmp/tare-cli-XXXXXX";

static int make_root(void **state)
{
    (void) state;
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void) state;
    return rmdir(root);
}

static void test_nothing(void **state)
{
    (void) state;
    run_line("");
    assert_int_equal(status, 64);
    assert_string_equal(output, "");
    assert_starts(errors, "usage: tare ");
    run_line("--debug");
    assert_int_equal(status, 64);
    assert_string_equal(output, "");
}

/* All three ways to the same page. */
static void test_help(void **state)
{
    (void) state;
    char page[sizeof(output)];
    for (const struct command *const *command = commands; *command; command++) {
        char line[64];
        snprintf(line, sizeof(line), "help %s", (*command)->name);
        run_line(line);
        assert_int_equal(status, 0);
        assert_string_equal(errors, "");
        assert_non_null(strstr(output, (*command)->about));
        for (const struct option *option = (*command)->options; option->name; option++)
            if (option->about && (!strstr(output, option->name) || !strstr(output, option->about)))
                fail_msg("help %s lacks --%s", (*command)->name, option->name);
        memcpy(page, output, sizeof(page));
        if ((*command)->find) /* which asks for another program: cli/checkpoint.bats */
            continue;
        snprintf(line, sizeof(line), "%s --help", (*command)->name);
        run_line(line);
        assert_int_equal(status, 0);
        assert_string_equal(output, page);
        snprintf(line, sizeof(line), "%s -h", (*command)->name);
        run_line(line);
        assert_string_equal(output, page);
    }
    run_line("help");
    memcpy(page, output, sizeof(page));
    run_line("--help");
    assert_int_equal(status, 0);
    assert_string_equal(output, page);
    for (const struct command *const *command = commands; *command; command++)
        assert_non_null(strstr(page, (*command)->about));
    for (const struct option *option = global_option_table; option->name; option++)
        assert_true(!option->about || strstr(page, option->about));
}

static void test_width(void **state)
{
    (void) state;
    for (const struct command *const *command = commands; *command; command++) {
        char line[64];
        snprintf(line, sizeof(line), "help %s", (*command)->name);
        run_line(line);
        for (const char *at = output; *at; at += strcspn(at, "\n") + 1)
            if (strcspn(at, "\n") > 100)
                fail_msg("%s: %.*s", line, (int) strcspn(at, "\n"), at);
    }
}

static void test_version(void **state)
{
    (void) state;
    static const char *const lines[] = { "--version", "-v", "version", "--debug --version",
                                         "--version create" };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        run_line(lines[i]);
        assert_int_equal(status, 0);
        assert_string_equal(errors, "");
        assert_starts(output, "tare version ");
        assert_non_null(strstr(output, "\ncommit: "));
        assert_string_equal(strstr(output, "\nspec: "), "\nspec: 1.3.0\n");
    }
}

struct row {
    const char *line;
    int status;
    const char *errors;
};

// clang-format off
static const struct row wrong[] = {
    { "creat x", 64, "tare: unknown command 'creat'\nhint: did you mean 'create'?\n" },
    { "nonsense", 64, "tare: unknown command 'nonsense'\nhint: 'tare help' lists the commands\n" },
    { "help nonsense", 64, "tare: help: unknown command 'nonsense'\nhint: 'tare help' lists the commands\n" },
    { "--nonsense list", 64, "tare: unknown option '--nonsense'\n" },
    { "run --root /x web", 64, "tare: run: unknown option '--root'\nhint: --root stands before the command\n" },
    { "list -debug", 64, "tare: list: unknown option '-debug'\nhint: --debug stands before the command\n" },
    { "--no-pivot run web", 64, "tare: unknown option '--no-pivot'\nhint: --no-pivot stands behind the command\n" },
    { "--pid-file=x run web", 64, "tare: unknown option '--pid-file=x'\nhint: --pid-file stands behind the command\n" },
    { "create --bundle= web", 64, "tare: create 'web': --bundle must not be empty\n" },
    { "create --config= web", 64, "tare: create 'web': --config must not be empty\n" },
    { "run --pid-file= web", 64, "tare: run 'web': --pid-file must not be empty\n" },
    { "run --trace= web", 64, "tare: run 'web': --trace must not be empty\n" },
    { "spec --bundle=", 64, "tare: spec: --bundle must not be empty\n" },
    { "--log= list", 64, "tare: --log must not be empty\n" },
    { "run --pid-file /nonexistent/x/pid web", 1, "tare: run 'web': --pid-file: create '/nonexistent/x/pid': not found (ENOENT)\n" },
    { "run --pid-file /tmp web", 1, "tare: run 'web': --pid-file: write '/tmp': directory where none may be (EISDIR)\n" },
    { "run --pid-file /tmp/nonexistent/ web", 1, "tare: run 'web': --pid-file: write '/tmp/nonexistent/': directory where none may be (EISDIR)\n" },
    { "--root", 64, "tare: flag needs an argument: --root\nhint: --root DIR: keep the state of containers in DIR\n" },
    { "start", 64, "tare: start: <id> is missing\nhint: usage: tare start [OPTIONS] <id>\n" },
    { "start a b", 64, "tare: start 'a': 'b' is one word too many\nhint: usage: tare start [OPTIONS] <id>\n" },
    { "start --froce x", 64, "tare: start: unknown option '--froce'\nhint: usage: tare start [OPTIONS] <id>\n" },
    { "delete -x x", 64, "tare: delete: unknown option '-x'\nhint: usage: tare delete [OPTIONS] <id>\n" },
    { "delete --froce x", 64, "tare: delete: unknown option '--froce'\nhint: did you mean '--force'?\n" },
    { "kill web NOSUCH", 64, "tare: kill 'web': \"NOSUCH\" is no signal\nhint: it is a name, as TERM or RTMIN+3, or a number from 1 to 64\n" },
    { "list --format yaml", 64, "tare: list: --format 'yaml' is neither table nor json\n" },
    { "ps --format yaml web", 64, "tare: ps 'web': --format 'yaml' is neither table nor json\n" },
    { "ps --format json web -ef", 64, "tare: ps 'web': '-ef': options of ps are for --format table alone\n" },
    { "ps --root x web", 64, "tare: ps: unknown option '--root'\nhint: --root stands before the command\n" },
    { "--cgroup-manager x list", 64, "tare: --cgroup-manager 'x' is none of cgroupfs, systemd and disabled\n" },
    { "--rootless=x list", 64, "tare: --rootless 'x' is none of true, false and auto\n" },
    { "--log-level x list", 64, "tare: list: --log-level 'x' is none of error, warn, info and debug\n" },
    { "create --preserve-fds x web", 64, "tare: create 'web': --preserve-fds 'x' is not a number from 0 to 1024\n" },
    { "create --preserve-fds=-1 web", 64, "tare: create 'web': --preserve-fds '-1' is not a number from 0 to 1024\n" },
    { "create --preserve-fds=1025 web", 64, "tare: create 'web': --preserve-fds '1025' is not a number from 0 to 1024\n" },
    { "create --format json web", 64, "tare: create 'web': --format is for --dry-run alone\n" },
    { "create --dry-run --format x web", 64, "tare: create 'web': --format 'x' is neither text nor json\n" },
    { "create a/b", 1, NULL },
    { "create --bundle /nonexistent/x web", 1, "tare: create 'web': open the bundle '/nonexistent/x': not found (ENOENT)\nhint: 'tare spec --bundle /nonexistent/x' makes one there, or name another\n" },
    { "run --bundle /nonexistent/x web", 1, "tare: run 'web': open the bundle '/nonexistent/x': not found (ENOENT)\nhint: 'tare spec --bundle /nonexistent/x' makes one there, or name another\n" },
    { "create --console-socket= web", 64, "tare: create 'web': --console-socket must not be empty\n" },
    { "spec --bundle /nonexistent/x", 1, "tare: spec: open the bundle '/nonexistent/x': not found (ENOENT)\n" },
};

static const struct row without_container[] = {
    { "state web", 1, "tare: state 'web': container \"web\" does not exist\n" },
    { "start web", 1, "tare: start 'web': container \"web\" does not exist\n" },
    { "kill web", 1, "tare: kill 'web': container \"web\" does not exist\n" },
    { "kill --all web KILL", 1, "tare: kill 'web': container \"web\" does not exist\n" },
    { "pause web", 1, "tare: pause 'web': container \"web\" does not exist\n" },
    { "resume web", 1, "tare: resume 'web': container \"web\" does not exist\n" },
    { "ps web", 1, "tare: ps 'web': container \"web\" does not exist\n" },
    { "ps --format json web", 1, "tare: ps 'web': container \"web\" does not exist\n" },
    { "ps web --root -h", 1, "tare: ps 'web': container \"web\" does not exist\n" },
    { "wait web", 1, "tare: wait 'web': container \"web\" does not exist\n" },
    { "delete web", 1, "tare: delete 'web': container \"web\" does not exist\n" },
    { "delete --force web", 0, "" },
    { "delete -f web", 0, "" },
    { "list", 0, "" },
    { "list -q", 0, "" },
};
// clang-format on

static void check_row(const struct row *row, const char *line)
{
    run_line(line);
    if (status != row->status)
        fail_msg("%s: status %d: %s", line, status, errors);
    if (row->errors && strcmp(errors, row->errors) != 0)
        fail_msg("%s: %s", line, errors);
}

static void test_wrong(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        check_row(&wrong[i], wrong[i].line);
        assert_string_equal(output, "");
    }
}

static void test_without_container(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(without_container) / sizeof(without_container[0]); i++) {
        char line[128];
        snprintf(line, sizeof(line), "--root %s %s", root, without_container[i].line);
        check_row(&without_container[i], line);
        snprintf(line, sizeof(line), "--root=%s/missing %s", root, without_container[i].line);
        check_row(&without_container[i], line);
    }
}

static void test_list(void **state)
{
    (void) state;
    char line[128];
    snprintf(line, sizeof(line), "--root %s list --format=json", root);
    run_line(line);
    assert_string_equal(output, "[]\n");
    snprintf(line, sizeof(line), "--root %s list", root);
    run_line(line);
    assert_string_equal(output,
                        "ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
    snprintf(line, sizeof(line), "--root %s list --quiet", root);
    run_line(line);
    assert_string_equal(output, "");
}

static void test_log(void **state)
{
    (void) state;
    char path[64], line[160];
    snprintf(path, sizeof(path), "%s/log", root);
    snprintf(line, sizeof(line), "--log %s --log-format json create --nonsense web", path);
    run_line(line);
    assert_int_equal(status, 64);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    read_back(fd, output, sizeof(output));
    unlink(path);
    assert_starts(output, "{\"level\":\"error\",\"msg\":\"create: unknown option");
}

static void test_failed_writes(void **state)
{
    (void) state;
    static const char *const lines[] = { "features", "help", "version", "help create",
                                         "--root /nonexistent list" };
    int pipes[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    close(pipes[0]);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        run_with(full, lines[i]);
        assert_int_equal(status, 1);
        assert_non_null(strstr(errors, "standard output: "));
        assert_non_null(strstr(errors, "(ENOSPC)"));
        run_with(pipes[1], lines[i]);
        assert_int_equal(status, 1);
        assert_string_equal(errors, ""); /* who has read enough wants no message */
    }
    close(pipes[1]);
    close(full);
}

static void test_spec(void **state)
{
    (void) state;
    char path[64], line[128];
    snprintf(path, sizeof(path), "%s/config.json", root);
    snprintf(line, sizeof(line), "spec --bundle %s", root);
    run_line(line);
    assert_int_equal(status, 0);
    assert_string_equal(output, "");
    assert_string_equal(errors, "");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    read_back(fd, output, sizeof(output));
    assert_starts(output, "{\n  \"ociVersion\": \"1.3.0\",\n");

    assert_int_equal(truncate(path, 1), 0);
    run_line(line);
    assert_int_equal(status, 1);
    assert_starts(errors, "tare: spec: config.json already exists\nhint: ");
    fd = open(path, O_RDONLY | O_CLOEXEC);
    read_back(fd, output, sizeof(output));
    assert_string_equal(output, "{");
    unlink(path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "without a command, usage on standard error", test_nothing, NULL, NULL, NULL },
        { "help tells about every command and option", test_help, NULL, NULL, NULL },
        { "help fits into 100 columns", test_width, NULL, NULL, NULL },
        { "--version has the lines that engines know", test_version, NULL, NULL, NULL },
        { "[OP5] [OP6] [OP13] a wrong command line is refused", test_wrong, NULL, NULL, NULL },
        { "[OP3] what is said of a container that is not there", test_without_container, NULL, NULL,
          NULL },
        { "an empty list", test_list, NULL, NULL, NULL },
        { "the log hears of a wrong command line", test_log, NULL, NULL, NULL },
        { "a write that fails is an error", test_failed_writes, NULL, NULL, NULL },
        { "spec writes a config, but never over another", test_spec, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
