/* SPDX-License-Identifier: Apache-2.0 */
/* os/proc: what is below a verified procfs, and everything that only looks like it. */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "os/fd.h"
#include "os/proc.h"
#include "os/syscalls.h"
#include "tests/unit/os/in_child.h"

static void finds_masks(void **state)
{
    (void) state;
    const char *status = "Name:\tx\nSigIgn:\t00000000800000ff\nBad:\t12g\nNone:\t\nCapBnd:\tfff";
    uint64_t mask = 7;

    assert_true(proc_find_mask(status, "SigIgn", &mask));
    assert_int_equal(mask, 0x800000ff);
    assert_false(proc_find_mask(status, "Ign", &mask));
    assert_false(proc_find_mask(status, "Bad", &mask));
    assert_false(proc_find_mask(status, "None", &mask));
    assert_false(proc_find_mask(status, "CapBnd", &mask)); /* cut */
    assert_false(proc_find_mask("", "CapBnd", &mask));
    assert_int_equal(mask, 0x800000ff);
    assert_ptr_equal(proc_find_line(status, "Bad"), strstr(status, "12g"));
    assert_null(proc_find_line(status, "CapBnd"));
    assert_null(proc_find_line(status, "SigIg"));
}

static int open_root(bool is_subset)
{
    int proc = -1;
    demand(!proc_open(is_subset, &proc));
    demand(fcntl(proc, F_GETFD) == FD_CLOEXEC);
    return proc;
}

static bool is_refused(struct error *error)
{
    bool refused = error != NULL;
    error_forget(error);
    return refused;
}

static bool is_read_refused(int proc, const char *path)
{
    char text[64] = "untouched";
    return is_refused(proc_read(proc, path, text, sizeof(text))) && !strcmp(text, "untouched");
}

static void own_path(char *path, size_t size, const char *name)
{
    snprintf(path, size, "%d/%s", getpid(), name);
}

static void read_and_write(void)
{
    char path[64], text[64], *end;
    int proc = open_root(true);
    own_path(path, sizeof(path), "oom_score_adj");
    demand(!proc_write(proc, path, "777"));
    demand(!proc_read(proc, path, text, sizeof(text)));
    demand(!strcmp(text, "777\n"));
    demand(!proc_read(proc, path, text, 3) && !strcmp(text, "77"));
    demand(error_forget_if(proc_write(proc, path, "99999\n"), EINVAL));
    struct error *error = proc_write(proc, path, "word\n");
    demand(error && strstr(error->text, "write 'word' to /proc/"));
    error_forget(error);

    own_path(path, sizeof(path), "stat");
    demand(!proc_read(proc, path, text, sizeof(text)));
    demand(strtol(text, &end, 10) == getpid() && *end == ' ');
    own_path(path, sizeof(path), "nothing");
    demand(error_forget_if(proc_read(proc, path, text, sizeof(text)), ENOENT));
}

static void choose_what_to_show(void)
{
    char text[64];
    int whole = open_root(false);
    demand(!proc_read(whole, "sys/kernel/ostype", text, sizeof(text)));
    demand(!strcmp(text, "Linux\n"));
    if (geteuid() != 0)
        _exit(CHILD_SKIPS);
    int subset = open_root(true);
    demand(error_forget_if(proc_read(subset, "sys/kernel/ostype", text, sizeof(text)), ENOENT));
}

static void refuse_links(void)
{
    char path[64];
    int proc = open_root(true);
    demand(is_read_refused(proc, "self/stat"));
    demand(is_read_refused(proc, "self"));
    own_path(path, sizeof(path), "cwd");
    demand(is_read_refused(proc, path));
    own_path(path, sizeof(path), "root/proc/version");
    demand(is_read_refused(proc, path));
    own_path(path, sizeof(path), "exe");
    demand(is_read_refused(proc, path));
    own_path(path, sizeof(path), "fd/0");
    demand(is_read_refused(proc, path));
    demand(is_refused(proc_write(proc, "self/oom_score_adj", "0")));
}

static void refuse_ways_out(void)
{
    char path[64];
    int proc = open_root(false);
    demand(is_read_refused(proc, "/proc/version"));
    demand(is_read_refused(proc, "../etc/passwd"));
    demand(is_read_refused(proc, ""));
    own_path(path, sizeof(path), "../../etc/passwd");
    demand(is_read_refused(proc, path));
}

static void enter_own_mounts(void)
{
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
        _exit(CHILD_SKIPS);
}

static void refuse_what_is_mounted_over(void)
{
    enter_own_mounts();
    int plain = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char text[64], path[64], name[96];
    own_path(path, sizeof(path), "oom_score_adj");
    snprintf(name, sizeof(name), "/proc/%s", path);
    demand(!proc_read(plain, path, text, sizeof(text)));
    demand(!mount("/proc/version", name, NULL, MS_BIND, NULL));
    demand(is_read_refused(plain, path));
    demand(is_refused(proc_write(plain, path, "0")));

    demand(!mount("tare", "/proc/sys", "tmpfs", 0, NULL));
    demand(!mkdir("/proc/sys/kernel", 0700));
    close(open("/proc/sys/kernel/ostype", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    demand(is_read_refused(plain, "sys/kernel/ostype"));

    /* An own procfs does not see any of that. */
    int proc = open_root(false);
    demand(!proc_read(proc, "sys/kernel/ostype", text, sizeof(text)));
    demand(!strcmp(text, "Linux\n"));
}

static void fall_back(void)
{
    refuse_call(SYS_fsopen, ENOSYS);
    char text[64];
    demand(!proc_read(open_root(true), "sys/kernel/ostype", text, sizeof(text)));
    refuse_call(SYS_open_tree, ENOSYS);
    int plain = open_root(true);
    demand(!proc_read(plain, "sys/kernel/ostype", text, sizeof(text)));
    demand(!strcmp(text, "Linux\n"));
    demand(is_read_refused(plain, "self/stat"));
}

static bool is_open_refused(void)
{
    int proc = -1;
    return is_refused(proc_open(true, &proc)) && proc == -1;
}

static void refuse_false_roots(void)
{
    enter_own_mounts();
    refuse_call(SYS_fsopen, EPERM);
    demand(!mount("/proc/sys", "/proc", NULL, MS_BIND, NULL));
    demand(is_open_refused());
    demand(!mount("tare", "/proc", "tmpfs", 0, NULL));
    demand(is_open_refused());
    refuse_call(SYS_open_tree, EPERM);
    demand(is_open_refused());
}

static void read_starts(void)
{
    static const char *const names[] = { "plain", "a) R 1 2 (b", ") Z 0 0 0 0 0", "((((", "a\nb" };
    int proc = open_root(true);
    unsigned long long first = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unsigned long long start = 0;
        char state = 0;
        demand(!prctl(PR_SET_NAME, names[i]));
        demand(!proc_read_start(proc, getpid(), &start, &state));
        demand(state == 'R' && start > 0);
        demand(i == 0 || start == first);
        first = start;
    }

    /* The tick is that of the boot clock, at which we were born a moment ago. */
    struct timespec now;
    demand(!clock_gettime(CLOCK_BOOTTIME, &now));
    unsigned long long ticks = (unsigned long long) (now.tv_sec * sysconf(_SC_CLK_TCK));
    demand(first <= ticks + 200 && first + 60000 > ticks);
}

static void read_starts_of_others(void)
{
    int proc = open_root(true);
    unsigned long long start = 7;
    char state = 'x';
    pid_t child = fork();
    demand(child >= 0);
    if (child == 0)
        _exit(0);
    siginfo_t info;
    demand(!waitid(P_PID, (id_t) child, &info, WEXITED | WNOWAIT));
    demand(!proc_read_start(proc, child, &start, &state) && state == 'Z' && start > 7);
    demand(waitpid(child, NULL, 0) == child);

    start = 7;
    struct error *error = proc_read_start(proc, child, &start, &state);
    demand(error && (error->number == ENOENT || error->number == ESRCH));
    demand(start == 7 && state == 'Z');
}

/* The procfs of an outer pid namespace, where a new one is refused: other processes have our
 * numbers there, but it knows us, and what belongs to nobody. */
static void serve_itself_from_an_outer_one(void)
{
    char name[PROC_NAME_SIZE], path[64], text[64];
    auto_close int proc = -1;
    int status;
    if (geteuid() || unshare(CLONE_NEWPID))
        _exit(CHILD_SKIPS);
    pid_t child = fork();
    if (!child) {
        refuse_call(SYS_fsopen, EPERM);
        demand(getpid() == 1 && is_refused(proc_open(true, &proc)) && proc < 0);
        demand(!proc_open_any(true, &proc) && !proc_name_self(proc, name));
        demand(strcmp(name, "1") != 0);
        snprintf(path, sizeof(path), "%s/comm", name);
        demand(!proc_read(proc, path, text, sizeof(text)) && strstr(text, "test_proc"));
        demand(!proc_read(proc, "sys/kernel/ostype", text, sizeof(text)));
        _exit(0);
    }
    demand(waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status));
}

/* Whatever lies there, an answer is that of the kernel, and about the caller. */
static void read_what_is_its_own(void)
{
    char text[4096], name[64], fake[] = "/tmp/test_proc-XXXXXX";
    demand(!prctl(PR_SET_NAME, "its-own") && !proc_read_own("status", text, sizeof(text)));
    demand(!strncmp(text, "Name:\tits-own\n", 14) && proc_find_line(text, "NoNewPrivs"));
    demand(!proc_read_own("comm", name, 4) && !strcmp(name, "its"));
    demand(is_refused(proc_read_own("none", text, sizeof(text))));
    demand(is_refused(proc_read_own("cwd/stat", text, sizeof(text))));
    proc_forget();

    enter_own_mounts();
    int file = mkstemp(fake);
    demand(file >= 0 && write(file, "fake\n", 5) == 5 && !close(file));
    demand(!mount(fake, "/proc/self/comm", NULL, MS_BIND, NULL));
    demand(is_refused(proc_read_own("comm", text, sizeof(text))));
    proc_forget();
    demand(!mount("tare", "/proc", "tmpfs", 0, NULL) && !mkdir("/proc/self", 0700));
    demand(!close(open("/proc/self/comm", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
    demand(!mount(fake, "/proc/self/comm", NULL, MS_BIND, NULL) && !unlink(fake));
    struct error *error = proc_read_own("comm", text, sizeof(text));
    demand(error || !strcmp(text, "its-own\n")); /* from one that is our own */
    error_forget(error);
}

#define BODIES                                                                                     \
    BODY(read_and_write)                                                                           \
    BODY(choose_what_to_show)                                                                      \
    BODY(refuse_links)                                                                             \
    BODY(refuse_ways_out)                                                                          \
    BODY(refuse_what_is_mounted_over)                                                              \
    BODY(fall_back)                                                                                \
    BODY(refuse_false_roots)                                                                       \
    BODY(read_starts)                                                                              \
    BODY(read_starts_of_others)                                                                    \
    BODY(serve_itself_from_an_outer_one)                                                           \
    BODY(read_what_is_its_own)

/* Each of them with openat2(2), and without it as in a sandbox or before Linux 5.6. */
#define BODY(name)                                                                                 \
    static void name##_without_openat2(void)                                                       \
    {                                                                                              \
        refuse_call(SYS_openat2, ENOSYS);                                                          \
        name();                                                                                    \
    }                                                                                              \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void) state;                                                                              \
        in_child(name);                                                                            \
        in_child(name##_without_openat2);                                                          \
    }
BODIES
#undef BODY

int main(void)
{
    const struct CMUnitTest tests[] = {
#define BODY(name) { "(R3) " #name, test_##name, NULL, NULL, NULL },
        BODIES
#undef BODY
            cmocka_unit_test(finds_masks),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
