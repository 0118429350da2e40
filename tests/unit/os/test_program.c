/* SPDX-License-Identifier: Apache-2.0 */
/* os/program: what a program gets, what is said of its end, and that it cannot hold us. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "libocispec/arena.h"
#include "os/clock.h"
#include "os/interrupts.h"
#include "os/program.h"
#include "tests/unit/os/in_child.h"

enum { LARGE = 1 << 20 };

static const char *const no_strings[] = { NULL };
static const char *const own_name[] = { "x", NULL };
static char directory[] = "/tmp/tare-program-XXXXXX";

/* Runs a shell script; what it writes to descriptor 1 is for the error alone. */
static struct error *run_script(const char *script, struct program *program)
{
    const char *const args[] = { "sh", "-c", script, NULL };

    program->path = "/bin/sh";
    program->args = args;
    if (!program->env)
        program->env = no_strings;
    program->file = -1;
    if (program->directory == 0)
        program->directory = -1;
    return program_run(program);
}

static struct error *run(const char *script)
{
    struct program program = { 0 };
    return run_script(script, &program);
}

static void assert_fails(struct error *error, const char *text)
{
    assert_non_null(error);
    assert_string_equal(error->text, text);
    assert_int_equal(error->code, ERROR_PROGRAM);
    error_forget(error);
}

static void assert_runs(struct error *error)
{
    if (error)
        fail_msg("%s (errno %d)", error->text, error->number);
}

static void test_ends(void **state)
{
    (void) state;
    assert_runs(run("exit 0"));
    assert_fails(run("exit 3"), "/bin/sh exited with status 3");
    assert_fails(run("kill -9 $$"), "/bin/sh was killed by signal 9");
    assert_fails(run("echo first; echo ' the last  ' >&2; echo; exit 1"),
                 "/bin/sh exited with status 1: the last");
    assert_fails(run("echo word; kill -15 $$"), "/bin/sh was killed by signal 15: word");
    assert_fails(run("printf 'a\\0b'; exit 1"), "/bin/sh exited with status 1: a b");
    assert_fails(run("printf 'old\\rnew'; exit 1"), "/bin/sh exited with status 1: new");
    assert_fails(run("printf '\\n\\n '; exit 1"), "/bin/sh exited with status 1");
}

/* Its last 511 bytes, and the whole of it is read. */
/* All that it writes to standard output, what stays in the background not waited for; standard
 * error is for the error. */
static void test_read(void **state)
{
    (void) state;
    static char memory[1 << 21] __attribute__((aligned(4096)));
    struct arena arena = { .base = memory, .size = sizeof(memory) };
    const char *args[] = { "sh", "-c", "sleep 100 & echo one; echo two >&2; printf three", NULL };
    const struct program program = {
        .path = "/bin/sh", .args = args, .env = no_strings, .file = -1, .directory = -1
    };
    const char *text = NULL;
    assert_runs(program_read(&program, 64, &arena, &text));
    assert_string_equal(text, "one\nthree");

    text = NULL;
    args[2] = "head -c 1000000 /dev/zero | tr '\\0' x";
    assert_runs(program_read(&program, LARGE, &arena, &text));
    assert_int_equal(strlen(text), 1000000);

    text = NULL;
    struct error *error = program_read(&program, 999999, &arena, &text);
    assert_non_null(error);
    assert_true(error_forget_if(error, EFBIG));
    assert_null(text);

    args[2] = "echo out; echo why >&2; exit 2";
    assert_fails(program_read(&program, 64, &arena, &text), "/bin/sh exited with status 2: why");
    assert_null(text);
}

static void test_flood(void **state)
{
    (void) state;
    struct error *error = run("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1");
    assert_non_null(error);
    assert_int_equal(strlen(error->text), strlen("/bin/sh exited with status 1: ") + 511);
    assert_int_equal(error->text[strlen(error->text) - 1], 'x');
    error_forget(error);
    assert_fails(run("head -c 3000000 /dev/zero; echo; echo end; exit 1"),
                 "/bin/sh exited with status 1: end");
}

/* Puts its INPUT into a file named "got". */
static void test_input(void **state)
{
    static char large[LARGE], got[LARGE + 64];
    struct program program = {
        .input = { { "[", 1 }, { large, sizeof(large) }, { "]\n", 2 } },
        .directory = open(directory, O_PATH | O_CLOEXEC),
    };

    (void) state;
    memset(large, 'x', sizeof(large));
    assert_true(program.directory >= 0);
    /* Much is written before anything is read. */
    assert_runs(run_script("head -c 300000 /dev/zero; cat >got", &program));
    auto_close int file = openat(program.directory, "got", O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(file, got, sizeof(got)), LARGE + 3);
    assert_int_equal(got[0], '[');
    assert_memory_equal(got + 1, large, LARGE);
    assert_memory_equal(got + LARGE + 1, "]\n", 2);
    unlinkat(program.directory, "got", 0);
    close(program.directory);
}

/* Neither of these may end us by SIGPIPE, or leave us waiting. */
static void ignore_input(void)
{
    static char large[LARGE];
    struct program program = { .input = { { large, sizeof(large) } } };

    signal(SIGPIPE, SIG_DFL);
    demand(!run_script("exit 0", &program));
    demand(!run_script("exec <&-; sleep 0.1", &program));
    demand(!run_script("head -c 10 >/dev/null", &program));
    program.input[0].length = 0;
    demand(!run_script("cat", &program));
}

static void test_ignored_input(void **state)
{
    (void) state;
    in_child(ignore_input);
}

static double seconds_since(uint64_t began)
{
    return (double) (clock_now() - began) / 1e9;
}

/* Its group goes with it: then nobody holds the fifo any more. */
static void test_timeout(void **state)
{
    struct program program = { .seconds = 5, .directory = open(directory, O_PATH | O_CLOEXEC) };
    uint64_t began = clock_now();

    (void) state;
    assert_int_equal(mkfifoat(program.directory, "held", 0600), 0);
    struct pollfd held = { .fd = openat(program.directory, "held", O_RDONLY | O_NONBLOCK) };
    assert_fails(run_script("exec 3>held; echo waiting; sleep 90 & (sleep 90; :); :", &program),
                 "/bin/sh did not end within 5 s, and was killed: waiting");
    double took = seconds_since(began);
    assert_true(took >= 5 && took < 60);
    assert_int_equal(poll(&held, 1, 20000), 1);
    assert_int_equal(held.revents, POLLHUP);
    close(held.fd);
    assert_int_equal(unlinkat(program.directory, "held", 0), 0);
    close(program.directory);

    /* In time; and one that is slow to read is not late for that. */
    program.directory = -1;
    program.seconds = 30;
    assert_runs(run_script("sleep 0.1; cat >/dev/null", &program));
}

/* One in the background that holds the output is not waited for. */
static void test_background(void **state)
{
    uint64_t began = clock_now();

    (void) state;
    assert_runs(run("sleep 30 & echo $! >&2; exit 0"));
    assert_fails(run("sleep 30 & echo last; exit 4"), "/bin/sh exited with status 4: last");
    assert_fails(run("echo more; (while :; do echo more; done) & sleep 0.05; exit 4"),
                 "/bin/sh exited with status 4: more");
    assert_true(seconds_since(began) < 25);
}

/* One that came before counts too, and is taken, but if it was forgotten, or is ignored; without
 * the wish, it stays. */
static void get_signals(void)
{
    struct program program = { .heeds_signals = true };
    sigset_t terminate, pending;

    sigemptyset(&terminate);
    sigaddset(&terminate, SIGTERM);
    sigaddset(&terminate, SIGHUP);
    signal(SIGHUP, SIG_IGN);
    demand(!sigprocmask(SIG_BLOCK, &terminate, NULL) && !raise(SIGHUP));
    demand(!run_script("sleep 0.1", &program));
    demand(!raise(SIGTERM));
    struct error *error = run_script("sleep 30", &program);
    demand(error && strcmp(error->text, "/bin/sh was killed, since signal 15 came") == 0);
    error_forget(error);
    demand(!run_script("sleep 0.1", &program));
    demand(!raise(SIGTERM));
    demand(!run("sleep 0.1"));
    demand(!sigpending(&pending) && sigismember(&pending, SIGTERM) == 1);
    interrupts_forget();
    demand(!sigpending(&pending) && sigismember(&pending, SIGTERM) == 0);
    demand(!run_script("sleep 0.1", &program));
}

static void test_signals(void **state)
{
    (void) state;
    in_child(get_signals);
}

static void test_environment(void **state)
{
    static const char *const env[] = { "A=1", "B=x y", NULL };
    struct program program = { .env = env };

    (void) state;
    setenv("LD_PRELOAD", "", 1);
    setenv("LEAK", "1", 1);
    assert_runs(
        run_script("[ \"$A$B\" = '1x y' ] && [ -z \"${LEAK+x}${LD_PRELOAD+x}\" ]", &program));
    unsetenv("LEAK");
    unsetenv("LD_PRELOAD");
}

/* Signals, descriptors, the session. */
static void look_at_state(void)
{
    static const char script[] =
        "set -- /proc/self/fd/*\n"
        "[ $# = 4 ] || { echo \"$*\"; exit 1; }\n" /* of the shell itself: 0 to 2, and the directory
                                                    */
        "while read -r name value; do\n"
        "  case $name in SigBlk:|SigIgn:) [ \"$value\" = 0000000000000000 ] || exit 2 ;; esac\n"
        "done </proc/self/status\n"
        "read -r _ _ _ _ group session _ </proc/self/stat\n"
        "[ \"$group\" = $$ ] && [ \"$session\" = $$ ] || exit 3\n";
    sigset_t all;

    demand(open("/dev/null", O_RDONLY) >= 0); /* not close-on-exec */
    sigfillset(&all);
    for (int number = 1; number <= 64; number++)
        signal(number, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_SETMASK, &all, NULL);
    struct error *error = run(script);
    if (error)
        dprintf(STDERR_FILENO, "# %s\n", error->text);
    demand(!error);
}

static void test_state(void **state)
{
    (void) state;
    in_child(look_at_state);
}

static void write_script(const char *name, const char *text)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    auto_close int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
}

static void test_not_executed(void **state)
{
    struct program program = {
        .path = "/nowhere/x", .args = own_name, .env = no_strings, .file = -1, .directory = -1
    };

    (void) state;
    struct error *error = program_run(&program);
    assert_string_equal(error->text, "execute /nowhere/x");
    assert_int_equal(error->code, ERROR_PROGRAM);
    assert_true(error_forget_if(error, ENOENT));
    program.path = "/proc/self/status";
    assert_true(error_forget_if(program_run(&program), EACCES));
    program.path = "/bin/sh";
    program.directory = open("/dev/null", O_RDONLY | O_CLOEXEC);
    error = program_run(&program);
    assert_string_equal(error->text, "enter the working directory of /bin/sh");
    assert_true(error_forget_if(error, ENOTDIR));
    close(program.directory);
}

/* What is executed is the file that was opened, whatever has its name by now. */
static void test_file(void **state)
{
    char path[128], other[128];
    const char *const args[] = { "name", NULL };
    struct program program = { .path = path, .args = args, .env = no_strings, .directory = -1 };

    (void) state;
    snprintf(path, sizeof(path), "%s/script", directory);
    snprintf(other, sizeof(other), "%s/other", directory);
    write_script("script", "#!/bin/sh\necho \"first $0\"\nexit 5\n");
    auto_close int file = open(path, O_PATH | O_CLOEXEC);
    program.file = file;
    struct error *error = program_run(&program);
    assert_non_null(error);
    assert_non_null(strstr(error->text, "/script exited with status 5: first /tmp/"));
    error_forget(error);

    assert_int_equal(rename(path, other), 0);
    write_script("script", "#!/bin/sh\necho second\nexit 6\n");
    error = program_run(&program);
    assert_non_null(error);
    assert_non_null(strstr(error->text, "exited with status 5: first /dev/fd/"));
    error_forget(error);
    unlink(path);
    unlink(other);
}

/* Nothing is left open, and no child unreaped. */
static void count_descriptors(void)
{
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct program missing = {
        .path = "/x", .args = own_name, .env = no_strings, .file = -1, .directory = -1
    };

    close(before);
    error_forget(run("exit 0"));
    error_forget(run("exit 1"));
    error_forget(program_run(&missing));
    demand(open("/dev/null", O_RDONLY | O_CLOEXEC) == before);
    demand(waitpid(-1, NULL, 0) < 0 && errno == ECHILD);

    struct rlimit few;
    demand(!getrlimit(RLIMIT_NOFILE, &few));
    few.rlim_cur = (rlim_t) before + 3;
    demand(!setrlimit(RLIMIT_NOFILE, &few));
    struct error *error = run("exit 0");
    demand(error && error->number == EMFILE);
    demand(strcmp(error->text, "run /bin/sh: open a pipe") == 0);
}

static void test_nothing_left(void **state)
{
    (void) state;
    in_child(count_descriptors);
}

static int set_up(void **state)
{
    (void) state;
    return mkdtemp(directory) == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),          cmocka_unit_test(test_flood),
        cmocka_unit_test(test_read),          cmocka_unit_test(test_input),
        cmocka_unit_test(test_ignored_input), cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_background),    cmocka_unit_test(test_environment),
        cmocka_unit_test(test_state),         cmocka_unit_test(test_not_executed),
        cmocka_unit_test(test_file),          cmocka_unit_test(test_signals),
        cmocka_unit_test(test_nothing_left),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
